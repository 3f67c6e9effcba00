import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.layouts import choose_layout
from tests.discontinuous import write_edf_d

TABLES = {"A": "annotations_2017_A_fixed.csv", "B": "annotations_2017_B.csv", "C": "annotations_2017_C.csv"}
# 19 electrodes, a heart and a breath, as the corpus names them
SCALP = "Fp1 Fp2 F7 F8 F3 F4 C3 C4 P3 P4 T3 T4 T5 T6 O1 O2 Fz Cz Pz"
NAMES = tuple(f"EEG {name}-Ref" for name in SCALP.split())
NAMES += ("ECG EKG", "Resp Effort")
# closed form: neonate 1 has seconds with 0, 1, 2, 3, 2, 1, 0 experts; neonate 2 has none; 3 is shorter
MARKS = {
    "A": {1: "0111110000", 2: "0000000000", 3: "110"},
    "B": {1: "0011100000", 2: "0000000000", 3: "100"},
    "C": {1: "0001000000", 2: "0000000000", 3: "000"},
}
SPANS = {"majority": [(2, 5)], "unanimous": [(3, 4)], "any": [(1, 6)]}


def _write_table(corpus, expert, columns, name=None, header=True):
    length = max(map(len, columns.values()))
    rows = [",".join(marks[k : k + 1] for marks in columns.values()) for k in range(length)]
    lines = [",".join(map(str, columns)), *rows] if header else rows
    corpus.text(name or TABLES[expert], "\r\n".join(lines) + "\r\n")


@pytest.fixture
def helsinki(corpus):
    for number, seconds in ((1, 10), (2, 10), (3, 3)):
        corpus.edf(f"eeg{number}.edf", seconds=seconds, names=NAMES[:4])
    for expert, columns in MARKS.items():
        _write_table(corpus, expert, columns)
    return corpus


def _spans(events, participant):
    mine = events[events["participant"] == participant]
    return [(onset, onset + duration) for onset, duration in mine[["onset", "duration"]].values.tolist()]


@pytest.mark.parametrize(("rule", "spans"), SPANS.items())
def test_the_consensus_of_three_experts_is_as_asked_for(helsinki, rule, spans):
    survey = helsinki.survey(consensus=rule)
    assert survey.layout == "helsinki"
    assert _spans(survey.events, "eeg1") == spans
    assert _spans(survey.events, "eeg2") == []
    assert survey.events["label"].unique().tolist() == ["seizure"]
    assert survey.inventory["annotated"].all()
    assert f"consensus ({rule}) of experts A, B, C" in helsinki.row(survey, "eeg1.edf")["reason"]


def test_confidence_is_the_share_of_experts_over_the_event(helsinki):
    found = helsinki.survey(consensus="any").events
    assert found["confidence"].tolist() == pytest.approx([9 / 15, 3 / 6])


def test_samples_are_whole_seconds_at_the_rate_of_the_recording(helsinki):
    first = helsinki.survey().events.iloc[0]
    assert (first["onset_sample"], first["n_samples"]) == (2 * 256, 3 * 256)


def test_the_tables_are_told_once_each_and_nothing_failed(helsinki):
    helsinki.text("clinical_information.csv", "ID,EEG file\n1,eeg1\n")
    helsinki.text("annotations_2017.mat", "x")
    helsinki.text("annotations_2017_A.csv", "1\n7\n")
    survey = helsinki.survey()
    assert not survey.report["failed"].any()
    assert [helsinki.row(survey, name)["status"] for name in TABLES.values()] == ["taken"] * 3
    assert "one of the experts" in helsinki.row(survey, TABLES["B"])["reason"]
    assert "MATLAB" in helsinki.row(survey, "annotations_2017.mat")["reason"]
    assert "corrected table" in helsinki.row(survey, "annotations_2017_A.csv")["reason"]
    assert helsinki.row(survey, "clinical_information.csv")["kind"] == "sidecar"


@pytest.mark.parametrize(
    ("experts", "spans"), [("AB", [(2, 5)]), ("AC", [(3, 4)]), ("B", [(2, 5)]), ("C", [(3, 4)])]
)
def test_a_majority_of_fewer_experts_is_more_than_half_of_those(helsinki, experts, spans):
    for expert, name in TABLES.items():
        if expert not in experts:
            (helsinki.root / name).unlink()
    survey = helsinki.survey()
    assert _spans(survey.events, "eeg1") == spans
    assert (
        f"of expert{'s' * (len(experts) > 1)} {', '.join(experts)}"
        in (helsinki.row(survey, "eeg1.edf")["reason"])
    )


def test_tables_without_a_header_say_the_same(helsinki):
    for expert, columns in MARKS.items():
        _write_table(helsinki, expert, columns, header=False)
    assert _spans(helsinki.survey().events, "eeg1") == SPANS["majority"]


@pytest.mark.parametrize("header", [True, False])
def test_a_single_column_that_begins_with_1_is_told_by_the_length(corpus, header):
    corpus.edf("eeg1.edf", seconds=4, names=NAMES[:3])
    _write_table(corpus, "A", {1: "1001" if not header else "0110"}, header=header)
    assert _spans(corpus.survey().events, "eeg1") == ([(1, 3)] if header else [(0, 1), (3, 4)])


def test_a_single_column_that_fits_neither_way_refuses_its_recording(corpus):
    corpus.edf("eeg1.edf", seconds=9, names=NAMES[:3])
    corpus.text(TABLES["A"], "1\n0\n1\n")
    row = corpus.row(corpus.survey(), "eeg1.edf")
    assert row["failed"]
    assert "header or its first second" in row["reason"]


def test_a_neonate_without_a_column_is_unknown_and_says_so(helsinki):
    helsinki.edf("eeg4.edf", seconds=2, names=NAMES[:3])
    survey = helsinki.survey()
    assert survey.inventory["annotated"].tolist() == [True, True, True, False]
    assert "no column of eeg4" in helsinki.row(survey, "eeg4.edf")["reason"]


def test_a_neonate_whom_one_expert_left_out_is_judged_by_the_others(helsinki):
    _write_table(helsinki, "A", {2: MARKS["A"][2], 3: MARKS["A"][3]})
    survey = helsinki.survey()
    assert _spans(survey.events, "eeg1") == [(3, 4)]
    assert "experts B, C" in helsinki.row(survey, "eeg1.edf")["reason"]
    assert survey.events.groupby("participant")["source"].first()["eeg1"] == TABLES["B"]


def test_a_wrong_cell_refuses_its_neonate_and_the_others_go_on(helsinki):
    _write_table(helsinki, "B", MARKS["B"] | {1: "0011700000"})
    survey = helsinki.survey()
    row = helsinki.row(survey, "eeg1.edf")
    assert survey.inventory["participant"].tolist() == ["eeg2", "eeg3"]
    assert row["failed"]
    assert "line 6, column of neonate 1" in row["reason"]
    assert "'7'" in row["reason"]


def test_a_broken_table_refuses_every_neonate_by_its_name(helsinki):
    helsinki.text(TABLES["C"], "onset,duration\n1,2\n")
    report = helsinki.survey().report
    assert report.loc[report["failed"], "path"].tolist() == ["eeg1.edf", "eeg2.edf", "eeg3.edf"]
    assert report.loc[report["failed"], "reason"].str.contains(TABLES["C"]).all()


def test_seconds_nobody_annotated_in_the_middle_are_no_background(helsinki):
    for expert in TABLES:
        _write_table(helsinki, expert, {1: "01 1000000", 2: "0000000000"})
    row = helsinki.row(helsinki.survey(), "eeg1.edf")
    assert row["failed"]
    assert "no expert annotated 1 seconds of eeg1" in row["reason"]
    assert "at 2 s" in row["reason"]


def test_experts_who_stopped_early_or_left_seconds_blank_are_not_asked_there(helsinki):
    _write_table(helsinki, "A", MARKS["A"] | {1: "01 11"})
    survey = helsinki.survey()
    reason = helsinki.row(survey, "eeg1.edf")["reason"]
    assert _spans(survey.events, "eeg1") == [(3, 5)]
    assert "expert A left 1 seconds blank" in reason
    assert "the experts annotated 5, 10, 10 s" in reason


def test_another_length_than_the_recording_is_told_and_events_are_cut(helsinki):
    for expert in TABLES:
        _write_table(helsinki, expert, {1: "00000000", 2: "0" * 11, 3: "0" * 5 + "11", 4: "1"})
    survey = helsinki.survey()
    assert "annotations are for 8 s, the recording has 10 s" in helsinki.row(survey, "eeg1.edf")["reason"]
    assert "annotations are" not in helsinki.row(survey, "eeg2.edf")["reason"]  # a second is no difference
    assert "begins after the end" in helsinki.row(survey, "eeg3.edf")["reason"]


def test_neonates_whose_recording_was_not_fetched_keep_their_seizures(helsinki):
    (helsinki.root / "eeg1.edf").unlink()
    survey = helsinki.survey()
    assert survey.inventory["participant"].tolist() == ["eeg2", "eeg3"]
    assert _spans(survey.events, "eeg1") == SPANS["majority"]
    assert survey.events.groupby("participant")["has_signal"].first().to_dict() == {
        "eeg1": False,
        "eeg3": True,
    }


def test_tables_alone_are_enough_and_a_broken_one_alone_is_told(corpus):
    corpus.text(TABLES["A"], "no,table\n")
    survey = corpus.survey()
    assert (survey.layout, survey.events.empty) == ("helsinki", True)
    row = corpus.row(survey, TABLES["A"])
    assert row["status"] == "refused"
    assert "no table of an expert" in row["reason"]


def test_two_tables_of_one_expert_are_refused_by_name(helsinki):
    _write_table(helsinki, "B", MARKS["B"], name="old/" + TABLES["B"])
    report = helsinki.survey().report
    assert report["failed"].sum() == 3
    assert report.loc[report["failed"], "reason"].str.contains("old/annotations_2017_B.csv").all()


def test_tables_may_lie_in_another_folder(helsinki, tmp_path):
    for name in TABLES.values():
        target = tmp_path / "tables" / name
        target.parent.mkdir(exist_ok=True)
        (helsinki.root / name).rename(target)
    helsinki.text("clinical_information.csv", "ID\n")
    survey = helsinki.survey(annotations_root=str(tmp_path / "tables"))
    assert _spans(survey.events, "eeg1") == SPANS["majority"]


def test_recordings_of_that_name_without_a_table_are_not_claimed(tmp_path):
    assert choose_layout(FolderListing(tmp_path, ("eeg1.edf", "eeg1.csv")))[0] == "flat"
    assert choose_layout(FolderListing(tmp_path, ("edf/eeg1.edf", "a/" + TABLES["A"])))[0] == "helsinki"


def test_the_nineteen_electrodes_are_kept_and_heart_and_breath_are_not(corpus):
    corpus.edf("eeg1.edf", seconds=2, names=NAMES)
    corpus.text(TABLES["A"], "1,2\n0,0\n1,0\n")
    (row,) = corpus.survey().inventory.to_dict("records")
    assert (len(row["ch_names"]), row["reference"], row["montage"]) == (19, "REF", "referential")
    assert not len(row["missing_channels"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(st.lists(st.lists(st.booleans(), min_size=12, max_size=12), min_size=3, max_size=3))
def test_random_experts_give_the_majority_of_numpy(corpus, masks):
    corpus.edf("eeg1.edf", seconds=12, names=NAMES[:3], sfreq=200)
    for expert, mask in zip("ABC", masks, strict=True):
        _write_table(corpus, expert, {1: "".join(str(int(m)) for m in mask), 2: "0"})
    survey = corpus.survey()
    found = np.zeros(12 * 200, bool)
    for event in survey.events.itertuples():
        found[event.onset_sample : event.onset_sample + event.n_samples] = True
    assert (found == np.repeat(np.sum(masks, axis=0) >= 2, 200)).all()


def test_row_numbers_do_not_shift_neonates(helsinki):
    for expert, columns in MARKS.items():
        rows = [f"{k},{columns[1][k]},{columns[2][k]}" for k in range(10)]
        helsinki.text(TABLES[expert], "\n".join(rows))
    survey = helsinki.survey()
    assert (len(survey.inventory), len(survey.events)) == (0, 0)
    assert "a column of row numbers" in helsinki.row(survey, TABLES["A"])["reason"]


@pytest.mark.parametrize(("seconds", "annotated"), [(8, False), (9, True), (10, True)])
@pytest.mark.parametrize("unannotated", ["unknown", "background"])
def test_what_lies_behind_the_last_annotated_second_is_no_background(corpus, seconds, annotated, unannotated):
    corpus.edf("eeg1.edf", seconds=10, names=NAMES[:4])
    corpus.edf("eeg2.edf", seconds=10, names=NAMES[:4])
    for expert in TABLES:
        _write_table(corpus, expert, {1: "0110000000"[:seconds], 2: "0" * 10})
    survey = corpus.survey(unannotated=unannotated)
    assert survey.inventory["annotated"].tolist() == [annotated, True]
    assert survey.inventory["annotation_source"].tolist() == [TABLES["A"]] * 2
    assert ("only partly annotated" in corpus.row(survey, "eeg1.edf")["reason"]) != annotated


@pytest.mark.parametrize(("seconds", "annotated"), [(20, True), (15, False), (10, False)])
def test_of_a_file_with_gaps_the_whole_length_counts(corpus, seconds, annotated):
    write_edf_d(
        corpus.root / "eeg1.edf",
        [*range(5), *(15 + k for k in range(5))],
        np.random.default_rng(0).normal(0, 20, (4, 10 * 64)),
        64,
        list(NAMES[:4]),
    )
    for expert in TABLES:
        _write_table(corpus, expert, {1: "0" * seconds, 2: "0"})
    inventory = corpus.survey().inventory
    assert inventory["time_offset"].tolist() == [0, 15]
    assert inventory["annotated"].tolist() == [annotated] * 2
