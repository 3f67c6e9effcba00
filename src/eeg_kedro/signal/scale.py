"""A robust scale per channel, learned while samples pass by: recorded beside them, never applied."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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
