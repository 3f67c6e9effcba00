import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.signal.electrodes import DOUBLE_BANANA, NEW_NAMES, STANDARD_19
from eeg_kedro.training.homologues import find_homologues


def swapped(names):
    return {
        name: None if found is None else ("-" if found.sign < 0 else "") + names[found.row]
        for name, found in zip(names, find_homologues(names), strict=True)
    }


def test_the_standard_19_are_swapped_by_hand():
    assert swapped(STANDARD_19) == {
        "FP1": "FP2", "F3": "F4", "C3": "C4", "P3": "P4", "O1": "O2", "F7": "F8", "T3": "T4", "T5": "T6",
        "FP2": "FP1", "F4": "F3", "C4": "C3", "P4": "P3", "O2": "O1", "F8": "F7", "T4": "T3", "T6": "T5",
        "FZ": "FZ", "CZ": "CZ", "PZ": "PZ",
    }  # fmt: skip


def test_pairs_are_swapped_as_a_whole():
    found = swapped(DOUBLE_BANANA)
    assert (found["FP1-F7"], found["T4-T6"], found["C3-P3"]) == ("FP2-F8", "T3-T5", "C4-P4")
    assert (found["FZ-CZ"], found["CZ-PZ"]) == ("FZ-CZ", "CZ-PZ")


def test_new_and_old_names_find_each_other():
    assert swapped(["T3", "T8", "P7", "T6"]) == {"T3": "T8", "T8": "T3", "P7": "T6", "T6": "P7"}
    assert swapped(["F7-T7", "F8-T4"])["F7-T7"] == "F8-T4"


def test_where_both_names_are_there_each_finds_its_own():
    assert swapped(["T3", "T7", "T4", "T8"]) == {"T3": "T4", "T7": "T8", "T4": "T3", "T8": "T7"}


def test_pairs_recorded_the_other_way_round_turn_their_sign():
    found = swapped(["A1-T3", "T4-A2", "C3-CZ", "CZ-C4", "C3-C4"])
    assert found == {
        "A1-T3": "-T4-A2",
        "T4-A2": "-A1-T3",
        "C3-CZ": "-CZ-C4",
        "CZ-C4": "-C3-CZ",
        "C3-C4": "-C3-C4",
    }


def test_references_and_letter_case_do_not_matter():
    assert swapped(["EEG Fp1-REF", "EEG FP2-REF"])["EEG Fp1-REF"] == "EEG FP2-REF"
    assert swapped(["AFF1H", "AFF2H", "F9", "F10"]) == {
        "AFF1H": "AFF2H",
        "AFF2H": "AFF1H",
        "F9": "F10",
        "F10": "F9",
    }


@pytest.mark.parametrize("name", ["F3", "FP1-F7", "EEG 1", "X-Y-Z", "SP1"])
def test_what_has_no_other_side_has_no_homologue(name):
    assert find_homologues([name, "CZ"])[0] is None


@given(st.permutations([*STANDARD_19, *DOUBLE_BANANA, *NEW_NAMES.values()]), st.integers(1, 41))
def test_swapping_twice_comes_back_to_the_same_place(names, n):
    found = find_homologues(names[:n])
    for name, homologue in zip(names, found, strict=False):
        if homologue is not None:
            back = found[homologue.row]
            assert back is not None
            assert back.sign * homologue.sign == 1
            assert new_name(names[back.row]) == new_name(name)


def new_name(name):
    return "-".join(NEW_NAMES.get(part, part) for part in name.split("-"))
