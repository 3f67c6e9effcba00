"""What categorize found, per participant: windows per category, and what has no windows and why."""

from __future__ import annotations

import pandas as pd

from eeg_kedro.sampling.categories import CATEGORIES


def report_categories(
    recordings: pd.DataFrame, manifest: pd.DataFrame, refused: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Count windows per participant and name the recordings that gave none or that nobody annotated.

    Parameters
    ----------
    recordings : DataFrame
        ``participant``, ``run``, ``duration`` (s), ``annotated`` and ``state`` (``failed``: cleaning gave
        nothing).
    manifest : DataFrame
        Windows of these recordings.
    refused : DataFrame, optional
        ``participant``, ``path``, ``reason``, ``remedy`` of files that could not be used.

    Returns
    -------
    DataFrame
        One row per participant, sorted: ``n_recordings``, ``hours``, ``n_windows``, one count per category,
        ``unannotated_windows``, and the texts ``short_runs`` (no complete window), ``failed_runs``,
        ``unannotated_runs`` and ``refused_files`` ("" where there is none).
    """
    refused = (
        pd.DataFrame(columns=["participant", "path", "reason", "remedy"]) if refused is None else refused
    )
    people = sorted({*recordings["participant"], *refused["participant"]})
    by_person = recordings.groupby("participant")
    table = pd.DataFrame(index=pd.Index(people, name="participant", dtype="str"))
    table["n_recordings"] = by_person.size()
    table["hours"] = by_person["duration"].sum() / 3600
    counts = manifest.groupby(["participant", "category"]).size().unstack(fill_value=0)
    table["n_windows"] = manifest.groupby("participant").size()
    for category in CATEGORIES:
        table[category] = counts.get(category)
    table = table.astype("float64").fillna(0.0)
    table = table.astype(dict.fromkeys(table.columns.drop("hours"), "int64"))
    table["unannotated_windows"] = table["n_windows"] - table[list(CATEGORIES)].sum(axis=1)
    failed = recordings["state"] == "failed"
    table["short_runs"] = _named(recordings[~failed & _without_window(recordings, manifest)], people)
    table["failed_runs"] = _named(recordings[failed], people)
    table["unannotated_runs"] = _named(recordings[~recordings["annotated"].astype(bool)], people)
    texts = refused.assign(run=refused["path"] + ": " + refused["reason"] + " (" + refused["remedy"] + ")")
    table["n_refused_files"] = [int((refused["participant"] == person).sum()) for person in people]
    table["refused_files"] = _named(texts, people)
    return table.reset_index()


def _without_window(recordings: pd.DataFrame, manifest: pd.DataFrame) -> pd.Series:
    keys = ["participant", "run"]
    found = pd.MultiIndex.from_frame(manifest[keys].drop_duplicates())
    missing = ~pd.MultiIndex.from_frame(recordings[keys]).isin(found)
    return pd.Series(missing, index=recordings.index)


def _named(rows: pd.DataFrame, people: list[str]) -> list[str]:
    """Return per participant the sorted names in ``run``, joined by "; "."""
    names: dict[str, list[str]] = {}
    for participant, run in zip(rows["participant"], rows["run"], strict=True):
        names.setdefault(participant, []).append(run)
    return ["; ".join(sorted(names.get(person, []))) for person in people]
