import edfio
import pytest

from eeg_kedro.corpora import embedded_events
from eeg_kedro.corpora.folder_listing import list_folder
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.survey import survey_corpus
from tests.io.test_edf_annotations import write_edf

HEAD = "onset\tduration\teventType\n"
TELLING = (1.5, None, "Jane Doe moved")


def _edf(corpus, *notes, name="a_1.edf"):
    return corpus.edf(name, annotations=[edfio.EdfAnnotation(*note) for note in notes])


def _reason(corpus, survey, path="a_1.edf"):
    return corpus.row(survey, path)["reason"]


def test_declared_texts_inside_a_recording_are_its_labels(corpus):
    _edf(corpus, (1.25, 2.5, "seizure"), (3.0, 1.0, "sz"), (8.0, 1.0, "bckg"))
    survey = corpus.survey()
    row = survey.inventory.iloc[0]
    assert (row["annotated"], row["annotation_source"], row["n_seizures"]) == (True, "a_1.edf", 1)
    assert survey.events["onset_sample"].tolist() == [320, 768, 2048]
    assert set(survey.events["source"]) == {"a_1.edf"}
    assert "labelled by the 3 annotations inside the file itself" in _reason(corpus, survey)
    assert corpus.row(survey, "a_1.edf")["status"] == "taken"


def test_one_undeclared_text_and_none_is_used_and_none_is_shown(corpus):
    _edf(corpus, (1.25, 2.5, "seizure"), TELLING)
    survey = corpus.survey()
    assert survey.events.empty
    assert survey.inventory["annotated"].tolist() == [False]
    assert "holds 2 annotations of its own that were not used: 1 texts are no declared label" in _reason(
        corpus, survey
    )
    assert "Jane" not in "".join(table.to_csv() for table in survey.tables)


def test_declaring_the_texts_makes_them_labels(corpus):
    _edf(corpus, (1.25, 2.5, "Sz onset right"), (4.0, None, "Eyes open"))
    survey = corpus.survey(extra_labels={"sz onset right": "seizure", "eyes open": "other"})
    assert survey.events["kind"].tolist() == ["seizure", "other"]
    assert survey.inventory["seizure_seconds"].tolist() == [2.5]


def test_a_recording_without_annotations_of_its_own_is_not_annotated(corpus):
    _edf(corpus)
    for option in ("auto", "ignore", "require"):
        survey = corpus.survey(edf_annotations=option)
        assert survey.inventory["annotated"].tolist() == [False]
        assert "of its own" not in _reason(corpus, survey)


def test_ignored_annotations_are_counted(corpus):
    _edf(corpus, (1.25, 2.5, "seizure"))
    survey = corpus.survey(edf_annotations="ignore")
    assert survey.inventory["annotated"].tolist() == [False]
    assert "holds 1 annotations of its own that were not used, as ingest.edf_annotations says" in _reason(
        corpus, survey
    )


def test_required_annotations_name_number_and_time_of_an_undeclared_text(corpus):
    _edf(corpus, (1.25, 2.5, "seizure"), TELLING)
    survey = corpus.survey(edf_annotations="require")
    row = corpus.row(survey, "a_1.edf")
    assert (row["status"], row["failed"]) == ("refused", True)
    assert "the file's own annotation 2, at 1.5 s, is no declared label" in row["reason"]
    assert "ingest.extra_labels" in row["remedy"]
    assert "Jane" not in row["reason"] + row["remedy"]


def test_a_seizure_marked_by_a_moment_labels_nothing(corpus):
    _edf(corpus, (1.25, None, "seizure"))
    survey = corpus.survey()
    assert survey.inventory["annotated"].tolist() == [False]
    assert "1 seizures are marked by a moment, without a duration" in _reason(corpus, survey)
    survey = corpus.survey(edf_annotations="require")
    assert "annotation 1, at 1.25 s, is a seizure that lasts no time" in _reason(corpus, survey)


def test_broken_lists_refuse_a_recording_only_where_they_are_required(corpus):
    write_edf(corpus.root / "a_1.edf", [b"+0\x14\x14\0", b"+1\x14\x14\0Jane Doe"] * 5)
    survey = corpus.survey()
    assert survey.inventory["annotated"].tolist() == [False]
    assert (
        "annotations of its own were not used: annotation list 3, in data record 2, has no readable time"
        in _reason(corpus, survey)
    )
    required = corpus.survey(edf_annotations="require")
    assert required.inventory.empty
    assert "Jane" not in "".join(table.to_csv() for table in (*survey.tables, *required.tables))


def test_an_annotation_file_comes_first_and_undeclared_texts_inside_are_counted(corpus):
    _edf(corpus, (1.25, 2.5, "seizure"), TELLING)
    corpus.text("a_1_events.tsv", HEAD + "5\t1\tsz\n")
    survey = corpus.survey()
    assert survey.inventory["seizure_seconds"].tolist() == [1.0]
    assert "holds 2 annotations of its own that were not used: 1 texts" in _reason(corpus, survey)


def test_other_labels_inside_say_nothing_against_the_seizures_of_a_file(corpus):
    _edf(corpus, (1.25, 2.5, "eyes open"))
    corpus.text("a_1_events.tsv", HEAD + "5\t1\tsz\n")
    survey = corpus.survey(extra_labels={"eyes open": "other"})
    assert survey.inventory["seizure_seconds"].tolist() == [1.0]
    assert "they do not say where seizures are" in _reason(corpus, survey)


def test_only_files_with_an_annotation_signal_are_opened_for_it(corpus, monkeypatch):
    corpus.edf("plain_1.edf")
    _edf(corpus, (1.25, 2.5, "sz"), name="plus_1.edf")
    looked = []
    monkeypatch.setattr(
        embedded_events, "read_edf_annotations", lambda file: looked.append(file.relative) or iter(())
    )
    corpus.survey()
    assert looked == ["plus_1.edf"]


@pytest.mark.parametrize("option", ["auto", "require"])
@pytest.mark.parametrize(("stop", "taken"), [(3.9, True), (9.0, False)])
def test_annotations_inside_are_held_against_the_annotation_file(corpus, stop, taken, option):
    _edf(corpus, (1.25, stop - 1.25, "seizure"))
    corpus.text("a_1_events.tsv", HEAD + "1.25\t2.5\tsz\n")
    survey = corpus.survey(edf_annotations=option)
    assert len(survey.inventory) == taken
    said = "the 1 annotations inside the file itself: only compared: agrees" if taken else "to 9 s"
    assert said in _reason(corpus, survey)
    assert taken or "ingest.edf_annotations=ignore" in corpus.row(survey, "a_1.edf")["remedy"]
    assert len(corpus.survey(edf_annotations="ignore").inventory) == 1


@pytest.mark.parametrize(
    ("note", "option", "background"),
    [
        (TELLING, "auto", False),  # nobody knows what it says
        ((1.25, None, "seizure"), "auto", False),
        ((1.25, 2.0, "seizure"), "ignore", False),
        (TELLING, "ignore", False),
        ((1.25, 2.0, "bckg"), "ignore", True),
    ],
)
def test_what_may_be_a_seizure_inside_a_file_is_never_made_background_by_option(
    corpus, note, option, background
):
    _edf(corpus, note)
    survey = corpus.survey(unannotated="background", edf_annotations=option)
    assert survey.inventory["annotated"].tolist() == [background]
    assert "holds 1 annotations of its own" in _reason(corpus, survey)
    assert ("taken for background" in _reason(corpus, survey)) == background


def test_real_files_with_both_work_in_every_mode(shared_data):
    for option in ("auto", "ignore", "require"):
        options = IngestOptions(edf_annotations=option)
        survey = survey_corpus(list_folder(shared_data / "iiic_edf"), "auto", options)
        assert survey.inventory["n_seizures"].tolist() == [0, 1, 1]
        assert survey.inventory["annotation_source"].str.endswith("_events.tsv").all()


def test_real_files_of_undeclared_texts_are_counted_as_their_facts_say(shared_data):
    report = survey_corpus(list_folder(shared_data / "edf"), "flat", IngestOptions()).report
    told = report.set_index("path")["reason"].str.extract(r"holds (\d+) annotations of its own")[0].dropna()
    assert told.to_dict() == {
        "mne_test.edf": "5",
        "pyedflib_test_generator.edf": "2",
        "pyedflib_test_subsecond.edf": "4",
    }
    assert not report["reason"].str.contains("XLSpike|type A|Recording starts").any()


def test_annotations_inside_a_file_with_a_gap_go_to_their_segment(corpus):
    onsets = [0, 1, 2, 3, 100, 101, 102, 103]
    lists = [b"+%d\x14\x14\0" % onset for onset in onsets]
    lists[1] += b"+1.5\x151\x14sz\x14\0"
    lists[4] += b"+50\x151\x14sz\x14\0+101.2\x152\x14sz\x14\0"
    write_edf(corpus.root / "a_1.edf", lists, reserved="EDF+D")
    survey = corpus.survey()
    assert survey.events[["run", "onset", "onset_sample", "n_samples"]].values.tolist() == [
        ["1-seg1", 1.5, 15, 10],
        ["1-seg2", pytest.approx(1.2), 12, 20],
    ]
    assert _reason(corpus, survey).count("sz 50 to 51 s lies in no part of the recording") == 1
