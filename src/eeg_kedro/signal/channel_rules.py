"""The rules by which a channel is bad, one function each; they write what they find into `Findings`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.signal.bad_channel_options import BadChannelOptions
from eeg_kedro.signal.channel_measures import ChannelMeasures
from eeg_kedro.signal.channel_outliers import FEWEST_FOR_LOF, LEAST_SPREAD, local_outlier_factors, robust_z
from eeg_kedro.signal.channel_verdicts import ChannelFacts, Findings
from eeg_kedro.signal.electrodes import EARS
from eeg_kedro.signal.positions import electrode_positions
from eeg_kedro.signal.ransac import draw_subsets, ransac_correlations, subset_size

Mask = NDArray[np.bool_]
FEWEST_TO_COMPARE = 4  # channels; fewer are not a population
QUIET = 0.25  # of the median channel's amplitude: above it, a small amplitude is no sign of a dead input
FEWEST_EXTREME = 2  # seconds
RANSAC_THINNING = 2  # of the points in a window
DENSE = 14  # electrodes with positions; from here on pyprep, too, runs RANSAC
CLEAR = 1.5  # times the limit: where most channels correlate less, a window says nothing about one of them
LEAST_TELLING, FEWEST_TELLING = 0.4, 2  # share and number of windows that must say something


def judge_facts(found: Findings, facts: ChannelFacts, options: BadChannelOptions, flat_uv: float) -> None:
    """Find channels that are flat, lost or clipped from beginning to end."""
    found.note("ptp_uv", facts.ptp_uv)
    found.note("missing_share", facts.missing_share)
    found.note("clipped_share", facts.clipped_share)
    common = float(
        np.min(facts.missing_share, initial=1.0)
    )  # a pause of the whole recording is no channel's fault
    for i, (ptp, missing, clipped) in enumerate(
        zip(facts.ptp_uv, facts.missing_share, facts.clipped_share, strict=True)
    ):
        if missing >= 1 or not np.isfinite(ptp):
            found.blame(i, "missing", "no sample is a number")
        elif ptp < flat_uv:
            found.blame(i, "flat", f"{ptp:.2g} µV peak to peak (limit {flat_uv:g} µV)")
        elif missing - common > options.missing_share:
            found.blame(
                i,
                "missing",
                f"{_percent(missing)} of samples missing (limit {_percent(options.missing_share)})",
            )
        if options.enabled and clipped > options.clipped_share:
            found.blame(
                i,
                "clipped",
                f"{_percent(clipped)} of samples clipped (limit {_percent(options.clipped_share)})",
            )


def judge_swings(found: Findings, facts: ChannelFacts, options: BadChannelOptions) -> None:
    """Find loose electrodes: their level wanders far, and farther than that of the others."""
    if facts.swing_uv is None:
        return
    found.note("swing_uv", facts.swing_uv)
    moves = found.free_of("flat", "missing") & np.isfinite(facts.swing_uv)
    if moves.sum() < FEWEST_TO_COMPARE:
        return
    usual = float(np.median(facts.swing_uv[moves]))
    limit = max(options.swing_uv, options.swing_ratio * usual)
    for i in _where(moves & (facts.swing_uv > limit)):
        found.blame(i, "swing", f"swings by {facts.swing_uv[i]:.0f} µV within minutes (limit {limit:.0f} µV)")


def judge_pauses(
    found: Findings, measured: ChannelMeasures, options: BadChannelOptions, flat_uv: float
) -> None:
    """Find channels that are silent most of the time, though not always."""
    found.note("amplitude_uv", measured.amplitude)
    silent = (measured.second_rms < flat_uv / 2).mean(axis=1)
    for i in _where((silent > options.bad_window_share) & found.free_of("flat", "missing")):
        found.blame(
            i,
            "flat",
            f"silent in {_percent(silent[i])} of seconds (limit {_percent(options.bad_window_share)})",
        )
    for i in _where(~np.isfinite(measured.amplitude) & found.free_of("missing")):
        found.blame(i, "missing", "samples that are no numbers were left in the excerpt")


def judge_extremes(found: Findings, measured: ChannelMeasures, options: BadChannelOptions) -> None:
    """Find channels that are often larger than scalp EEG can be."""
    extreme = measured.second_rms > options.extreme_uv
    extreme[:, extreme.mean(axis=0) > 0.5] = False  # the head or the reference moved, not an electrode
    share = extreme.mean(axis=1)
    found.note("extreme_share", share)
    for i in _where((share > options.extreme_share) & (extreme.sum(axis=1) >= FEWEST_EXTREME)):
        found.blame(
            i,
            "deviation",
            f"above {options.extreme_uv:g} µV rms in {_percent(share[i])} of seconds"
            f" (limit {_percent(options.extreme_share)})",
        )


def judge_looks(
    found: Findings, measured: ChannelMeasures, moves: Mask, options: BadChannelOptions
) -> NDArray[np.float64]:
    """Compare amplitude and fast activity; give the features of the channels that move, shape (n, 3)."""
    names = np.array(found.names)[moves]
    ear = np.isin(names, EARS)
    usual = ~ear if (~ear).sum() >= FEWEST_TO_COMPARE else np.ones_like(ear)
    amplitude, steps = measured.amplitude[moves], measured.steps[moves]
    shared = np.median(measured.correlation[:, moves], axis=0)
    size = robust_z(np.log(amplitude), usual)
    fast = robust_z(np.log(steps), usual)
    speed = robust_z(np.log(steps / amplitude), usual, LEAST_SPREAD / 2)  # of spectra that belong to one head
    for measure, values in (("amplitude_z", size), ("noise_z", speed), ("correlation", shared)):
        found.note(measure, values, moves)
    kinship = robust_z(np.arctanh(np.clip(shared, 0, 0.999)), usual)
    alone = shared < options.shared
    dead = (amplitude < QUIET * np.median(amplitude[usual])) & ~ear
    high = (size > options.deviation_z) & (alone | (size > 2 * options.deviation_z))
    # where most channels are noise, the quiet ones are the good ones: they share more than the others, not less
    low = (size < -options.deviation_z) & alone & dead & (kinship < 0)
    # a channel that is slow and small has relatively more that is fast: it must also have absolutely more
    noisy = (speed > options.noise_z) & (fast > options.noise_z / 2) & alone
    for k, i in enumerate(_where(moves)):
        if high[k] or low[k]:
            limit = f"(limit {options.deviation_z:g})"
            found.blame(
                i, "deviation", f"amplitude {amplitude[k]:.3g} µV, {size[k]:+.1f} SD off the others {limit}"
            )
        if noisy[k]:
            found.blame(
                i, "noise", f"high frequencies {speed[k]:+.1f} SD off the others (limit {options.noise_z:g})"
            )
    return np.column_stack([size, speed, kinship])


def judge_correlation(
    found: Findings, measured: ChannelMeasures, moves: Mask, options: BadChannelOptions
) -> None:
    """Find channels that share too little with any other."""
    limit = options.correlation / (1 if _are_dense(found.names) else 2)
    share, n_telling = _bad_share(measured.correlation[:, moves], limit)
    if not n_telling:
        return
    found.note("bad_window_share", share, moves)
    needed = _needed_share(options, n_telling)
    for k, i in enumerate(_where(moves)):
        if share[k] > needed and found.names[i] not in EARS:
            found.blame(
                i,
                "correlation",
                f"best correlations below {limit:g} in {_percent(share[k])} of {n_telling} windows"
                f" (limit {_percent(needed)})",
            )


def judge_ransac(found: Findings, measured: ChannelMeasures, moves: Mask, options: BadChannelOptions) -> bool:
    """Predict electrodes from others; tell whether that was possible (or not wanted)."""
    if options.ransac == "off":
        return False
    positions, known = electrode_positions(found.names)
    scalp = moves & known & ~np.isin(np.array(found.names), EARS)
    good = scalp & found.free_of("missing", "deviation", "noise", "correlation")
    size = subset_size(int(scalp.sum()), options.ransac_share)
    if not size or good.sum() < 2 * size:
        return False
    n_windows = len(measured.windows)
    chosen = np.linspace(0, n_windows - 1, min(n_windows, options.ransac_windows)).round().astype(np.intp)
    subsets = draw_subsets(int(good.sum()), size, options.ransac_samples, options.seed)
    windows = measured.windows[np.unique(chosen)][:, good, ::RANSAC_THINNING]
    predicted = ransac_correlations(windows, positions[good], subsets)
    found.note("ransac_correlation", np.median(predicted, axis=0), good)
    share, n_telling = _bad_share(predicted, options.ransac_correlation)
    if not n_telling:
        return True
    found.note("ransac_bad_share", share, good)
    needed = _needed_share(options, n_telling)
    alone = np.median(measured.correlation[:, good], axis=0) < options.shared
    for k, i in enumerate(_where(good)):
        if share[k] > needed and alone[k]:
            found.blame(
                i,
                "ransac",
                f"prediction from others correlates below {options.ransac_correlation:g} in"
                f" {_percent(share[k])} of {n_telling} windows (limit {_percent(needed)})",
            )
    return True


def judge_lof(
    found: Findings,
    measured: ChannelMeasures,
    moves: Mask,
    features: NDArray[np.float64],
    options: BadChannelOptions,
) -> None:
    """Find channels that stand apart in all measures taken together."""
    if len(features) < FEWEST_FOR_LOF:
        return
    factors = local_outlier_factors(features)
    found.note("lof", factors, moves)
    # the factor is a ratio: channels that are nearly alike have outliers too, so the distance counts as well
    far = np.linalg.norm(features, axis=1) > options.deviation_z
    # as for the amplitude, the good ones stand apart where most are bad
    alone = (np.median(measured.correlation[:, moves], axis=0) < options.shared) & (features[:, 2] < 0)
    for k, i in enumerate(_where(moves)):
        if factors[k] > options.lof and far[k] and alone[k] and found.names[i] not in EARS:
            found.blame(i, "lof", f"local outlier factor {factors[k]:.1f} (limit {options.lof:g})")


def _bad_share(correlations: NDArray[np.float64], limit: float) -> tuple[NDArray[np.float64], int]:
    """Give each channel's share of windows below a limit, among those in which most channels are well above it.

    The number of such windows is given too; none if they are rare: then nothing can be said about one channel.
    """
    telling = np.median(correlations, axis=1) >= CLEAR * limit
    if telling.mean() < LEAST_TELLING or telling.sum() < FEWEST_TELLING:
        return np.zeros(correlations.shape[1]), 0
    share: NDArray[np.float64] = (correlations[telling] < limit).mean(axis=0)
    return share, int(telling.sum())


def _needed_share(options: BadChannelOptions, n_windows: int) -> float:
    """Raise the limit by a standard error: of two windows both must be bad, of sixty 47 %."""
    return min(options.bad_window_share + 0.5 / float(np.sqrt(n_windows)), 1 - 1e-9)


def _are_dense(names: Sequence[str]) -> bool:
    """Tell whether electrodes sit so close that each should resemble two others; pairs cancel what is common."""
    return int(electrode_positions(names)[1].sum()) >= DENSE


def _where(mask: Mask) -> list[int]:
    places: list[int] = np.flatnonzero(mask).tolist()
    return places


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"
