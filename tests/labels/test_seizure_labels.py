import json

import pytest

from eeg_kedro.errors import UnknownLabelError
from eeg_kedro.labels.seizure_labels import TUSZ_SEIZURES, LabelKind, label_kind, told_label


@pytest.mark.parametrize(
    "label", [*TUSZ_SEIZURES, "seizure", "sz", "sz_foc_ia_m_tonic", "sz-gen", " SZ ", "FNSZ"]
)
def test_seizure_labels_of_tusz_bids_and_szcore_are_seizures(label):
    assert label_kind(label) is LabelKind.SEIZURE


def test_every_level_of_seizeit2_counts_as_its_text_says(shared_data):
    levels = json.loads((shared_data / "seizeit2" / "events.json").read_text())["eventType"]["Levels"]
    seizures = {level for level in levels if level not in ("bckg", "impd")}
    assert len(seizures) > 70
    for level in seizures:
        assert label_kind(level) is LabelKind.SEIZURE
        assert label_kind(level.replace("_", "-")) is LabelKind.SEIZURE
    assert label_kind("bckg") is LabelKind.BACKGROUND
    assert label_kind("impd") is LabelKind.OTHER


@pytest.mark.parametrize("label", ["LPD", "gpd", "LRDA", "GRDA", "Other"])
def test_the_other_classes_of_iiic_and_hms_are_neither_seizure_nor_background(label):
    assert label_kind(label) is LabelKind.OTHER


@pytest.mark.parametrize(
    ("label", "kind"), [("bckg", "background"), ("Background", "background"), ("impd", "other")]
)
def test_background_and_impedance_checks_are_no_seizures(label, kind):
    assert label_kind(label) == kind


@pytest.mark.parametrize("label", ["artf", "eyem", "", "1", "szz", "sz_", "no seizure", "n/a"])
def test_unknown_labels_are_refused_with_a_remedy(label):
    with pytest.raises(UnknownLabelError) as caught:
        label_kind(label)
    assert "ingest.extra_labels" in caught.value.remedy
    assert "fnsz" in caught.value.allowed


def test_declared_labels_win():
    assert label_kind("Artf", {"artf": "other"}) is LabelKind.OTHER
    assert label_kind("nesz", {"NESZ": "background"}) is LabelKind.BACKGROUND


@pytest.mark.parametrize(
    "label",
    [
        "sz_gen_m_myoTC", "sz-gen-m-tonic-clonic", "sz_uo_m_epileptic_spasms", "SZ_FOC_F2B", "sz_gen_nm_absence",
        "sz_gen_nm_typical_absence", "sz_gen_nm_eyelid_myoclonia", "sz_foc_nm_behavior_arrest",
        "sz_gen_m_negative-myoclonic",
    ],
)  # fmt: skip
def test_words_of_the_hierarchy_of_seizures_count_in_any_spelling(label):
    assert label_kind(label) is LabelKind.SEIZURE


@pytest.mark.parametrize(
    "label", ["sz_harry_1951", "sz_foc_haagse", "sz-Harry", "sz_", "sz__foc", "sz_foc_", "sz_1951"]
)
def test_behind_sz_other_words_must_be_declared(label):
    with pytest.raises(UnknownLabelError) as caught:
        label_kind(label)
    assert caught.value.value == f"text of {len(label)} letters"
    assert "{LABEL:" in caught.value.remedy
    assert label_kind(label, {label: "seizure"}) is LabelKind.SEIZURE


@pytest.mark.parametrize("label", ["artf", "chew", "spsw", "anfall", "ARTF", "N2", "w", "artifact2"])
def test_one_unknown_word_that_is_written_like_a_label_is_told(label):
    assert told_label(label) == label


@pytest.mark.parametrize(
    "label",
    [
        "Haagse",
        "HAAGSE",
        "McHarry",
        "Müller",
        "haagse_harry",
        "Harry.1951",
        "h1951",
        "eyes closed",
        "Seizure?",
        "a" * 25,
    ],
)
def test_an_unknown_label_that_may_be_a_name_is_told_by_its_length(label):
    assert told_label(label) == f"text of {len(label)} letters"


@pytest.mark.parametrize("label", ["eyem_musc", "seizure_1", "Spike", "SEIZURE1", "eyes-closed"])
def test_words_of_the_field_are_shown_to_who_must_declare_them(label):
    with pytest.raises(UnknownLabelError) as told:
        label_kind(label)
    assert told.value.value == label


@pytest.mark.parametrize("label", ["Haagse", "Harry_Haagse", "spike_harry", "haagse harry"])
def test_what_may_be_a_name_is_not_shown(label):
    with pytest.raises(UnknownLabelError) as told:
        label_kind(label)
    assert label not in str(told.value)


@pytest.mark.parametrize("label", ["sz_1", "sz_left", "sz_foc_ia_left", "sz_gen_m_epilepticSpasms"])
def test_numbers_and_sides_behind_sz_are_seizures(label):
    assert label_kind(label) is LabelKind.SEIZURE
