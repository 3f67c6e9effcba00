"""A span of a recording's samples: for pages people look at, not for training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from eeg_kedro.io.samples import SampleSource


def read_span(source: SampleSource, start: int, stop: int) -> NDArray[np.float32]:
    """Read samples ``[start, stop)`` of every pick, in microvolts.

    Returns
    -------
    ndarray of float32, (n_picks, min(stop, n_times) - start)
    """
    return next(iter(source.spans([(start, stop)])))
