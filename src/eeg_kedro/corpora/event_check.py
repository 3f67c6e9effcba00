"""Whether a table of events is still the one that the inventory counted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from eeg_kedro.errors import ArtifactError
from eeg_kedro.labels.intervals import unite
from eeg_kedro.labels.seizure_labels import LabelKind

KEY = ["participant", "run"]
MOST_NAMED = 3


def check_events(events: pd.DataFrame, inventory: pd.DataFrame) -> None:
    """Hold the events against what ingest counted: a seizure that got lost since would become background.

    Parameters
    ----------
    events : DataFrame
        ``int_events``.
    inventory : DataFrame
        ``int_inventory``.

    Raises
    ------
    ArtifactError
        Naming the runs whose seizures differ in number or length, whose seconds and samples differ, or that the
        inventory does not know.
    """
    here = events[events["has_signal"]].merge(inventory[[*KEY, "sfreq"]], on=KEY, how="left", validate="m:1")
    _demand(here, here["sfreq"].notna(), "the inventory does not know")
    near = (here["onset"] * here["sfreq"] - here["onset_sample"]).abs() <= 1
    near &= (here["duration"] * here["sfreq"] - here["n_samples"]).abs() <= 1 + 1  # both ends are rounded
    _demand(here, near, "have seconds that are not their samples")
    seizures = here[here["kind"] == LabelKind.SEIZURE.value]
    counted = {key: _count(rows) for key, rows in seizures.groupby(KEY, sort=False)}
    nothing = (0, 0.0)
    found = [
        counted.get((str(p), str(r)), nothing)
        for p, r in zip(inventory["participant"], inventory["run"], strict=True)
    ]
    numbers, seconds = np.array(found, np.float64).reshape(-1, 2).T
    same = (numbers == inventory["n_seizures"]) & (np.abs(seconds - inventory["seizure_seconds"]) < 1e-3)
    _demand(inventory, same, "hold other seizures than were counted in int_inventory")


def _count(rows: pd.DataFrame) -> tuple[int, float]:
    starts = rows["onset_sample"].to_numpy(np.int64)
    first, last = unite(starts, starts + rows["n_samples"].to_numpy(np.int64))
    return first.size, float((last - first).sum() / rows["sfreq"].to_numpy()[0])


def _demand(rows: pd.DataFrame, holds: pd.Series, what: str) -> None:
    wrong = rows.loc[~holds, KEY].drop_duplicates()
    if wrong.empty:
        return
    named = ", ".join(f"{row.participant}_{row.run}" for row in wrong.head(MOST_NAMED).itertuples())
    raise ArtifactError(
        f"there are runs whose events {what}",
        file="int_events",
        value=f"{named} and {len(wrong) - MOST_NAMED} more" if len(wrong) > MOST_NAMED else named,
        allowed="the events that ingest wrote, unchanged",
        remedy="run `kedro run --pipelines=ingest` again, with the parameters of your corpus",
    )
