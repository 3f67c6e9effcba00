import pytest

BI = "channel,start_time,stop_time,label,confidence\nTERM,{},{},seiz,1\n"
HEAD = "onset\tduration\teventType\n"
TSE = "version = tse_v1.0.0\n\n0 5 fnsz 1\n"
RUN = "sub-01/eeg/sub-01_task-x_run-01"


@pytest.fixture
def elsewhere(corpus, tmp_path):
    """A folder of annotations outside the corpus, to write into."""

    def write(relative, content):
        path = tmp_path / "labels" / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return {"annotations_root": str(tmp_path / "labels")}

    return write


@pytest.mark.parametrize("unannotated", ["unknown", "background"])
def test_two_files_of_one_name_are_never_passed_over(corpus, elsewhere, unannotated):
    corpus.edf("rec/a_1.edf", seconds=2)
    corpus.edf("rec/b_1.edf", seconds=2)
    elsewhere("r1/a_1.csv_bi", BI.format(0, 1))
    survey = corpus.survey(**elsewhere("r2/a_1.csv_bi", BI.format(0, 2)), unannotated=unannotated)
    assert survey.inventory["participant"].tolist() == ["b"]
    for path in ("rec/a_1.edf", "labels/r1/a_1.csv_bi", "labels/r2/a_1.csv_bi"):
        row = corpus.row(survey, path)
        assert "2 files of this name (found 'labels/r1/a_1.csv_bi, labels/r2/a_1.csv_bi')" in row["reason"]
        assert (row["status"], row["failed"]) == ("refused", path.endswith(".edf"))
        assert row["remedy"] == "remove or rename all but one"


@pytest.mark.parametrize("options", [{}, {"unannotated": "background"}])
def test_two_summaries_of_one_case_are_never_passed_over(corpus, options):
    corpus.edf("edf/chb01_03.edf", seconds=2)
    for folder in ("s1", "s2"):
        corpus.text(f"{folder}/chb01-summary.txt", "File Name: chb01_03.edf\nNumber of Seizures in File: 0\n")
    survey = corpus.survey(**options)
    assert survey.inventory.empty
    assert (
        "2 files of this name (found 's1/chb01-summary.txt, s2/ch"
        in corpus.row(survey, "edf/chb01_03.edf")["reason"]
    )


def test_the_spelling_of_the_recording_wins_over_another_case(corpus):
    corpus.edf("a_1.edf", seconds=5)
    corpus.text("A_1.csv", BI.format(0, 1))
    corpus.text("a_1.csv", BI.format(0, 4))
    survey = corpus.survey()
    assert survey.inventory["annotation_source"].tolist() == ["a_1.csv"]
    assert "it has the name of a_1.edf" in corpus.row(survey, "A_1.csv")["reason"]
    (corpus.root / "a_1.csv").rename(corpus.root / "a_1.CSV")
    survey = corpus.survey()
    assert "2 files of this name (found 'A_1.csv, a_1.CSV')" in corpus.row(survey, "a_1.edf")["reason"]


@pytest.mark.parametrize(("stop", "taken"), [(4.5, True), (9, False)])
def test_a_file_elsewhere_is_held_against_the_one_beside(corpus, elsewhere, stop, taken):
    corpus.edf("a_1.edf")
    corpus.text("a_1.csv_bi", BI.format(1, 4))
    survey = corpus.survey(**elsewhere("deep/a_1.csv_bi", BI.format(1, stop)))
    assert survey.inventory["annotation_source"].tolist() == ["a_1.csv_bi"] * taken
    row = corpus.row(survey, "labels/deep/a_1.csv_bi")
    assert ("agrees" if taken else "labels/deep/a_1.csv_bi: 1 seizure, seizure 1 at 1 to 9 s") in row[
        "reason"
    ]


def test_a_file_at_the_place_of_another_recording_is_not_taken(corpus, elsewhere):
    corpus.edf("p1/1.edf", seconds=5)
    corpus.edf("p2/1.edf", seconds=5)
    options = elsewhere("p2/1.csv", BI.format(1, 4))
    pattern = "^(?P<participant>[^/]+)/(?P<run>.+)$"
    inventory = corpus.survey("flat", participant_pattern=pattern, **options).inventory
    assert inventory["annotated"].tolist() == [False, True]


def test_annotations_in_a_folder_of_the_corpus_serve_its_recordings(corpus):
    corpus.edf(RUN + "_eeg.edf", seconds=5)
    corpus.text(f"labels/{RUN}_events.tsv", HEAD + "1\t3\tsz\n")
    corpus.text("labels/sub-02/eeg/sub-02_task-x_run-01_events.tsv", HEAD + "1\t3\tsz\n")
    survey = corpus.survey(annotations_root=str(corpus.root / "labels"))
    assert survey.inventory["annotation_source"].tolist() == [f"labels/{RUN}_events.tsv"]
    assert survey.events["has_signal"].tolist() == [True]
    assert not survey.report["failed"].any()
    whole = corpus.survey(annotations_root=str(corpus.root))
    assert whole.report["path"].is_unique


def test_a_recording_and_events_of_its_name_elsewhere_in_the_corpus_name_each_other(corpus):
    corpus.edf(RUN + "_eeg.edf", seconds=5)
    corpus.text(f"labels/{RUN}_events.tsv", HEAD + "1\t3\tsz\n")
    row = corpus.row(corpus.survey(), RUN + "_eeg.edf")
    assert f"those of labels/{RUN}_events.tsv too" in row["reason"]
    assert "ingest.annotations_root" in row["remedy"]


@pytest.mark.parametrize(
    ("layout", "recording", "file", "content"),
    [
        ("tusz", "aaaaaaac_s001_t000.edf", "aaaaaaac_s001_t000.lbl", "?"),
        ("bids", RUN + "_eeg.edf", RUN + "_eeg.csv", BI.format(0, 1)),
        ("chbmit", "chb01/chb01_03.edf", "chb01/chb01_03.edf.seizures", "?"),
        ("seizeit", "P_ID1/P_ID1_r2.edf", "P_ID1/P_ID1_r2_events.tsv", HEAD),
        ("siena", "PN00/PN00-1.edf", "PN00/PN00-1.tse", TSE),
    ],
)
def test_a_file_that_a_layout_does_not_read_keeps_its_recording_from_being_background(
    corpus, layout, recording, file, content
):
    corpus.edf(recording, seconds=2)
    corpus.text("P_ID9/P_ID9_r1_a1.tsv", "1\t2\tFIA\n")  # so that seizeit is told by its names
    assert corpus.survey(layout, unannotated="background").inventory["annotated"].tolist() == [True]
    corpus.text(file, content)
    survey = corpus.survey(layout, unannotated="background")
    assert survey.inventory["annotated"].tolist() == [False]
    assert f"{file} has its name and is not read" in corpus.row(survey, recording)["reason"]
    if layout != "chbmit":
        assert recording in corpus.row(survey, file)["reason"] or layout == "tusz"


def test_an_unread_file_elsewhere_counts_as_one_beside(corpus, elsewhere):
    corpus.edf("a_1.edf", seconds=2)
    survey = corpus.survey(unannotated="background", **elsewhere("x/a_1.lbl", "?"))
    assert survey.inventory["annotated"].tolist() == [False]
    assert "labels/x/a_1.lbl has its name" in corpus.row(survey, "a_1.edf")["reason"]
