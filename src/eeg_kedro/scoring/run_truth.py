"""What is known of each run that was predicted: its length, whether somebody annotated it, its seizures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.errors import ScoringError
from eeg_kedro.labels.seizure_labels import LabelKind
from eeg_kedro.scoring.events import RunEvents, read_events
from eeg_kedro.scoring.post_processing import count_seconds

RunKey = tuple[str, str]
KEY = ["participant", "run"]
SECONDS_APART = 0.01  # by which two tables may differ on the length of a recording


@dataclass(frozen=True, eq=False)
class RunTruth:
    """One annotated run.

    Attributes
    ----------
    participant, run : str
        Which.
    role : str
        ``validation`` or ``test``.
    seizures : RunEvents
        United over channels and labels; none is a finding, too.
    """

    participant: str
    run: str
    role: str
    seizures: RunEvents

    @property
    def duration(self) -> float:
        """Length of the run (s)."""
        return self.seizures.duration

    @property
    def n_seizures(self) -> int:
        """Seizures, united over channels and labels."""
        return int(self.seizures.starts.size)

    def seizure_seconds(self) -> NDArray[np.bool_]:
        """Say of each second [s, s + 1), the last one cut, whether at least half of it lies in a seizure, (S,)."""
        first = np.arange(float(count_seconds(self.duration)))
        last = np.minimum(first + 1, self.duration)
        covered = np.zeros(first.size)
        for start, stop in zip(self.seizures.starts, self.seizures.stops, strict=True):
            covered += np.clip(np.minimum(last, stop) - np.maximum(first, start), 0, None)
        marks: NDArray[np.bool_] = covered >= (last - first) / 2
        return marks


@dataclass(frozen=True)
class Unscored:
    """A run that was to be predicted and cannot be scored.

    Attributes
    ----------
    participant, run, role : str
        Which.
    duration : float
        Length of the run (s); NaN where nobody knows.
    annotated : bool
        Whether somebody annotated it.
    note : str
        Why it cannot be scored.
    """

    participant: str
    run: str
    role: str
    duration: float
    annotated: bool
    note: str


@dataclass(frozen=True, eq=False)
class Truth:
    """All runs that were predicted.

    Attributes
    ----------
    runs : mapping of (participant, run) to RunTruth
        The annotated ones that every model predicted, sorted.
    unscored : tuple of Unscored
        Those nobody annotated, which is not the same as no seizure, and those that a model could not predict.
    """

    runs: Mapping[RunKey, RunTruth]
    unscored: tuple[Unscored, ...]

    def of(self, role: str) -> Truth:
        """Return the runs of one role."""
        mine = {key: run for key, run in self.runs.items() if run.role == role}
        return Truth(mine, tuple(run for run in self.unscored if run.role == role))

    @property
    def participants(self) -> tuple[str, ...]:
        """Participants with at least one annotated run, sorted."""
        return tuple(sorted({participant for participant, _ in self.runs}))

    @property
    def n_seizures(self) -> int:
        """Seizures in all runs."""
        return sum(run.n_seizures for run in self.runs.values())

    @property
    def hours(self) -> float:
        """Hours of annotated EEG."""
        return sum(run.duration for run in self.runs.values()) / 3600


def list_truth(predictions: pd.DataFrame, events: pd.DataFrame, inventory: pd.DataFrame) -> Truth:
    """Find out what is known of each predicted run.

    Parameters
    ----------
    predictions : DataFrame
        ``participant, run, role, duration`` (s), ``probability`` (empty where there is none), and perhaps ``note``,
        which says why; a row per model and run. What one model could not predict is scored for none.
    events : DataFrame
        ``int_events``: what is annotated in each run; only ``kind`` seizure is one.
    inventory : DataFrame
        ``int_inventory``: ``participant, run, duration`` (s), ``annotated``. A run that is not listed there counts
        as one that nobody annotated.

    Raises
    ------
    ScoringError
        If a run has two roles or two lengths, or an event is impossible.
    """
    lost = _find_lost(predictions)
    predicted = predictions[[*KEY, "role", "duration"]].drop_duplicates()
    _demand_one(predicted)
    known = inventory.drop_duplicates(KEY).set_index(KEY)[["duration", "annotated"]].add_suffix("_known")
    listed = predicted.join(known, on=KEY).sort_values(KEY)
    _demand_same_length(listed)
    annotated = (
        listed["annotated_known"].eq(True).fillna(False)
    )  # missing where the inventory does not know the run
    seizures = dict(list(events[events["kind"] == LabelKind.SEIZURE.value].groupby(KEY)))
    runs: dict[RunKey, RunTruth] = {}
    unscored: list[Unscored] = []
    for row, is_annotated in zip(listed.to_dict("records"), annotated, strict=True):
        key = (str(row["participant"]), str(row["run"]))
        role, duration = str(row["role"]), float(row["duration"])
        note = "" if is_annotated else "nobody annotated it"
        if note or key in lost:
            unscored.append(Unscored(*key, role, duration, bool(is_annotated), lost.get(key, note)))
            continue
        found = seizures.get(key, events.iloc[:0])
        runs[key] = RunTruth(*key, role, read_events(found[["onset", "duration"]], duration, "_".join(key)))
    return Truth(runs, tuple(unscored))


def _find_lost(predictions: pd.DataFrame) -> dict[RunKey, str]:
    """Return the runs that some model could not predict, and why."""
    empty = predictions[predictions["probability"].map(len) == 0]
    notes = empty["note"] if "note" in empty else pd.Series("", index=empty.index)
    return {
        (str(participant), str(run)): f"not predicted by {model}{f': {note}' if note else ''}"
        for participant, run, model, note in zip(
            empty["participant"], empty["run"], empty["model"], notes, strict=True
        )
    }


def _demand_one(predicted: pd.DataFrame) -> None:
    twice = predicted[predicted.duplicated(KEY, keep=False)]
    for key, rows in twice.groupby(KEY):
        raise ScoringError(
            "the predictions disagree on the role or the length of a recording",
            file="_".join(map(str, key)) if isinstance(key, tuple) else str(key),
            value=[f"{role}, {seconds:g} s" for role, seconds in rows[["role", "duration"]].to_numpy()],
            allowed="one role and one duration per recording",
            remedy="they come from different runs of `finetune`: run it again",
        )


def _demand_same_length(listed: pd.DataFrame) -> None:
    apart = (listed["duration"] - listed["duration_known"]).abs() > SECONDS_APART
    for row in listed[apart].to_dict("records"):
        raise ScoringError(
            "the recording is not as long as what was predicted",
            file=f"{row['participant']}_{row['run']}",
            value=f"{row['duration']:g} s predicted, {row['duration_known']:g} s in int_inventory",
            allowed=f"the same to {SECONDS_APART:g} s",
            remedy="the recording has changed since: run `kedro run --pipelines=finetune` again",
        )
