import csv

import pytest

from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.layouts import choose_layout
from eeg_kedro.corpora.seizeit import recognize

FIRST = "P_ID07/P_ID07_r{}"
HEAD = "# Source: SeizeIt1\n# Subject: P_ID07\n# Gender: Male\n# Age: 20\n \n\n"
STEM = "sub-{:03d}/ses-01/eeg/sub-{:03d}_ses-01_task-szMonitoring_run-{:02d}"
COLUMNS = (
    "onset\tduration\teventType\tlateralization\tlocalization\tvigilance\tconfidence\tchannels\tdateTime\t"
    "recordingDuration\r\n"
)
BTE = ("BTEleft SD", "CROSStop SD")


def _row(onset, duration, label, length="10.00", confidence="n/a"):
    return f"{onset}\t{duration}\t{label}\tleft\ttemp\tawake\t{confidence}\tn/a\t2000-01-01 00:00:00\t{length}\r\n"


def _second(corpus, *rows, subject=1, run=1, edf=False):
    stem = STEM.format(subject, subject, run)
    corpus.text(stem + "_events.tsv", COLUMNS + "".join(rows))
    if edf:
        corpus.edf(stem + "_eeg.edf", names=BTE)
    return stem


def test_twelve_seizures_without_an_end_are_assumed_and_told_one_by_one(corpus):
    for run in range(1, 13):
        corpus.edf(FIRST.format(run) + ".edf", seconds=60, sfreq=250)
        corpus.text(FIRST.format(run) + "_a1.tsv", HEAD + f"{run}\tNone\tFIA\tHem:L, Orig:Temp\n")
    survey = corpus.survey()
    events, told = survey.events, survey.report[survey.report["kind"] == "recording"]
    assert survey.layout == "seizeit"
    assert events["duration"].tolist() == [30.0] * 12
    assert events["confidence"].tolist() == [0.5] * 12
    assert (survey.inventory["seizure_seconds"] == 30).all()
    assert told["status"].tolist() == ["repaired"] * 12
    assert told["reason"].str.contains("has no end: 30 s assumed").all()


def test_an_assumed_end_beyond_the_recording_is_cut_and_told(corpus):
    corpus.edf(FIRST.format(1) + ".edf", seconds=20, sfreq=250)
    corpus.text(FIRST.format(1) + "_a1.tsv", HEAD + "5\tNone\tFIA\tx\n")
    survey = corpus.survey()
    assert survey.events[["onset", "duration", "n_samples"]].values.tolist() == [[5.0, 15.0, 3750]]
    reason = corpus.row(survey, FIRST.format(1) + ".edf")["reason"]
    assert "30 s assumed" in reason
    assert "is cut at the end" in reason


def test_types_of_seizeit1_are_classes_and_names_come_from_the_file(corpus):
    corpus.edf(FIRST.format(2) + ".edf", sfreq=250)
    corpus.text(FIRST.format(2) + "_a1.tsv", HEAD + "1\t2\tFIA\tx\n3\t4\tFA\tx\n5\t6\tF-BTC\tx\n")
    survey = corpus.survey()
    assert survey.events["label"].tolist() == ["sz_foc_ia", "sz_foc_a", "sz_foc_f2b"]
    assert survey.inventory[["participant", "run", "sfreq"]].values.tolist() == [["P-ID07", "r2", 250.0]]


def test_a_recording_of_comments_alone_is_annotated_and_one_without_a_file_is_not(corpus):
    corpus.edf(FIRST.format(1) + ".edf")
    corpus.edf(FIRST.format(2) + ".edf")
    corpus.text(FIRST.format(1) + "_a1.tsv", HEAD)
    assert corpus.survey().inventory["annotated"].tolist() == [True, False]


def test_a_second_annotator_is_told_of_and_used_where_alone(corpus):
    corpus.edf(FIRST.format(1) + ".edf")
    corpus.edf(FIRST.format(2) + ".edf")
    corpus.text(FIRST.format(1) + "_a1.tsv", HEAD + "1\t2\tFIA\tx\n")
    corpus.text(FIRST.format(1) + "_a2.tsv", HEAD + "5\t8\tFIA\tx\n6\t9\tFA\tx\n")
    corpus.text(FIRST.format(2) + "_a2.tsv", HEAD + "3\t4\tFIA\tx\n")
    survey = corpus.survey()
    assert survey.events["onset"].tolist() == [1.0, 3.0]
    assert corpus.row(survey, FIRST.format(1) + "_a2.tsv")["reason"].endswith(
        "reading of 2 seizures; not used"
    )
    assert "second annotator's" in corpus.row(survey, FIRST.format(2) + ".edf")["reason"]


def test_an_unknown_type_refuses_its_recording_alone(corpus):
    for run, kind in ((1, "XYZ"), (2, "FIA")):
        corpus.edf(FIRST.format(run) + ".edf")
        corpus.text(FIRST.format(run) + "_a1.tsv", HEAD + f"1\t2\t{kind}\tsome comment\n")
    survey = corpus.survey()
    row = corpus.row(survey, FIRST.format(1) + ".edf")
    assert survey.inventory["run"].tolist() == ["r2"]
    assert row["failed"]
    assert "XYZ" in row["reason"]
    assert "ingest.extra_labels" in row["remedy"]
    assert "comment" not in survey.report.to_csv()


def test_annotations_of_seizeit1_without_the_recording_are_kept(corpus):
    corpus.text(FIRST.format(3) + "_a1.tsv", HEAD + "2.004\t5\tFIA\tx\n")
    survey = corpus.survey()
    (event,) = survey.events.to_dict("records")
    assert (event["participant"], event["run"], event["has_signal"]) == ("P-ID07", "r3", False)
    assert (event["onset_sample"], event["n_samples"]) == (501, 749)
    assert survey.inventory.empty
    assert not survey.report["failed"].any()


def test_seizeit2_is_read_with_labels_kinds_and_confidence(corpus):
    rows = (_row("1.50", "2.00", "sz_uo_m_tonicMyio", confidence="0.50"), _row("5.00", "1.00", "impd"))
    _second(corpus, *rows, edf=True)
    survey = corpus.survey()
    columns = ["label", "kind", "onset_sample", "n_samples", "has_signal"]
    assert survey.layout == "seizeit"
    assert survey.events[columns].values.tolist() == [
        ["sz_uo_m_tonicMyio", "seizure", 384, 512, True],
        ["impd", "other", 1280, 256, True],
    ]
    assert survey.events["confidence"][0] == 0.5
    assert survey.inventory["montage"].tolist() == ["unknown"]
    assert len(survey.inventory["ch_names"][0]) == 2


def test_checks_of_no_time_are_left_out_and_a_seizure_of_no_time_refuses_its_recording(corpus):
    kept = _second(corpus, _row("8", "-5", "impd"), _row("2", "0", "impd"), _row("1", "4", "sz"), edf=True)
    gone = _second(corpus, _row("3", "-1", "sz_foc_a"), run=2, edf=True)
    survey = corpus.survey()
    assert survey.events["label"].tolist() == ["sz"]
    assert corpus.row(survey, kept + "_eeg.edf")["reason"].count("is left out") == 2
    row = corpus.row(survey, gone + "_eeg.edf")
    assert row["failed"]
    assert "start 3 s, end 2 s" in row["reason"]
    assert row["remedy"]


def test_events_without_a_recording_are_clipped_to_the_stated_length(corpus):
    stem = _second(corpus, _row("8", "4", "sz", length="10.00"))
    corpus.text(stem + "_eeg.json", '{"SamplingFrequency": 250}')
    survey = corpus.survey()
    assert survey.events[["duration", "onset_sample", "n_samples"]].values.tolist() == [[2.0, 2000, 500]]
    assert corpus.row(survey, stem + "_events.tsv")["status"] == "repaired"
    assert corpus.row(survey, stem + "_eeg.json")["status"] == "taken"


def test_heart_muscle_and_movement_are_no_lost_recordings(corpus):
    stem = _second(corpus, _row("0", "10", "bckg"), edf=True)
    for modality in ("ecg", "emg", "mov"):
        corpus.edf(stem.replace("/eeg/", f"/{modality}/") + f"_{modality}.edf")
    report = corpus.survey().report
    assert not report["failed"].any()
    assert report["reason"].str.contains("not scalp EEG").sum() == 3


def test_a_recording_that_was_not_fetched_says_what_to_do(corpus):
    stem = _second(corpus, _row("1", "2", "sz"))
    (corpus.root / (stem + "_eeg.edf")).symlink_to("../.git/annex/objects/nowhere")
    row = corpus.row(corpus.survey(), stem + "_eeg.edf")
    assert row["failed"]
    assert row["remedy"]


def test_both_generations_in_one_folder_are_one_layout(corpus):
    _second(corpus, _row("1", "2", "sz"))
    corpus.text(FIRST.format(1) + "_a1.tsv", HEAD + "1\t2\tFIA\tx\n")
    assert corpus.survey().events["participant"].tolist() == ["001", "P-ID07"]


@pytest.mark.parametrize(
    ("name", "columns", "layout"),
    [
        (None, COLUMNS, "seizeit"),
        ("SeizeIT2", COLUMNS, "seizeit"),
        ("SeizeIT2", "onset\tduration\teventType\n", "seizeit"),
        (None, "onset\tduration\teventType\n", "bids"),
        ("TUH EEG", COLUMNS, "bids"),
    ],
)
def test_the_data_set_names_itself_or_its_columns_do(corpus, name, columns, layout):
    corpus.text(STEM.format(1, 1, 1) + "_events.tsv", columns)
    if name:
        corpus.text("dataset_description.json", f'{{"Name": "{name}"}}')
    assert corpus.survey().layout == layout


def test_seven_thousand_names_need_one_file_opened(tmp_path):
    names = tuple(STEM.format(n // 60, n // 60, n % 60) + "_events.tsv" for n in range(7000))
    assert (
        recognize(FolderListing(tmp_path, names)) == ""
    )  # none of them can be opened: not known by its columns
    assert choose_layout(FolderListing(tmp_path, names))[0] == "bids"


def _counted(folder):
    """Count with the csv module alone, and nothing of ours."""
    found = {}
    for path in sorted(folder.rglob("*_events.tsv")):
        with path.open(newline="") as lines:
            rows = list(csv.DictReader(lines, delimiter="\t"))
        run = path.name.removeprefix("sub-").removesuffix("_events.tsv").split("_", 1)
        found[run[0], run[1].replace("_", "-")] = rows
    return found


def test_every_real_event_is_there_and_seizures_equal_an_independent_count(corpus, shared_data):
    corpus.root = shared_data / "seizeit2"
    survey, truth = corpus.survey(), _counted(shared_data / "seizeit2")
    assert survey.layout == "seizeit"
    assert survey.events["kind"].value_counts().to_dict() == {"seizure": 20, "background": 17, "other": 11}
    assert set(survey.events.loc[survey.events["kind"] == "other", "label"]) == {"impd"}
    assert not survey.events["has_signal"].any()
    runs = dict(list(survey.events.groupby(["participant", "run"])))
    assert runs.keys() == truth.keys()
    for key, rows in truth.items():
        expected = [(float(r["onset"]), float(r["duration"]), r["eventType"]) for r in rows]
        columns = ["onset", "duration", "label"]
        assert [tuple(row) for row in runs[key][columns].itertuples(index=False)] == expected


def test_every_real_table_is_taken_and_none_is_repaired(corpus, shared_data):
    corpus.root = shared_data / "seizeit2"
    survey = corpus.survey()
    tables = survey.report[survey.report["path"].str.endswith("_events.tsv")]
    assert len(tables) == 32
    assert set(tables["status"]) == {"taken"}
    assert (survey.events["onset_sample"] == survey.events["onset"] * 256).all()


@pytest.mark.parametrize(("stop", "events"), [("2", [1.0]), ("9", [])])
def test_the_first_annotators_file_elsewhere_is_held_against_the_one_beside(corpus, tmp_path, stop, events):
    corpus.edf(FIRST.format(1) + ".edf")
    corpus.text(FIRST.format(1) + "_a1.tsv", HEAD + "1\t2\tFIA\tx\n")
    corpus.text(FIRST.format(1) + "_a2.tsv", HEAD + "5\t8\tFIA\tx\n")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "P_ID07_r1_a1.tsv").write_text(f"1\t{stop}\tFIA\n")
    survey = corpus.survey(annotations_root=str(tmp_path / "labels"))
    assert survey.events["onset"].tolist() == events
