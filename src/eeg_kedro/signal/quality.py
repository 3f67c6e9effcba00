"""From cells to numbers people can sort by: signal-to-noise, share of artefacts, scores from 0 to 1.

The score of a second of a channel is the share of its power that is signal, ``r / (1 + r)`` of the
signal-to-noise ratio ``r`` that `CellWatcher.snr_db` gives, and 0 where an artefact remains, or where
the channel says nothing of its own because it was interpolated.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.signal.artefacts import BIT, KINDS, Cells
from eeg_kedro.signal.cell_measures import signal_to_noise

__all__ = ["PER_SECOND", "signal_to_noise", "summarize_quality"]

Samples = NDArray[np.float32]
PER_SECOND = ("second_score", "second_artefact_share", "second_snr_db")


def summarize_quality(
    before: Cells,
    after: Cells,
    snr_db: Samples,
    interpolated: NDArray[np.bool_],
    snr_before_db: Samples | None = None,
    n_masked: int = 0,
) -> dict[str, Any]:
    """Summarize the cells of a recording.

    Parameters
    ----------
    before, after : ndarray of uint8, shape (n_channels, n_cells)
        Artefacts found, and those that remain after cleaning.
    snr_db : ndarray, shape (n_channels, n_cells)
        Signal-to-noise ratio of the cleaned signal, from `CellWatcher.snr_db`.
    interpolated : ndarray of bool, shape (n_channels,)
        Channels that carry no signal of their own, or a bad one that nothing could replace.
    snr_before_db : ndarray, optional
        The same ratio before cleaning.
    n_masked : int
        Recorded channels that were left out: they count as spoilt.

    Returns
    -------
    dict
        ``score``, ``snr_db``, ``artefact_share`` (of channel-seconds; interpolated ones count), ``found_share`` and
        ``residual_share`` per kind, ``channel_scores``, and lists per second: ``second_score``,
        ``second_artefact_share``, ``second_snr_db``.
    """
    spoilt = (after != 0) | interpolated[:, np.newaxis]
    own = ~interpolated if (~interpolated).any() else np.ones(len(interpolated), bool)
    ratio = 10.0 ** (snr_db.astype(np.float64) / 10)
    # nothing known of the noise: the score knows artefacts only
    scores = np.where(spoilt, 0.0, np.where(np.isnan(ratio), 1.0, ratio / (1 + ratio)))
    there = len(scores) / max(len(scores) + n_masked, 1)
    second_snr = _median(snr_db[own], 0)
    summary = {
        "score": there * _mean(scores),
        "snr_db": _known(second_snr),
        "artefact_share": 1 - there * (1 - _mean(spoilt)),
        "found_share": _shares(before),
        "residual_share": _shares(after),
        "channel_scores": _rounded(scores.mean(axis=1)) if scores.size else [0.0] * len(scores),
        "second_score": _rounded(there * scores.mean(axis=0)) if scores.size else [],
        "second_artefact_share": _rounded(1 - there * (1 - spoilt.mean(axis=0))) if spoilt.size else [],
        "second_snr_db": _rounded(second_snr),
    }
    if snr_before_db is not None and snr_before_db.size:
        summary["snr_before_db"] = _known(snr_before_db[own])
    return summary


def _known(ratio: NDArray[Any]) -> float | None:
    """Give the median of a ratio in dB; None where it is not known."""
    if not ratio.size:
        return 0.0
    middle = float(np.median(ratio))
    return middle if np.isfinite(middle) else None


def _shares(cells: Cells) -> dict[str, float]:
    """Give the share of cells that have each kind."""
    return {kind: _mean((cells & BIT[kind]) != 0) for kind in KINDS}


def _mean(values: NDArray[Any]) -> float:
    return float(values.mean()) if values.size else 0.0


def _median(values: NDArray[Any], axis: int) -> NDArray[np.float64]:
    return np.asarray(np.median(values, axis=axis) if values.size else np.zeros(0), np.float64)


def _rounded(values: NDArray[Any]) -> list[float]:
    """Give numbers that are short as text: the fourth decimal is far below what they can tell."""
    return [float(value) for value in np.round(values, 4)]
