"""NEDC EPOCH: the label in the middle of every quarter of a second."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.labels.intervals import unite
from eeg_kedro.scoring.events import RunEvents, demand_same_run
from eeg_kedro.scoring.nedc.nedc_counts import NedcCounts

EPOCH_SECONDS = 0.25


def score_epoch(reference: RunEvents, hypothesis: RunEvents) -> NedcCounts:
    """Count epochs of 0.25 s by the labels in their middles.

    An event holds its last instant, and of two that meet there the earlier one is taken: a seizure that begins
    exactly in the middle of an epoch leaves that one to the background before it.

    Raises
    ------
    ScoringError
        If the two are not of the same length.
    """
    demand_same_run(reference, hypothesis)
    n_epochs = int(_middles_up_to(np.array([reference.duration]))[0])
    there, found = _epochs(reference, n_epochs), _epochs(hypothesis, n_epochs)
    n_there, n_found = _total(there), _total(found)
    either = _total(unite(*(np.r_[one, other] for one, other in zip(there, found, strict=True))))
    tp = n_there + n_found - either
    return NedcCounts(
        tp, n_found - tp, n_there, reference.duration, n_epochs - either, alarms_per_fp=EPOCH_SECONDS
    )


def _middles_up_to(seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    """Count the middles 0.125 s, 0.375 s, ... up to each time, which itself counts."""
    return np.floor(seconds / EPOCH_SECONDS + 0.5).astype(np.int64)


def _epochs(events: RunEvents, n_epochs: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    # a middle belongs to (start, stop]: to those up to the stop that are not up to the start
    first, last = (np.minimum(_middles_up_to(edge), n_epochs) for edge in (events.starts, events.stops))
    return unite(first, last)


def _total(spans: tuple[NDArray[np.int64], NDArray[np.int64]]) -> float:
    return float((spans[1] - spans[0]).sum())
