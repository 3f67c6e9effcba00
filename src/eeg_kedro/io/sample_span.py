"""A span of a recording's samples, read through its blocks: for pages people look at, not for training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from eeg_kedro.io.samples import SampleSource

BLOCK = 1 << 16


def read_span(source: SampleSource, start: int, stop: int) -> NDArray[np.float32]:
    """Read samples ``[start, stop)`` of every pick, in microvolts.

    Returns
    -------
    ndarray of float32, (n_picks, min(stop, n_times) - start)
    """
    parts = []
    position = 0
    for block in source.blocks(BLOCK):
        end = position + block.shape[1]
        if end > start:
            parts.append(block[:, max(start - position, 0) : stop - position].copy())
        position = end
        if position >= stop:
            break
    return np.concatenate(parts, axis=1)
