"""From probabilities per second to events: hysteresis, then what is too short goes and what is close is joined."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from eeg_kedro.errors import ScoringError

if TYPE_CHECKING:
    from eeg_kedro.scoring.events import RunEvents

Times = NDArray[np.float64]
_RANGE = "probabilities between 0 and 1, one per second"


class PostProcessing(BaseModel):
    """How probabilities become events, in the order in which it is done."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    threshold: float = Field(0.5, gt=0, le=1, description="an event reaches it in at least one second")
    low_threshold: float = Field(
        0.5, gt=0, le=1, description="and lasts as long as this one is reached; at most threshold"
    )
    opening_seconds: float = Field(
        0.0, ge=0, le=600, description="s: what is shorter goes before gaps are closed"
    )
    closing_seconds: float = Field(0.0, ge=0, le=600, description="s: gaps that are shorter are closed")
    minimum_seconds: float = Field(0.0, ge=0, le=600, description="s: events that are shorter go")
    merge_seconds: float = Field(
        0.0, ge=0, le=600, description="s: events with a shorter gap between them become one"
    )

    @model_validator(mode="after")
    def _low_is_low(self) -> PostProcessing:
        if self.low_threshold > self.threshold:
            raise ValueError(
                f"low_threshold ({self.low_threshold:g}) must not be above threshold ({self.threshold:g}); "
                "the same value for both means no hysteresis"
            )
        return self


def detect(probability: ArrayLike, duration: float, options: PostProcessing, name: str = "") -> RunEvents:
    """Turn the probabilities of one run into events.

    Parameters
    ----------
    probability : array_like, (S,)
        Of a seizure in [s, s + 1), for s = 0 ... S - 1 with S = ceil(duration).
    duration : float
        Of the run (s); the last second may be cut, and events end with it.
    options : PostProcessing
        What becomes an event.
    name : str
        Of the run, for errors.

    Raises
    ------
    ScoringError
        If a probability is none, or there are too many or too few of them.
    """
    from eeg_kedro.scoring.events import RunEvents

    values = check_probabilities(probability, duration, name)
    starts, stops = reach(values, options.threshold, options.low_threshold)
    return RunEvents(duration, *shape_events(starts, np.minimum(stops, duration), options))


def check_probabilities(probability: ArrayLike, duration: float, name: str = "") -> Times:
    """Return the probabilities of a run as float64, (S,).

    Raises
    ------
    ScoringError
        If a probability is none, or their number is not that of the seconds.
    """
    values = np.asarray(probability, np.float64)
    if not duration > 0 or values.shape != (count_seconds(duration),):
        raise ScoringError(
            "there must be one probability per second",
            file=name,
            value=f"{values.size} probabilities for {duration:g} s",
            allowed="as many as the duration has begun seconds",
            remedy="run `kedro run --pipelines=finetune` again",
        )
    wrong = ~((values >= 0) & (values <= 1))  # NaN is neither
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        raise ScoringError(
            f"{int(wrong.sum())} of {values.size} predictions are no probabilities, the first at {first} s",
            file=name,
            value=float(values[first]),
            allowed=_RANGE,
            remedy="a NaN comes from the model or from its input: look at the recording, then predict again",
        )
    return values


def count_seconds(duration: float) -> int:
    """Return how many seconds a run has begun; a millionth of a second is none."""
    return max(1, ceil(round(duration, 6)))


def reach(values: Times, threshold: float, low_threshold: float) -> tuple[Times, Times]:
    """Find the stretches at or above ``low_threshold`` that reach ``threshold`` somewhere.

    Parameters
    ----------
    values : ndarray of float64, (S,)
        One per second.
    threshold, low_threshold : float
        The second is not above the first.

    Returns
    -------
    starts, stops : ndarray of float64, (n,)
        Seconds; disjoint, ascending.
    """
    above = np.zeros(values.size + 2, np.int8)
    above[1:-1] = values >= low_threshold
    edges = np.flatnonzero(np.diff(above))
    starts, stops = edges[::2], edges[1::2]
    if low_threshold < threshold:
        reached = np.concatenate([[0], np.cumsum(values >= threshold)])
        keep = reached[stops] > reached[starts]
        starts, stops = starts[keep], stops[keep]
    return starts.astype(np.float64), stops.astype(np.float64)


def shape_events(starts: Times, stops: Times, options: PostProcessing) -> tuple[Times, Times]:
    """Open, close, drop what is too short and merge, on intervals.

    With one row of seconds these are the opening and the closing of mathematical morphology: opening by a
    segment of k seconds removes what is shorter than k, closing fills gaps that are shorter than k. The border
    of a recording is no event, so nothing is closed towards it.

    Parameters
    ----------
    starts, stops : ndarray of float64, (n,)
        Seconds; disjoint, ascending.
    options : PostProcessing
        Its thresholds are not used.

    Returns
    -------
    starts, stops : ndarray of float64, (m,)
    """
    starts, stops = _drop_short(starts, stops, options.opening_seconds)
    starts, stops = join_close(starts, stops, options.closing_seconds)
    starts, stops = _drop_short(starts, stops, options.minimum_seconds)
    return join_close(starts, stops, options.merge_seconds)


def join_close(starts: Times, stops: Times, gap: float) -> tuple[Times, Times]:
    """Make one event of those with less than ``gap`` seconds between them; disjoint and ascending, (n,) -> (m,)."""
    if not gap or starts.size < 2:
        return starts, stops
    apart = np.ones(starts.size + 1, np.bool_)
    np.greater_equal(starts[1:] - stops[:-1], gap, out=apart[1:-1])
    return starts[apart[:-1]], stops[apart[1:]]


def _drop_short(starts: Times, stops: Times, shortest: float) -> tuple[Times, Times]:
    if not shortest or not starts.size:
        return starts, stops
    keep = stops - starts >= shortest
    return starts[keep], stops[keep]
