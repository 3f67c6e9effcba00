import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.errors import SignalError
from eeg_kedro.signal.channel_renaming import find_references
from eeg_kedro.signal.channels import plan_channels
from eeg_kedro.signal.electrodes import STANDARD_19
from tests.signal.corpus_labels import CHBMIT, SIENA, SIENA_PN16, STANDARD, TCP, words

WITHOUT_O1 = [name for name in STANDARD if name != "O1"]


def plan(*labels, dimension="uV", sfreq=256.0, **options):
    return plan_channels(labels, [dimension] * len(labels), [sfreq] * len(labels), **options)


def reason(chosen, label):
    return dict(chosen.other)[label]


def test_a_1_between_p3_and_f7_is_o1_and_the_report_says_so():
    chosen = plan(*SIENA_PN16)
    assert chosen.missing == ()
    assert chosen.renamed == (("1", "O1"),)
    assert "renamed: 1 -> O1" in chosen.notes
    assert dict(zip(chosen.ch_names, chosen.recorded_names, strict=True))["O1"] == "1"


def test_a_1_beside_an_o1_is_something_else():
    chosen = plan(*SIENA)
    assert (chosen.renamed, chosen.ch_names.count("O1")) == ((), 1)
    assert reason(chosen, "1") == "not a 10-05 electrode or a pair of them"


@pytest.mark.parametrize("label", ["01", "EEG 01", "EEG 1", "EEG 01-Ref"])
def test_a_single_number_written_as_an_electrode_is_o1_where_o2_is_there(label):
    chosen = plan(*WITHOUT_O1, "EKG", "HR", label)
    assert chosen.renamed == ((label, "O1"),)


@pytest.mark.parametrize(
    "labels",
    [
        (*WITHOUT_O1, "HR", "1", "2", "MK"),  # 2 is not O2: numbers mean something else here
        (*WITHOUT_O1, "HR", "1"),  # stands with what is no EEG
        (*(name for name in WITHOUT_O1 if name != "O2"), "HR", "1", "2", "MK"),
        (*WITHOUT_O1[:10], "HR", "01", "1"),
        (*WITHOUT_O1, "HR", "01", "1"),  # two that may be it
    ],
)
def test_a_number_that_may_be_something_else_is_left_out_and_the_reason_names_what_it_may_be(labels):
    chosen = plan(*labels)
    assert "O1" in chosen.missing
    assert chosen.renamed == ()
    assert "may be O1" in reason(chosen, "1")


PAIRS = words("FP1 FP2 F3 F4 C3 C4 P3 P4 O1 O2 F7 F8 T3 T4 T5 T6 FZ CZ PZ")


def numbered(order, number, electrode):
    return [number if name == electrode else name for name in order]


@pytest.mark.parametrize(
    ("order", "number", "electrode"),
    [(STANDARD_19, "1", "O1"), (STANDARD_19, "2", "O2"), (PAIRS, "1", "O1"), (PAIRS, "2", "O2")],
)
def test_a_bare_number_in_the_place_of_o1_or_o2_is_that(order, number, electrode):
    assert plan(*numbered(order, number, electrode)).renamed == ((number, electrode),)


@pytest.mark.parametrize(
    "labels",
    [
        ("FP1", "FP2", "F3", "F4", "1", "C3", "C4", "P3", "P4", "O2"),
        ("1", *WITHOUT_O1),
        (*WITHOUT_O1, "1"),
        ("FP1", "F3", "C3", "F7", "1", "P3", "T3", "T5", "O2"),
        ("FP1", "F3", "C3", "P3", "1", "F7", "2", "T3", "T5", "FZ", "P4", "F8", "01"),
        (*WITHOUT_O1[:4], "2", *WITHOUT_O1[4:]),  # O2 belongs elsewhere
    ],
)
def test_a_bare_number_anywhere_else_may_be_a_trigger_and_is_left_out_with_the_reason(labels):
    chosen = plan(*labels)
    assert ("1", "O1") not in chosen.renamed
    assert "O1" in chosen.missing
    if "1" in labels:
        assert "may be O1" in reason(chosen, "1")


@pytest.mark.parametrize("dimension", ["", "mmHg"])
def test_a_bare_number_without_a_voltage_is_no_electrode(dimension):
    labels = numbered(STANDARD_19, "1", "O1")
    dimensions = [dimension if label == "1" else "uV" for label in labels]
    chosen = plan_channels(labels, dimensions, [256.0] * len(labels))
    assert (chosen.renamed, "O1" in chosen.missing) == ((), True)


def test_among_few_electrodes_a_number_is_not_read():
    assert plan("C3", "P3", "01", "O2", "C4").renamed == ()


def test_02_is_o2():
    labels = [name if name != "O2" else "02" for name in STANDARD]
    assert plan(*labels).missing == ()


def test_a_typed_zero_in_a_pair_of_neighbors_is_an_o():
    labels = ["P3-01" if name == "P3-O1" else name for name in CHBMIT[:18]]
    chosen = plan(*labels)
    assert (chosen.renamed, chosen.missing) == ((("P3-01", "P3-O1"),), ())
    assert "P3-01" in dict(plan(*CHBMIT[:18], "P3-01").other)


def test_a_typed_zero_in_poz_is_an_o():
    assert plan(*STANDARD, "P0z").renamed == (("P0z", "POZ"),)


@pytest.mark.parametrize(
    ("ends", "reference"),
    [
        (lambda name: "A1", "A1"),
        (lambda name: "M1" if name[-1] in "13579z" else "M2", "M1/M2"),
        (lambda name: "A2" if name[-1] in "13579z" else "A1", "A1/A2"),
        (lambda name: "Cz", "CZ"),
    ],
)
def test_pairs_that_end_in_one_reference_are_electrodes_against_it(ends, reference):
    electrodes = [name for name in STANDARD if name != "Cz"]
    chosen = plan(*(f"EEG {name}-{ends(name)}" for name in electrodes))
    assert set(chosen.ch_names) == {name.upper() for name in electrodes}
    assert (chosen.montage, chosen.reference, chosen.renamed) == ("referential", reference, ())
    assert any(f"recorded against {reference}" in note for note in chosen.notes)
    assert chosen.recorded_names[0] == f"FP1-{ends('Fp1').upper()}"


@pytest.mark.parametrize("labels", [TCP, CHBMIT, ["EEG Fpz-Cz", "EEG Pz-Oz"], ["A1-T3", "T4-A2", "T3-C3"]])
def test_chains_with_ears_at_their_ends_stay_pairs(labels):
    chosen = plan(*labels)
    assert chosen.montage == "bipolar"
    assert len(chosen.ch_names) == len({*labels})


def test_a_recording_against_ears_leaves_out_the_pair_of_ears():
    chosen = plan("EEG C3-A2", "EEG C4-A1", "EEG O1-A2", "EEG A1-A2")
    assert chosen.ch_names == ("C3", "O1", "C4")
    assert reason(chosen, "EEG A1-A2") == "most channels are referential"


def test_labels_with_two_references_are_said():
    chosen = plan("EEG C3-REF", "EEG C4-REF", "EEG O1-LE")
    assert "labels name more than one reference: LE (1), REF (2)" in chosen.notes


def test_references_are_found_in_what_the_source_calls_channels():
    assert find_references(["FP1", "T7", "O1", "C3-P3", "X"], ["FP1-A1", "T3-A2", "O1", "C3-P3", "X-1"]) == (
        "A1", "A2", "", "", "")  # fmt: skip


@pytest.mark.parametrize(("temporal", "name"), [("T7", "T7"), ("T3", "T3"), ("as_recorded", "T3")])
def test_temporal_electrodes_take_the_naming_that_is_asked_for(temporal, name):
    chosen = plan(*STANDARD, temporal=temporal)
    assert name in chosen.ch_names
    assert (("T3", "T7") in chosen.renamed) == (temporal == "T7")
    assert chosen.missing == ()


@pytest.mark.parametrize(("temporal", "kept"), [("T7", "T3"), ("T3", "T7")])
def test_where_t3_and_t7_are_both_recorded_each_keeps_its_name_and_its_data_and_it_is_told(temporal, kept):
    labels = (*STANDARD, "T7")
    chosen = plan(*labels, temporal=temporal)
    recorded = [labels[pick].upper() for pick in chosen.picks]
    assert dict(zip(chosen.ch_names, recorded, strict=True))["T3"] == "T3"
    assert dict(zip(chosen.ch_names, recorded, strict=True))["T7"] == "T7"
    assert any(note.startswith(f"{kept} is not called {temporal}") for note in chosen.notes)
    assert ("T4" if temporal == "T3" else "T8") in chosen.ch_names


def test_pairs_keep_their_names_where_both_namings_are_there():
    chosen = plan("F7-T3", "F7-T7", "T3-T5", "T5-O1", temporal="T7")
    assert {"F7-T3", "F7-T7", "T7-P7", "P7-O1"} == {*chosen.ch_names}


def test_pairs_take_the_naming_too():
    chosen = plan(*CHBMIT, temporal="T3")
    assert {"F7-T3", "T3-T5", "T5-O1", "T4-T6"} <= {*chosen.ch_names}
    assert ("F7-T7", "F7-T3") in chosen.renamed
    assert "FT9-FT10" in chosen.ch_names


def test_names_given_by_the_user_come_first_whatever_their_case_and_spaces():
    given = {"exg channel0": "Fp1", "EXG Channel 1": "C3", "EXG CHANNEL 7": "ECG", "no such": "O1"}
    chosen = plan(*(f"EXG Channel {i}" for i in range(8)), names=given)
    assert (chosen.montage, chosen.ch_names) == (
        "unknown",
        ("FP1", "C3", *(f"EXG CHANNEL {i}" for i in range(2, 7))),
    )
    assert chosen.recorded_names[:2] == ("EXG CHANNEL 0", "EXG CHANNEL 1")
    assert [(aux.pick, aux.name, aux.kind) for aux in chosen.aux] == [(7, "EXG CHANNEL 7", "ecg")]
    assert ("EXG Channel 7", "ECG") in chosen.renamed


def test_a_name_given_to_two_channels_is_an_error_that_names_both():
    with pytest.raises(SignalError, match=r"EXG0, EXG1 -> FP1"):
        plan("EXG 0", "EXG 1", names={"EXG 0": "FP1", "EXG 1": "Fp1"})


@pytest.mark.parametrize("names", [{"C3": ""}, {"C3": "-"}, {"C3": "C4", "c 3": "O1"}])
def test_a_name_that_is_none_and_two_names_for_one_label_are_errors(names):
    with pytest.raises(SignalError, match=r"ingest\.channel_names"):
        plan("C3", "O2", names=names)


def test_a_name_that_another_channel_has_of_its_own_is_not_taken_from_it():
    chosen = plan(*STANDARD, "1", names={"1": "O1"})
    assert chosen.picks[chosen.ch_names.index("O1")] == 4
    assert "has one of its own" in reason(chosen, "1")


def test_names_can_be_swapped():
    chosen = plan(*STANDARD, names={"C3": "C4", "C4": "C3"})
    assert [chosen.picks[chosen.ch_names.index(name)] for name in ("C3", "C4")] == [13, 2]


@given(
    st.permutations([*SIENA_PN16[:4], "1", "01", "EKG 1", "EEG O2", "T7-A1", "C3-P3", "-", *SIENA_PN16[5:9]])
)
def test_whatever_the_order_no_signal_is_lost_and_no_name_used_twice(labels):
    chosen = plan(*labels)
    assert len(chosen.picks) + len(chosen.other) == len(labels)
    assert len({*chosen.ch_names}) == len(chosen.picks) == len(chosen.recorded_names)
    assert all(why for _, why in chosen.other)


def test_the_names_of_a_plan_name_themselves():
    again = plan(*plan(*SIENA_PN16).ch_names)
    assert again.ch_names == plan(*SIENA_PN16).ch_names
    assert {*STANDARD_19} <= {*again.ch_names}
