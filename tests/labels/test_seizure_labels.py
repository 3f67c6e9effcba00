import pytest

from eeg_kedro.errors import UnknownLabelError
from eeg_kedro.labels.seizure_labels import TUSZ_SEIZURES, LabelKind, label_kind


@pytest.mark.parametrize(
    "label", [*TUSZ_SEIZURES, "seizure", "sz", "sz_foc_ia_m_tonic", "sz-gen", " SZ ", "FNSZ"]
)
def test_seizure_labels_of_tusz_bids_and_szcore_are_seizures(label):
    assert label_kind(label) is LabelKind.SEIZURE


@pytest.mark.parametrize(
    ("label", "kind"), [("bckg", "background"), ("Background", "background"), ("impd", "other")]
)
def test_background_and_impedance_checks_are_no_seizures(label, kind):
    assert label_kind(label) == kind


@pytest.mark.parametrize("label", ["artf", "", "1", "szz", "no seizure", "n/a"])
def test_unknown_labels_are_refused_with_a_remedy(label):
    with pytest.raises(UnknownLabelError) as caught:
        label_kind(label)
    assert "ingest.extra_labels" in caught.value.remedy
    assert "fnsz" in caught.value.allowed


def test_declared_labels_win():
    assert label_kind("Artf", {"artf": "other"}) is LabelKind.OTHER
    assert label_kind("nesz", {"NESZ": "background"}) is LabelKind.BACKGROUND
