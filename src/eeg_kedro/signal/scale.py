"""A robust scale per channel, learned while samples pass by: recorded beside them, never applied to what is stored.

Stored samples are microvolts. A model that wants unit-free numbers applies the recorded scale when it reads
(`apply_scale`) and gets microvolts back with `undo_scale`. A scale of one recording uses that recording alone; one
that serves several may use training recordings only (`pool_scales`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.errors import SplitError

# 16 384 samples spread over the recording pin the quartiles to about one percent
MOST_SAMPLES = 16_384
QUARTILES = (0.25, 0.5, 0.75)


class RobustScale:
    """Median and interquartile range of every channel from evenly spaced samples.

    Every ``step``-th sample counts, with ``step`` chosen from the recording's length, so memory is bounded
    and the result depends on the samples alone, not on how many arrive at a time.

    Parameters
    ----------
    n_channels : int
        Channels of the recording.
    n_times : int
        Samples per channel that will arrive in all.
    most_samples : int
        Upper bound of the samples kept per channel.
    """

    def __init__(self, n_channels: int, n_times: int, most_samples: int = MOST_SAMPLES) -> None:
        self.step = max(1, -(-n_times // most_samples))
        self._kept = np.empty((n_channels, -(-n_times // self.step)), np.float32)
        self._seen = 0
        self._filled = 0

    def update(self, block: NDArray[np.float32]) -> None:
        """Take the next samples, shape (n_channels, n), in microvolts."""
        chosen = block[:, -self._seen % self.step :: self.step]
        self._kept[:, self._filled : self._filled + chosen.shape[1]] = chosen
        self._filled += chosen.shape[1]
        self._seen += block.shape[1]

    def summary(self) -> dict[str, list[float]]:
        """Give ``{"median": [...], "iqr": [...]}`` in microvolts, one value per channel."""
        if not self._filled:
            return {"median": [0.0] * len(self._kept), "iqr": [0.0] * len(self._kept)}
        low, median, high = np.quantile(self._kept[:, : self._filled], QUARTILES, axis=1).astype(np.float64)
        return {"median": median.tolist(), "iqr": (high - low).tolist()}


def apply_scale(samples: NDArray[np.floating], scale: Mapping[str, Sequence[float]]) -> NDArray[np.float32]:
    """Turn microvolts, shape (n_channels, n), into multiples of each channel's interquartile range.

    A channel without spread (IQR 0) is only centered.
    """
    median, spread = _columns(scale)
    return np.asarray((samples - median) / spread, np.float32)


def undo_scale(scaled: NDArray[np.floating], scale: Mapping[str, Sequence[float]]) -> NDArray[np.float32]:
    """Turn what `apply_scale` gave, shape (n_channels, n), back into microvolts."""
    median, spread = _columns(scale)
    return np.asarray(scaled * spread + median, np.float32)


def pool_scales(
    scales: Mapping[str, tuple[Sequence[str], Mapping[str, Sequence[float]]]], training: AbstractSet[str]
) -> dict[str, tuple[float, float]]:
    """Make one scale per channel for many recordings: the median over recordings of medians and IQRs.

    Parameters
    ----------
    scales : mapping
        ``{participant_run: (ch_names, scale)}`` of the recordings to learn from.
    training : set of str
        Keys of the recordings that are in the training split.

    Returns
    -------
    dict
        ``{channel: (median, iqr)}`` in microvolts.

    Raises
    ------
    SplitError
        If a recording outside the training split is among them: its statistics must not reach training.
    """
    strangers = sorted({*scales} - {*training})
    if strangers:
        raise SplitError(
            "a scale that crosses recordings may use training recordings only",
            value=strangers[:5],
            allowed="recordings of the training split",
            remedy="leave the others out; they are scaled with what training gave",
        )
    found: dict[str, list[tuple[float, float]]] = {}
    for _, (names, scale) in sorted(scales.items()):
        for name, median, iqr in zip(names, scale["median"], scale["iqr"], strict=True):
            found.setdefault(name, []).append((median, iqr))
    return {
        name: (float(pair[0]), float(pair[1]))
        for name, pairs in found.items()
        for pair in [np.median(pairs, axis=0)]
    }


def _columns(scale: Mapping[str, Sequence[float]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    median, spread = (np.asarray(scale[name], np.float64)[:, np.newaxis] for name in ("median", "iqr"))
    return median, np.where(spread > 0, spread, 1.0)
