"""Re-referencing to the average of the good scalp electrodes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.signal.electrodes import EARS

Samples = NDArray[np.float32]
FEWEST_FOR_AVERAGE = 8
LEFT = "reference left as recorded"


def plan_reference(
    names: tuple[str, ...], montage: str, wanted: str, recorded: Sequence[str] = ()
) -> tuple[list[int], str]:
    """Choose the channels whose mean becomes the reference.

    Parameters
    ----------
    names : tuple of str
        Good channels.
    montage : str
        ``referential``, ``bipolar`` or ``unknown``.
    wanted : str
        ``average`` or ``as_recorded``.
    recorded : sequence of str
        References the recording was made against, where labels name them.

    Returns
    -------
    list of int
        Indices of the scalp electrodes to average, ears not among them; empty: leave the signal as recorded.
    str
        Why an average that was wanted is not possible.
    """
    if wanted == "as_recorded":
        return [], ""
    if montage != "referential":
        return (
            [],
            f"reference left as recorded: an average needs a referential montage, this one is {montage}",
        )
    if len({*recorded}) > 1:
        told = ", ".join(sorted(name or "another" for name in {*recorded}))
        return [], f"{LEFT}: an average needs one reference, these channels have several ({told})"
    scalp = [i for i, name in enumerate(names) if name not in EARS]
    if len(scalp) < FEWEST_FOR_AVERAGE:
        return [], f"{LEFT}: {len(scalp)} good scalp channels, an average needs {FEWEST_FOR_AVERAGE}"
    return scalp, ""


def subtract_average(blocks: Iterator[Samples], scalp: list[int]) -> Iterator[Samples]:
    """Take the mean of the ``scalp`` rows off every row, shape (n_channels, n), in place."""
    for block in blocks:
        # summed row by row: each sum stays in the cache, and its order never depends on a BLAS
        total = block[scalp[0]].copy()
        for i in scalp[1:]:
            total += block[i]
        total /= len(scalp)
        block -= total
        yield block
