"""Seizures of one run as intervals in seconds: read from a table, to a mask and back."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from eeg_kedro.errors import ScoringError
from eeg_kedro.labels.seizure_labels import LabelKind

Seconds = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RunEvents:
    """The events of one run, half-open intervals ``[start, stop)``.

    Parameters
    ----------
    duration : float
        Length of the recording (s).
    starts, stops : ndarray of float64, (n,)
        Ascending, disjoint (they may touch), inside ``[0, duration]``, none empty (s).
    n_united, n_clipped : int
        How many rows of the source vanished in another one they overlapped, and how many were cut at the end.

    Raises
    ------
    ScoringError
        If the intervals are not as said.
    """

    duration: float
    starts: Seconds = field(default_factory=lambda: np.zeros(0))
    stops: Seconds = field(default_factory=lambda: np.zeros(0))
    n_united: int = 0
    n_clipped: int = 0

    def __post_init__(self) -> None:
        starts, stops = np.asarray(self.starts, np.float64), np.asarray(self.stops, np.float64)
        object.__setattr__(self, "starts", starts)
        object.__setattr__(self, "stops", stops)
        if not (np.isfinite(self.duration) and self.duration > 0):
            raise _refuse_length(self.duration, "")
        inside = starts.size == 0 or (starts[0] >= 0 and stops[-1] <= self.duration)
        fit = starts.ndim == 1 and starts.shape == stops.shape and inside
        if not (fit and (starts < stops).all() and (starts[1:] >= stops[:-1]).all()):
            raise ScoringError(
                "events that are not ascending, disjoint and inside the recording",
                value=f"{starts.size} events, {self.duration:g} s",
                allowed="as read_events and events_of give them",
                remedy="read them with read_events, which unites what overlaps",
            )

    def __len__(self) -> int:
        return self.starts.size


def read_events(events: pd.DataFrame, duration: float, name: str) -> RunEvents:
    """Read the seizures of one run: events that overlap or touch are united, what overruns is cut at the end.

    Several channels may repeat one seizure, and annotators may split one: both become one event, and
    ``n_united`` tells how many rows that cost.

    Parameters
    ----------
    events : DataFrame
        ``onset`` and ``duration`` (s), in any order; where there is a column ``kind``, only seizures are taken.
    duration : float
        Length of the recording (s).
    name : str
        The run, for errors.

    Raises
    ------
    ScoringError
        If an onset is no time in the recording, a duration is not above 0, or the length is unknown.
    """
    if not (np.isfinite(duration) and duration > 0):
        raise _refuse_length(duration, name)
    taken = events[events["kind"] == LabelKind.SEIZURE.value] if "kind" in events.columns else events
    onsets = taken["onset"].to_numpy(np.float64, na_value=np.nan)
    lengths = taken["duration"].to_numpy(np.float64, na_value=np.nan)
    bad = ~(np.isfinite(onsets) & np.isfinite(lengths) & (onsets >= 0) & (onsets < duration) & (lengths > 0))
    if bad.any():
        first = int(np.argmax(bad))
        raise ScoringError(
            f"{int(bad.sum())} of {bad.size} events cannot be scored",
            file=name,
            value=f"onset {onsets[first]:g} s, duration {lengths[first]:g} s",
            allowed=f"an onset of at least 0 and below {duration:g} s, a duration above 0 s",
            remedy="correct or remove the event in the annotations, then run ingest or finetune again",
        )
    ends = onsets + lengths
    starts, stops = unite(onsets, np.minimum(ends, duration))
    return RunEvents(duration, starts, stops, bad.size - starts.size, int((ends > duration).sum()))


def unite(starts: ArrayLike, stops: ArrayLike) -> tuple[Seconds, Seconds]:
    """Unite intervals in seconds that overlap or touch, shape (n,) each -> (m,) each, ascending."""
    first, last = np.asarray(starts, np.float64), np.asarray(stops, np.float64)
    order = np.argsort(first, kind="stable")
    first, reach = first[order], np.maximum.accumulate(last[order])
    opens = np.flatnonzero(np.r_[True, first[1:] > reach[:-1]][: first.size])
    closes = np.r_[opens[1:], first.size][: opens.size] - 1
    return first[opens], reach[closes]


def sample_bounds(events: RunEvents, sfreq: float) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Return first sample, first sample after the end, shape (n,) each, and the number of samples.

    Times are rounded to the nearest sample and half samples to the even one, as timescoring rounds; an event
    may have no sample.
    """
    starts = np.rint(events.starts * sfreq).astype(np.int64)
    stops = np.rint(events.stops * sfreq).astype(np.int64)
    n_samples = sample_count(events.duration, sfreq)
    return np.minimum(starts, n_samples), np.minimum(stops, n_samples), n_samples


def sample_count(duration: float, sfreq: float) -> int:
    """Return how many samples a recording of ``duration`` seconds has: rounded, half to even, at least one."""
    return max(1, round(duration * sfreq))


def mask_of(events: RunEvents, sfreq: float = 1.0) -> NDArray[np.bool_]:
    """Draw events as a mask, shape (`sample_count`,), rounded as `sample_bounds` says.

    The recipe of the SzCORE leaderboard truncates instead, so that 0.7 s within one second vanish there.
    """
    starts, stops, n_samples = sample_bounds(events, sfreq)
    mask = np.zeros(n_samples, np.bool_)
    for start, stop in zip(starts, stops, strict=True):
        mask[start:stop] = True
    return mask


def events_of(mask: ArrayLike, sfreq: float, duration: float) -> RunEvents:
    """Read the runs of true samples of a mask as events; the last one ends with the recording.

    Parameters
    ----------
    mask : array_like of bool, (n,)
        Sample k stands for ``[k, k + 1) / sfreq``; the last may reach beyond the end, as the last second does.
    sfreq : float
        Samples per second.
    duration : float
        Length of the recording (s).

    Raises
    ------
    ScoringError
        If the mask is a sample or more longer or shorter than the recording.
    """
    marks = np.asarray(mask, np.bool_)
    if not (np.isfinite(duration) and duration > 0):
        raise _refuse_length(duration, "")
    if marks.ndim != 1 or abs(marks.size - duration * sfreq) >= 1 + 1e-6:
        raise ScoringError(
            "a mask that is not as long as the recording",
            value=f"{marks.size} samples at {sfreq:g} Hz",
            allowed=f"{duration * sfreq:g} samples, rounded up or down, for {duration:g} s",
            remedy="make the prediction and the inventory from the same recording",
        )
    steps = np.flatnonzero(np.diff(np.r_[False, marks, False]))
    starts, stops = steps[::2] / sfreq, np.minimum(steps[1::2] / sfreq, duration)
    return RunEvents(duration, starts[starts < stops], stops[starts < stops])


def demand_same_run(reference: RunEvents, hypothesis: RunEvents) -> None:
    """Refuse to compare two recordings of different lengths.

    Raises
    ------
    ScoringError
        If the lengths differ: a detection of another run says nothing about this one.
    """
    if reference.duration != hypothesis.duration:
        raise ScoringError(
            "reference and detections are of recordings of different lengths",
            value=f"{reference.duration!r} s and {hypothesis.duration!r} s",
            allowed="one length, from int_inventory",
            remedy="predict and score the same version of the corpus",
        )


def _refuse_length(duration: float, name: str) -> ScoringError:
    return ScoringError(
        "a recording of unknown length",
        file=name,
        value=duration,
        allowed="a length above 0 s",
        remedy="take it from int_inventory, which has it from the header of the recording",
    )
