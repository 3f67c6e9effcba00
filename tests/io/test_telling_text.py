import pytest

from eeg_kedro.io.telling_text import (
    filters_in,
    is_channel_label,
    is_declared_text,
    is_reference,
    is_unit,
    may_be_channels,
)


@pytest.mark.parametrize(
    "label",
    [
        "EEG FP1-REF", "Fp1-F7", "T8-P8", "EEG Fpz-Cz", "EOG horizontal", "Resp oro-nasal", "EMG submental",
        "Temp rectal", "EKG EKG", "SPO2", "HR", "1", "MK", "-", ".", "", "DC07", "EEG 27-REF", "EDF Annotations",
        "BTEleft SD", "A12", "GR12", "EEG SP1-REF", "ECG1", "PULSE RATE", "STI 014",
    ],
)  # fmt: skip
def test_names_of_channels_stay(label):
    assert is_channel_label(label)


@pytest.mark.parametrize(
    "label",
    [
        "Haagse Harry",
        "EMG Haagse",
        "EEG Mueller-REF",
        "02.05.51",
        "02-05-51",
        "0234567",
        "Müller",
        "TEMP 1951",
    ],
)
def test_words_nobody_knows_do_not_stay_in_a_label(label):
    assert not is_channel_label(label)


def test_units_are_known_ones():
    assert all(map(is_unit, ["uV", "µV", "mV", "V", "%", "bpm", "degC", "DegC", ""]))
    assert not any(map(is_unit, ["Harry", "0234567", "X Y"]))


@pytest.mark.parametrize(
    ("told", "stays"),
    [
        ("HP:0.1Hz LP:75Hz N:50Hz", "HP:0.1Hz LP:75Hz N:50Hz"),
        ("HP:0.5Hz LP:100Hz [enhanced cassette BW]", "HP:0.5Hz LP:100Hz"),
        ("HP:DC N:Harry LP: 70", "HP:DC LP: 70"),
        ("HP:Haagse N:19510502 MCH-0234567", ""),
        ("HP:-1Hz LP:-1Hz N:-1Hz", "HP:-1Hz LP:-1Hz N:-1Hz"),
    ],
)
def test_of_a_prefilter_the_filters_stay(told, stays):
    assert filters_in(told) == stays


def test_declared_labels_and_standard_texts_stay():
    known = ["seiz", "SZ", "bckg", "sz_foc_ia_nm", "Sleep stage W", "Recording starts", "fnsz@@FP1-F7", "LPD"]
    assert all(map(is_declared_text, known))


def test_free_text_does_not_stay_even_behind_the_mark_of_a_seizure():
    told = ["Haagse", "sz_haagse_harry", "seizure of Harry", "seiz@@Haagse Harry", "02-MAY-1951", ""]
    assert not any(map(is_declared_text, told))
    assert is_declared_text("Anfall", {"anfall": "seizure"})


@pytest.mark.parametrize(
    "text",
    [
        "Cz",
        "FPZ",
        "REF",
        "A1/A2",
        "average",
        "Common Average",
        "linked ears",
        "Linked-Mastoids",
        "nose",
        "CMS/DRL",
    ],
)
def test_words_for_references_stay(text):
    assert is_reference(text)


@pytest.mark.parametrize(
    "text", ["Haagse", "the nose of Harry", "02.05.51", {"name": "Harry"}, ["Cz"], 5, True, "", None]
)
def test_anything_else_is_no_reference(text):
    assert not is_reference(text)


def test_channels_are_labels_of_the_recording_or_look_like_labels():
    own = frozenset({"squarewave", "haagse 7"})
    assert all(
        may_be_channels(text, own)
        for text in ("F3", "FP1-F7, F7-T3", "F3;C3;EEG 27-REF", "Squarewave,F3", "Haagse 7")
    )
    assert not any(
        may_be_channels(text, own) for text in ("Harry", "F3, Harry", "Haagse", "02,05,51", "1951")
    )
