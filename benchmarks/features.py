"""Features, STFT and multitaper spectrograms beside mne-features, SciPy and MNE.

usage: OMP_NUM_THREADS=1 python benchmarks/features.py [windows=8] [rounds=5]

Windows of 19 channels x 50 s x 200 Hz. Candidates take turns in one process; CPU time, medians. Peers get the
float64 they ask for, made before the clock starts; ours gets float32, which is what `prm_windows` holds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import mne
import numpy as np
from numpy.typing import NDArray
from recordings import make_samples
from scipy import signal
from timing import race

from eeg_kedro.signal.electrodes import STANDARD_19
from eeg_kedro.signal.features import BANDS, FeatureOptions, window_features
from eeg_kedro.signal.spectra import multitaper_power, stft_power
from eeg_kedro.signal.spectrograms import SpectrogramOptions, chain_spectrogram

SFREQ, SECONDS, FRAME, HOP = 200, 50, 400, 200
# mne-features knows Hamming windows only; without candidates of spikes, which it does not have
COMPARED = FeatureOptions.model_validate(
    {
        "taper": "hamming",
        "segment_seconds": 256 / SFREQ,
        "wavelet_levels": 6,
        "discharges": {"enabled": False},
    }
)
ALL = FeatureOptions.model_validate({})
WELCH = {"welch_n_fft": 256, "welch_n_per_seg": 256, "welch_n_overlap": 128}
PARAMS = {
    "pow_freq_bands__freq_bands": np.array([[low, high - 1e-6] for low, high in BANDS.values()]),
    "pow_freq_bands__psd_params": WELCH,
    "spect_entropy__psd_params": WELCH,
    "spect_edge_freq__psd_params": WELCH,
    "spect_edge_freq__edge": [COMPARED.edge_share],
}
# theirs -> ours, one or one per band or level
SAME: dict[str, list[str]] = {
    "mean": ["mean"],
    "std": ["sd"],
    "skewness": ["skewness"],
    "kurtosis": ["kurtosis"],
    "zero_crossings": ["zero_crossings"],
    "line_length": ["line_length"],
    "hjorth_mobility": ["hjorth_mobility"],
    "hjorth_complexity": ["hjorth_complexity"],
    "pow_freq_bands": [f"relative_{band}" for band in BANDS],
    "spect_entropy": ["spectral_entropy"],
    "spect_edge_freq": ["edge_frequency"],
    "wavelet_coef_energy": [f"wavelet_energy_{level}" for level in range(1, 7)],
}
# mne-features puts a zero before the signal: its value is that of a signal which jumps from 0
ZERO_IN_FRONT = {"hjorth_mobility", "hjorth_complexity"}


def make_windows(n_windows: int) -> NDArray[np.float64]:
    """Make windows of cleaned EEG, microvolts, shape (n_windows, 19, 10000)."""
    samples = make_samples(n_windows * SECONDS + 20, SFREQ)[: len(STANDARD_19)]
    samples = mne.filter.filter_data(samples, SFREQ, 0.5, 50, verbose="ERROR")[:, 10 * SFREQ : -10 * SFREQ]
    cut = samples.reshape(len(samples), n_windows, -1).swapaxes(0, 1)
    return np.ascontiguousarray(cut)


def worst_difference(windows: NDArray[np.float64], names: set[str]) -> float:
    """Return the largest difference to mne-features, relative to the largest value of the feature."""
    peer = run_mne_features(windows, as_table=True)
    ours = window_features(windows.astype(np.float32), SFREQ, COMPARED)
    worst = 0.0
    for theirs in names:
        mine = np.stack([ours[name] for name in SAME[theirs]], axis=-1)
        expected = peer[theirs].to_numpy().reshape(mine.shape)
        worst = max(worst, float(np.abs(mine - expected).max() / np.abs(expected).max()))
    return worst


def run_mne_features(windows: NDArray[np.float64], *, as_table: bool = False) -> Any:
    from mne_features.feature_extraction import extract_features

    return extract_features(windows, SFREQ, [*SAME], funcs_params=PARAMS, return_as_df=as_table)


def scipy_stft(windows: NDArray[np.float64]) -> NDArray[np.float64]:
    transform = signal.ShortTimeFFT(
        signal.get_window("hann", FRAME), HOP, SFREQ, scale_to="psd", fft_mode="onesided2X"
    )
    # frame p is centered on sample p * hop: only those that lie wholly in the window
    whole = {"p0": 1, "p1": (SECONDS * SFREQ - FRAME) // HOP + 2}
    power: NDArray[np.float64] = transform.spectrogram(windows, **whole)
    return power


def mne_multitaper(windows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cut the frames MNE's way would need and give their multitaper power."""
    frames = np.lib.stride_tricks.sliding_window_view(windows, FRAME, axis=-1)[..., ::HOP, :]
    power: NDArray[np.float64] = mne.time_frequency.psd_array_multitaper(
        frames, SFREQ, bandwidth=4, adaptive=False, normalization="full", remove_dc=False, verbose="ERROR"
    )[0]
    return power


def relative_rms(ours: NDArray[Any], theirs: NDArray[Any]) -> float:
    return float(np.sqrt(np.mean((ours - theirs) ** 2) / np.mean(theirs**2)))


def stft_difference(windows: NDArray[np.float64]) -> float:
    ours = stft_power(windows.astype(np.float32), SFREQ, FRAME / SFREQ, HOP / SFREQ)[1]
    return relative_rms(ours, scipy_stft(windows).swapaxes(-1, -2))


def multitaper_difference(windows: NDArray[np.float64]) -> float:
    ours = multitaper_power(windows.astype(np.float32), SFREQ, FRAME / SFREQ, HOP / SFREQ, 4.0)[1]
    return relative_rms(ours, mne_multitaper(windows))


def main() -> None:
    n_windows = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    windows = make_windows(n_windows)
    single = windows.astype(np.float32)
    seconds = (FRAME / SFREQ, HOP / SFREQ)
    chains = SpectrogramOptions.model_validate({})
    candidates: dict[str, Callable[[], object]] = {
        "features": lambda: window_features(single, SFREQ, COMPARED),
        "features, peer": lambda: run_mne_features(windows),
        "all features": lambda: window_features(single, SFREQ, ALL),
        "stft": lambda: stft_power(single, SFREQ, *seconds),
        "stft, peer": lambda: scipy_stft(windows),
        "multitaper": lambda: multitaper_power(single, SFREQ, *seconds, 4.0),
        "multitaper, peer": lambda: mne_multitaper(windows),
        "chains": lambda: [chain_spectrogram(window, SFREQ, STANDARD_19, chains) for window in single],
    }
    took = {name: value / n_windows for name, value in race(candidates, rounds).items()}
    exact = worst_difference(windows, {*SAME} - ZERO_IN_FRONT)
    hjorth = worst_difference(windows, ZERO_IN_FRONT)
    print(f"{n_windows} windows of 19 channels x 50 s x 200 Hz; CPU s per 1000 windows, median of {rounds}\n")
    print("| work | must | ours | peer | ratio | difference |\n|---|---|---|---|---|---|")
    rows = [
        (
            "features",
            ">= 4x",
            f"12 families, mne-features ({exact:.0e}; Hjorth {hjorth:.0e})",
            f"{exact:.0e}",
        ),
        ("stft", ">= 2x", "STFT 2 s / 1 s, ShortTimeFFT", f"{stft_difference(windows):.0e}"),
        ("multitaper", "-", "7 tapers, psd_array_multitaper", f"{multitaper_difference(windows):.0e}"),
    ]
    for name, must, text, apart in rows:
        mine, peer = took[name] * 1000, took[f"{name}, peer"] * 1000
        print(f"| {text} | {must} | {mine:.2f} s | {peer:.2f} s | {peer / mine:.1f}x | {apart} |")
    print(
        f"| all features of the default, candidates of spikes too | - | {took['all features'] * 1000:.2f} s | | | |"
    )
    print(f"| spectrogram of the four chains of HMS | - | {took['chains'] * 1000:.2f} s | | | |")


if __name__ == "__main__":
    main()
