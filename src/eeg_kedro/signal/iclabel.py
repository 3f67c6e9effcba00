"""ICLabel (Pion-Tonachini, Kreutz-Delgado & Makeig 2019) with the weights that mne-icalabel ships.

The network sees three pictures of a component: its scalp map, its spectrum, its autocorrelation. Their
definition is mne-icalabel's; what differs is the cost. A scalp map is linear in the field, so one operator per
set of electrodes replaces a spline per component; five minutes say as much as an hour; one session serves all
recordings of a process.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.signal import resample_poly

from eeg_kedro.signal.electrodes import EARS
from eeg_kedro.signal.ica import Ica
from eeg_kedro.signal.positions import electrode_positions

Samples = NDArray[np.float32]
CLASSES = ("brain", "muscle", "eye", "heart", "line_noise", "channel_noise", "other")
LEAST_RATE = 200.0  # Hz: the spectrum it was trained on ends at 100 Hz
FEWEST_POSITIONS = 8
SPAN_SECONDS, N_SPANS = 30.0, 10  # of the recording are looked at
PIXELS = 32
N_BINS = 100  # of the spectrum, 1 Hz each, and of the autocorrelation, 10 ms each
LAG_WINDOW = 3  # seconds per stretch of the autocorrelation
NOTCH_DEPTH = 5.0  # dB below both neighbors: a notch, which the network has never seen
SHORTEST = 5.0  # seconds; below, mne-icalabel defines the autocorrelation differently
HEADROOM = 0.99  # training scaled the features by it


def iclabel_refusal(names: Sequence[str], montage: str, sfreq: float, l_freq: float | None) -> str:
    """Say why ICLabel's answer would mean nothing.

    Parameters
    ----------
    names : sequence of str
        Good channels.
    montage : str
        ``referential``, ``bipolar`` or ``unknown``.
    sfreq : float
        Hz, of the samples it would see.
    l_freq : float or None
        Their high-pass in Hz.

    Returns
    -------
    str
        Empty if it is valid: 1-100 Hz, average reference, electrodes with positions.
    """
    if montage != "referential":
        return f"ICLabel needs a referential montage, this one is {montage}"
    n_scalp = int(electrode_positions([name for name in names if name not in EARS])[1].sum())
    if n_scalp < FEWEST_POSITIONS:
        return f"ICLabel needs {FEWEST_POSITIONS} scalp electrodes with positions, there are {n_scalp}"
    if sfreq < LEAST_RATE:
        return f"ICLabel needs frequencies up to 100 Hz, {sfreq:g} Hz carry {sfreq / 2:g}"
    if not l_freq or not 0.5 <= l_freq <= 2.0:
        return f"ICLabel needs a high-pass at about 1 Hz, this one is {l_freq or 0:g} Hz"
    return ""


def label_components(
    referenced: Samples, sfreq: float, names: Sequence[str], ica: Ica
) -> NDArray[np.float64]:
    """Give the probability of each class for each component.

    Parameters
    ----------
    referenced : ndarray of float32, shape (n_channels, n_times)
        The samples that were decomposed: 1-100 Hz, average reference, microvolts.
    sfreq : float
        Hz.
    names : sequence of str
        Channels.
    ica : Ica
        Their components.

    Returns
    -------
    ndarray of float64, shape (n_components, 7)
        Columns as ``CLASSES``; all "other" for a recording of less than five seconds.
    """
    if not ica.n_components or referenced.shape[1] < SHORTEST * sfreq:
        return np.asarray(np.eye(len(CLASSES))[np.full(ica.n_components, CLASSES.index("other"))])
    chosen = _spread(referenced, round(SPAN_SECONDS * sfreq))
    sources = ica.unmixing.astype(np.float32) @ chosen
    return _run(
        HEADROOM * _scalp_maps(tuple(names), ica.mixing),
        HEADROOM * _spectra(sources, sfreq),
        HEADROOM * _autocorrelations(sources, sfreq),
    )


def _spread(referenced: Samples, n_span: int) -> Samples:
    """Cut spans that lie evenly over the recording, or take all of a short one."""
    n_times = referenced.shape[1]
    if n_times <= N_SPANS * n_span:
        return referenced
    starts = np.linspace(0, n_times - n_span, N_SPANS).astype(int)
    return np.concatenate([referenced[:, start : start + n_span] for start in starts], axis=1)


def _scalp_maps(names: tuple[str, ...], mixing: NDArray[np.float64]) -> NDArray[np.float64]:
    """Draw fields as pictures whose largest value is one, shape (n_components, 32, 32)."""
    operator, placed = _map_operator(names)
    maps = np.tensordot(mixing[list(placed)].T, operator, axes=(1, 2))
    peak = np.abs(maps).max(axis=(1, 2), keepdims=True)
    return np.asarray(np.divide(maps, peak, out=np.zeros_like(maps), where=peak > 0))


@lru_cache(maxsize=16)
def _map_operator(names: tuple[str, ...]) -> tuple[NDArray[np.float64], tuple[int, ...]]:
    """Give what one microvolt at each electrode draws, shape (32, 32, n_placed), and which have a place."""
    import mne
    from mne_icalabel.iclabel._utils import _mne_to_eeglab_locs
    from mne_icalabel.iclabel.features import _topoplotFast

    placed = tuple(np.flatnonzero(electrode_positions(names)[1]).tolist())
    chosen = [names[i] for i in placed]
    raw = mne.io.RawArray(np.zeros((len(chosen), 1)), mne.create_info(chosen, 1.0, "eeg"), verbose="error")
    raw.set_montage(_template(), match_case=False)
    radius, angle = _mne_to_eeglab_locs(raw, chosen)
    unit = np.eye(len(chosen))
    maps = [np.nan_to_num(_topoplotFast(row, radius.copy(), np.deg2rad(angle))) for row in unit]
    return np.stack(maps, axis=-1), placed


@lru_cache(maxsize=1)
def _template() -> Any:
    import mne

    known = mne.channels.get_builtin_montages()
    name = next(name for name in ("colin27_1005", "standard_1005") if name in known)
    return mne.channels.make_standard_montage(name)


def _windows(sources: Samples, n_window: int) -> NDArray[np.float32]:
    """Lay half-overlapping windows as EEGLAB does, shape (n_components, n_windows, n_window), a view."""
    usable = sources.shape[1] // n_window * n_window
    starts = np.ceil(np.arange(0, usable - n_window + n_window / 2, n_window / 2)).astype(int)
    windows = np.lib.stride_tricks.sliding_window_view(sources, n_window, axis=1)
    hop = n_window // 2
    if n_window % 2 == 0:  # a view costs nothing; an odd length needs the uneven starts
        return windows[:, : starts[-1] + 1 : hop]
    return windows[:, starts]


def _spectra(sources: Samples, sfreq: float) -> NDArray[np.float64]:
    """Give the median spectrum in dB over its peak, notches filled, shape (n_components, 100)."""
    n_window, nyquist = int(sfreq), int(sfreq / 2)
    taper = np.hamming(n_window).astype(np.float32)
    n_bins = min(nyquist, N_BINS)
    power = np.empty((len(sources), n_bins))
    for row, windows in zip(power, _windows(sources, n_window), strict=True):
        bins = fft.rfft(windows * taper, axis=-1)[:, 1 : n_bins + 1]
        row[:] = np.median(bins.real**2 + bins.imag**2, axis=0)
    power *= 2 / (sfreq * float((taper.astype(np.float64) ** 2).sum()))
    if n_bins == nyquist:
        power[:, -1] /= 2
    decibels = 20 * np.log10(np.maximum(power, np.finfo(np.float64).tiny))
    decibels = np.pad(decibels, ((0, 0), (0, N_BINS - n_bins)), mode="edge")
    for line in (50, 60):
        around = decibels[:, [line - 2, line]]
        notched = (around - decibels[:, [line - 1]] > NOTCH_DEPTH).all(axis=1)
        decibels[notched, line - 1] = around[notched].mean(axis=1)
    return np.asarray(decibels / np.abs(decibels).max(axis=1, keepdims=True), np.float64)


def _autocorrelations(sources: Samples, sfreq: float) -> NDArray[np.float64]:
    """Give the autocorrelation at lags of 10 ms to 1 s, shape (n_components, 100)."""
    n_lags = int(sfreq)
    n_window = min(sources.shape[1], int(sfreq * LAG_WINDOW))
    n_fft = fft.next_fast_len(n_window + n_lags + 1, real=True)  # long enough that no lag wraps around
    power = np.empty((len(sources), n_fft // 2 + 1))
    for row, windows in zip(power, _windows(sources, n_window), strict=True):
        bins = fft.rfft(windows, n_fft, axis=-1)
        row[:] = (bins.real**2 + bins.imag**2).mean(axis=0)
    lags = fft.irfft(power, n_fft, axis=-1)[:, : n_lags + 1]
    overlap = np.append(np.arange(n_window, n_window - n_lags, -1), max(1, n_window - n_lags)) / n_window
    level = lags[:, :1]
    lags = np.divide(lags, level * overlap, out=np.zeros_like(lags), where=level > 0)
    down = n_lags + int(lags.shape[1] * 100 / n_lags > 101)
    return np.asarray(resample_poly(lags, 100, down, axis=1)[:, 1 : N_BINS + 1], np.float64)


def _run(
    maps: NDArray[np.float64], spectra: NDArray[np.float64], autocorrelations: NDArray[np.float64]
) -> NDArray[np.float64]:
    # the network answers for four mirror images of each map and averages them itself
    mirrored = np.concatenate([maps, -maps, maps[:, :, ::-1], -maps[:, :, ::-1]])
    feed = {
        "topo": mirrored[:, None].astype(np.float32),
        "psds": np.tile(spectra[:, None, None], (4, 1, 1, 1)).astype(np.float32),
        "autocorr": np.tile(autocorrelations[:, None, None], (4, 1, 1, 1)).astype(np.float32),
    }
    return np.asarray(_session().run(None, feed)[0], np.float64)


@lru_cache(maxsize=1)
def _session() -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    weights = files("mne_icalabel.iclabel.network") / "assets" / "ICLabelNet.onnx"
    return onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
