"""Features of windows, one value per window and channel: shape, spectrum, wavelets, pointed waves.

Definitions follow mne-features (Schiratti et al. 2018) where it has the feature, so that its values can be
compared; what is 0 / 0 there (a channel without any signal) is 0 here.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator

from eeg_kedro.errors import SignalError
from eeg_kedro.signal.discharges import DischargeOptions, find_discharges
from eeg_kedro.signal.spectra import Taper, mean_spectrum, slepian_tapers, window_tapers
from eeg_kedro.signal.waveform import describe_waveform, share_of

Samples = NDArray[np.float32]
Values = dict[str, NDArray[np.float32]]

BANDS = MappingProxyType(
    {
        "delta": (0.5, 4.0),
        "theta": (4.0, 8.0),
        "alpha": (8.0, 13.0),
        "beta": (13.0, 30.0),
        "gamma": (30.0, 50.0),
    }
)
BLOCK_SAMPLES = 1 << 17  # rows are worked on in blocks that stay in the cache


class FeatureOptions(BaseModel):
    """How the features of a window are computed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(True, description="make feat_window_features")
    spectrum: Literal["welch", "multitaper"] = Field("welch", description="how band powers are estimated")
    segment_seconds: float = Field(
        2.0, gt=0, le=60, description="segments averaged over, half overlapping, s"
    )
    taper: Taper = Field("hann", description="welch only: hann | hamming")
    time_bandwidth: float = Field(
        2.5, ge=1, le=20, description="multitaper only: half bandwidth (Hz) times segment (s)"
    )
    edge_share: float = Field(0.95, gt=0, lt=1, description="share of the power below edge_frequency")
    wavelet: str = Field("db4", description="a discrete wavelet of PyWavelets")
    wavelet_levels: int = Field(5, ge=1, le=12, description="levels of the wavelet energies, finest is 1")
    discharges: DischargeOptions = Field(
        default_factory=lambda: DischargeOptions.model_validate({}), description="spikes and sharp waves"
    )

    @field_validator("wavelet")
    @classmethod
    def _is_a_discrete_wavelet(cls, name: str) -> str:
        import pywt

        if name not in pywt.wavelist(kind="discrete"):
            raise ValueError("not a discrete wavelet of PyWavelets, such as db4 or sym8")
        return name


class FeatureField(NamedTuple):
    """Name, unit and meaning of one feature."""

    name: str
    unit: str
    description: str


def feature_fields(options: FeatureOptions) -> tuple[FeatureField, ...]:
    """List the features that `window_features` gives, in its order."""
    shape = [
        FeatureField("mean", "uV", "mean"),
        FeatureField("sd", "uV", "standard deviation, n - 1"),
        FeatureField("skewness", "1", "third standardized moment"),
        FeatureField("kurtosis", "1", "fourth standardized moment, 3 for a normal distribution"),
        FeatureField("zero_crossings", "count", "changes of sign"),
        FeatureField("hjorth_activity", "uV^2", "variance (Hjorth 1970)"),
        FeatureField("hjorth_mobility", "1/sample", "sd of the first difference over sd (Hjorth 1970)"),
        FeatureField(
            "hjorth_complexity", "1", "mobility of the first difference over mobility (Hjorth 1970)"
        ),
        FeatureField("line_length", "uV/sample", "mean absolute first difference (Esteller et al. 2001)"),
    ]
    ranges = {band: f"{low:g} <= f < {high:g} Hz" for band, (low, high) in BANDS.items()}
    absolute = [FeatureField(f"power_{band}", "uV^2", text) for band, text in ranges.items()]
    relative = [
        FeatureField(f"relative_{band}", "1", f"{text}, share of the power of all frequencies")
        for band, text in ranges.items()
    ]
    share = f"{options.edge_share:g} of the power lies at or below"
    spectrum = [
        FeatureField("spectral_entropy", "bit", "Shannon entropy of the normalized spectrum without 0 Hz"),
        FeatureField("edge_frequency", "Hz", share),
    ]
    wavelet = [
        FeatureField(
            f"wavelet_energy_{name}", "uV^2", f"sum of squared {options.wavelet} coefficients, {what}"
        )
        for name, what in _wavelet_names(options.wavelet_levels)
    ]
    note = "a candidate by amplitude, slope and duration, not a diagnosis"
    discharges = [
        FeatureField("n_spikes", "count", f"pointed waves of 20 to 70 ms; {note}"),
        FeatureField("n_sharp_waves", "count", f"pointed waves of 70 to 200 ms; {note}"),
        FeatureField("largest_discharge", "uV", f"height of the largest of them, 0 without any; {note}"),
        FeatureField("largest_discharge_slope", "uV/ms", f"mean slope of its flanks; {note}"),
        FeatureField("largest_discharge_ms", "ms", f"its duration, twice the width at half height; {note}"),
    ]
    return (*shape, *absolute, *relative, *spectrum, *wavelet, *discharges)


def _wavelet_names(levels: int) -> list[tuple[str, str]]:
    details = [(str(level), f"detail level {level}") for level in range(1, levels + 1)]
    return [*details, ("a", f"approximation behind level {levels}")]


def window_features(samples: Samples, sfreq: float, options: FeatureOptions) -> Values:
    """Compute the features of each channel in each window.

    Parameters
    ----------
    samples : ndarray of float32, shape (n_windows, n_channels, n_times)
        Microvolts; a view of overlapping windows will do, nothing is copied whole.
    sfreq : float
        Hz.
    options : FeatureOptions
        How.

    Returns
    -------
    dict of ndarray of float32, shape (n_windows, n_channels)
        One entry per `feature_fields`; finite values.

    Raises
    ------
    SignalError
        If a window has fewer than 4 samples or one that is no finite number.
    """
    n_windows, n_channels, n_times = samples.shape
    if n_times < 4:
        raise SignalError("a window is too short for features", value=n_times, allowed="4 samples and more")
    names = [field.name for field in feature_fields(options)]
    table = np.empty((len(names), n_windows, n_channels), np.float32)
    step = max(BLOCK_SAMPLES // n_times, 1)
    for window in range(n_windows):
        for first in range(0, n_channels, step):
            block = np.array(samples[window, first : first + step], np.float32)
            found = _block_features(block, sfreq, options)
            table[:, window, first : first + step] = [found[name] for name in names]
    if not np.isfinite(table).all():
        raise SignalError("a sample is no finite number", remedy="run the pipeline `window` again")
    return dict(zip(names, table, strict=True))


def _block_features(rows: Samples, sfreq: float, options: FeatureOptions) -> Values:
    """Compute the features of rows (n_rows, n_times), which lose their mean here."""
    shape = describe_waveform(rows)  # first: it takes the mean off
    values = shape | _spectral(rows, sfreq, options) | _wavelet_energies(rows, options)
    return values | _count_discharges(rows, sfreq, options.discharges)


def _spectral(rows: Samples, sfreq: float, options: FeatureOptions) -> Values:
    length = min(max(round(options.segment_seconds * sfreq), 4), rows.shape[1])
    if options.spectrum == "welch":
        tapers = window_tapers(length, options.taper)
    else:
        tapers = slepian_tapers(length, options.time_bandwidth)
    freqs, power = mean_spectrum(rows, sfreq, tapers, max(length // 2, 1))
    total = power.sum(axis=1)
    # slices, not masks: the order of a sum must not depend on the rows beside it
    places = {band: slice(*np.searchsorted(freqs, edges)) for band, edges in BANDS.items()}
    sums = {band: power[:, place].sum(axis=1) for band, place in places.items()}
    spacing = np.float32(freqs[1])
    share = share_of(power, total[:, np.newaxis])
    logs = np.log2(share[:, 1:], out=np.zeros_like(share[:, 1:]), where=share[:, 1:] > 0)
    below = np.cumsum(power, axis=1, dtype=np.float64)
    edge = freqs[np.argmax(below >= options.edge_share * below[:, -1:], axis=1)]
    return {
        **{f"power_{band}": value * spacing for band, value in sums.items()},
        **{f"relative_{band}": share_of(value, total) for band, value in sums.items()},
        "spectral_entropy": -np.einsum("ij,ij->i", share[:, 1:], logs),
        "edge_frequency": edge.astype(np.float32),
    }


def _wavelet_energies(rows: Samples, options: FeatureOptions) -> Values:
    """Sum the squared coefficients of each level; levels that the window is too short for are 0."""
    import pywt

    wavelet = pywt.Wavelet(options.wavelet)
    levels = min(options.wavelet_levels, pywt.dwt_max_level(rows.shape[1], wavelet.dec_len))
    names = [f"wavelet_energy_{name}" for name, _ in _wavelet_names(options.wavelet_levels)]
    values = {name: np.zeros(len(rows), np.float32) for name in names}
    for row, samples in enumerate(rows):
        smooth = samples
        for level in range(1, levels + 1):
            smooth, detail = pywt.dwt(smooth, wavelet)
            values[f"wavelet_energy_{level}"][row] = detail @ detail
        values["wavelet_energy_a"][row] = smooth @ smooth
    return values


def _count_discharges(rows: Samples, sfreq: float, options: DischargeOptions) -> Values:
    counts = np.zeros((2, len(rows)), np.float32)
    largest = np.zeros((3, len(rows)), np.float32)
    if options.enabled:
        found = find_discharges(rows, sfreq, options)
        for kind, chosen in enumerate((found.is_spike, ~found.is_spike)):
            counts[kind] = np.bincount(found.row[chosen], minlength=len(rows))
        order = np.argsort(found.uv, kind="stable")  # the largest of a row is written last
        shape = np.stack([found.uv, found.slope, 1000 * found.seconds])
        largest[:, found.row[order]] = shape[:, order]
    names = ("largest_discharge", "largest_discharge_slope", "largest_discharge_ms")
    return {"n_spikes": counts[0], "n_sharp_waves": counts[1]} | dict(zip(names, largest, strict=True))
