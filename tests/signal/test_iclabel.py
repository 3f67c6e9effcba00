"""ICLabel: the same answers as mne-icalabel, and when it is not asked."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from eeg_kedro.signal.ica import Ica, IcaOptions, fit_ica
from eeg_kedro.signal.iclabel import CLASSES, iclabel_refusal, label_components
from tests.signal.synthetic_excerpts import NAMES, make_excerpt


def ask_mne_icalabel(samples: np.ndarray, sfreq: float, ica: Ica) -> np.ndarray:
    import mne
    from mne_icalabel.iclabel import iclabel_label_components

    info = mne.create_info(list(NAMES), sfreq, "eeg")
    raw = mne.io.RawArray(samples.astype(np.float64) * 1e-6, info, verbose="error")
    raw.set_montage("colin27_1005", match_case=False)
    theirs = mne.preprocessing.ICA(ica.n_components, method="infomax", fit_params={"extended": True})
    left, values, theirs.pca_components_ = np.linalg.svd(ica.unmixing, full_matrices=False)
    theirs.unmixing_matrix_ = left * values
    theirs.pca_explained_variance_ = np.ones(ica.n_components)
    theirs.current_fit, theirs.pre_whitener_ = "raw", np.ones((len(NAMES), 1))
    theirs.n_components_, theirs.ch_names, theirs.info = ica.n_components, list(NAMES), raw.info
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # filters and reference are not recorded in the info
        return iclabel_label_components(raw, theirs, inplace=False, backend="onnx")


@pytest.fixture(scope="module")
def decomposed() -> tuple[np.ndarray, Ica]:
    samples = make_excerpt(3, seconds=60, seizure_rate=0.0).samples
    return samples, fit_ica(samples, 256.0, IcaOptions())


@pytest.mark.parametrize("sfreq", [256.0, 200.0, 249.7])
def test_probabilities_are_those_of_mne_icalabel(decomposed, sfreq):
    samples, ica = decomposed
    own = label_components(samples, sfreq, NAMES, ica)
    assert own == pytest.approx(ask_mne_icalabel(samples, sfreq, ica), abs=1e-3)


def test_every_row_is_a_distribution_over_seven_classes(decomposed):
    samples, ica = decomposed
    found = label_components(samples, 256.0, NAMES, ica)
    assert found.shape == (ica.n_components, len(CLASSES))
    assert found.sum(axis=1) == pytest.approx(1.0, abs=1e-5)


def test_four_seconds_are_too_short_for_an_opinion(decomposed):
    samples, ica = decomposed
    assert set(label_components(samples[:, :1000], 256.0, NAMES, ica).argmax(axis=1)) == {6}


def test_an_average_reference_of_scalp_electrodes_at_256_hz_is_accepted():
    assert iclabel_refusal(NAMES, "referential", 256.0, 1.0) == ""


@pytest.mark.parametrize(
    ("names", "montage", "sfreq", "l_freq", "why"),
    [
        (NAMES, "bipolar", 256.0, 1.0, "bipolar"),
        (("TP9", "AF7", "AF8", "TP10"), "referential", 256.0, 1.0, "positions"),
        (NAMES, "referential", 100.0, 1.0, "100 Hz"),
        (NAMES, "referential", 256.0, None, "high-pass"),
    ],
)
def test_what_it_was_not_trained_on_is_refused_with_a_reason(names, montage, sfreq, l_freq, why):
    assert why in iclabel_refusal(names, montage, sfreq, l_freq)
