import json

import pytest

from eeg_kedro.errors import UnknownLabelError
from eeg_kedro.labels.seizure_labels import TUSZ_SEIZURES, LabelKind, label_kind


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
