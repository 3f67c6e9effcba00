"""Who is in a split, and how much of them was recorded: persons, runs, hours, seizures."""

from __future__ import annotations

from math import nan
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.labels.intervals import sample_of, unite

Positions = NDArray[np.intp]
TICKS = 10_000  # per second: annotation files give at most 4 decimals


class People(NamedTuple):
    """Participants of a split: names, persons, and what is known of each, missing as NaN."""

    participants: list[str]
    persons: list[str]
    n_runs: NDArray[np.float64] | None
    hours: NDArray[np.float64] | None
    n_seizures: NDArray[np.float64] | None

    @classmethod
    def of(cls, split: pd.DataFrame) -> People:
        """Take the columns of ``input_participant_split``; those that are absent are not known."""
        names, persons = (split[name].tolist() for name in ("participant", "person"))
        numbers = (
            split[name].to_numpy(np.float64, na_value=nan) if name in split else None
            for name in ("n_runs", "hours", "n_seizures")
        )
        return cls(names, persons, *numbers)

    def take(self, rows: Positions) -> People:
        """Return the participants of these rows."""
        some = rows.tolist()
        names, persons = ([texts[row] for row in some] for texts in self[:2])
        return People(names, persons, *(None if values is None else values[rows] for values in self[2:]))


def unite_seizures(events: pd.DataFrame) -> pd.DataFrame:
    """Return ``participant`` and ``hours`` in seizures, united over channels and labels within each run.

    Seizures of recordings of which only annotations are there (``has_signal`` is False) do not count: the hours
    they are held against are those of recordings that can be read.
    """
    found = events[events["kind"] == "seizure"]
    if "has_signal" in found:
        found = found[found["has_signal"].to_numpy(bool)]
    runs = found.groupby(["participant", "run"], sort=True).ngroup().to_numpy(np.int64)
    onset, duration = (found[name].to_numpy(np.float64) for name in ("onset", "duration"))
    starts, stops = sample_of(onset, TICKS).clip(min=0), sample_of(onset + duration, TICKS).clip(min=0)
    # runs behind each other on one line, far enough apart not to touch
    length = int(stops.max(initial=0)) + 2
    first, last = unite(runs * length + starts, runs * length + stops)
    order = np.argsort(runs, kind="stable")
    owner = found["participant"].to_numpy(object)[order][np.searchsorted(runs[order], first // length)]
    hours = pd.Series((last - first) / TICKS / 3600).groupby(owner).sum()
    return pd.DataFrame({"participant": hours.index.astype("str"), "hours": hours.to_numpy(np.float64)})


def count_recordings(people: People, seizures: pd.DataFrame | None) -> dict[str, object]:
    """Tell who is in a split and how much of them was recorded, as far as the split's table says so."""
    n_runs, n_seizures = (_total(numbers) for numbers in (people.n_runs, people.n_seizures))
    # an inventory that counts none of these participants' seizures is of another corpus, and so are its events
    strangers = people.n_seizures is not None and len(people.participants) > 0 and n_seizures is None
    own = None if seizures is None or strangers else seizures["participant"].isin(people.participants)
    hours = _total(people.hours)
    return {
        "n_participants": len(people.participants),
        "n_persons": len({*people.persons}),
        "n_runs": pd.NA if n_runs is None else int(n_runs),
        "hours": nan if hours is None else hours,
        "seizure_hours": nan if seizures is None or own is None else float(seizures["hours"][own].sum()),
        "n_seizures": pd.NA if n_seizures is None else int(n_seizures),
    }


def _total(numbers: NDArray[np.float64] | None) -> float | None:
    """Add up what is known; None if nothing is."""
    if numbers is None or np.isnan(numbers).all():
        return None
    return float(np.nansum(numbers))
