"""What lies between the seizures of a run: for NEDC an event with the label background."""

from __future__ import annotations

import numpy as np

from eeg_kedro.scoring.events import RunEvents, unite


def merge_touching(events: RunEvents) -> RunEvents:
    """Return the events with those that touch made one: nothing between them could be background."""
    return RunEvents(events.duration, *unite(events.starts, events.stops))


def background_of(events: RunEvents) -> RunEvents:
    """Return what the events leave of the recording, from its start to its end."""
    starts, stops = np.r_[0.0, events.stops], np.r_[events.starts, events.duration]
    there = stops > starts
    return RunEvents(events.duration, starts[there], stops[there])
