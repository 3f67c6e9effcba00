"""The part of the report about data: hours, participants, seizures, windows, and what could not be used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from eeg_kedro.figures.learn_report_summary import seizures_of
from eeg_kedro.figures.learn_report_tables import LearnTables, count, decimal, percent, records
from eeg_kedro.figures.page_markup import Facts, Section, Table

MOST_PROBLEMS = 25
MOST_PEOPLE = 60
CATEGORIES = (("none", "without seizure"), ("partial", "partly seizure"), ("full", "all seizure"))


def describe_data(tables: LearnTables) -> Section:
    """Write the section: facts, splits, participants, problems."""
    return Section("Data", (*_facts(tables), *_splits(tables), *_participants(tables), *_problems(tables)))


def _facts(tables: LearnTables) -> Iterator[object]:
    inventory, quality = tables.int_inventory, tables.prm_recording_quality
    if inventory is None:
        yield "There is no inventory of the recordings."
        return
    annotated = inventory["annotated"].eq(True)
    facts = [
        ("hours of EEG", decimal(inventory["duration"].sum() / 3600) or ""),
        ("recordings", f"{len(inventory):,}"),
        ("participants", f"{inventory['participant'].nunique():,}"),
        ("annotated seizures", f"{seizures_of(inventory):,}"),
        ("recordings not annotated", f"{int((~annotated).sum()):,}"),
    ]
    if quality is not None:
        facts.append(("recordings cleaned", f"{int((quality['state'] == 'done').sum()):,}"))
        if "score" in quality and quality["score"].notna().any():
            facts.append(("median quality (0–1)", decimal(quality["score"].median()) or ""))
    yield Facts(tuple(facts))


def _splits(tables: LearnTables) -> Iterator[object]:
    sampling = tables.report_sampling
    if sampling is None:
        yield "There is no sampling report: windows per category are not known."
        return
    columns = ("split", "for", "participants", "persons", "EEG (h)", "seizures", "windows")
    named = tuple(f"windows {words} (drawn of all)" for _, words in CATEGORIES)
    rows = tuple(_split_row(row) for row in records(sampling))
    yield (
        "Windows per category, as drawn for training and judging embeddings; scores look at whole recordings. "
        "A balanced draw changes the share of windows with seizure, and probabilities are shifted back."
    )
    yield Table((*columns, *named, "with seizure, all", "drawn"), rows)


def _split_row(row: dict[str, Any]) -> tuple[object, ...]:
    drawn = (f"{row[f'{name}_drawn']:,} of {row[f'{name}_available']:,}" for name, _ in CATEGORIES)
    seizures = None if pd.isna(row["n_seizures"]) else int(row["n_seizures"])
    people = (row["n_participants"], row["n_persons"], decimal(row["hours"]), seizures)
    shares = (percent(row["prior"]), percent(row["drawn_prior"]))
    return (row["split"], row["role"], *people, f"{row['n_windows']:,}", *drawn, *shares)


def _participants(tables: LearnTables) -> Iterator[object]:
    categories = tables.report_categories
    if categories is None:
        return
    roles = {row["participant"]: row["role"] for row in records(tables.input_participant_split)}
    shown = categories.head(MOST_PEOPLE)
    columns = ("participant", "for", "recordings", "EEG (h)", "windows", "no seizure", "partial", "full")
    rows = tuple(
        (row["participant"], roles.get(row["participant"], ""), *_counts(row)) for row in records(shown)
    )
    yield "Windows of each participant, before drawing."
    yield Table((*columns, "not annotated"), rows, is_sortable=True)
    if len(categories) > len(shown):
        yield f"{count(len(categories) - len(shown), 'more participant')} in report_categories."


def _counts(row: dict[str, Any]) -> tuple[object, ...]:
    names = ("n_windows", "no_seizure", "partial_seizure", "full_seizure", "unannotated_windows")
    return (row["n_recordings"], decimal(row["hours"]), *(row[name] for name in names))


def _problems(tables: LearnTables) -> Iterator[object]:
    report = tables.int_ingest_report
    if report is None:
        yield "There is no ingest report: which files could not be used is not known."
        return
    files = report["status"].value_counts()
    said = ", ".join(f"{files[name]:,} {name}" for name in ("taken", "repaired", "refused") if name in files)
    yield f"Ingest: {count(len(report), 'file')} looked at; {said}."
    bad = report.loc[report["failed"].astype(bool) | ((report["status"] == "refused") & _is_eeg(report))]
    if bad.empty:
        yield "No recording was lost."
        return
    rows = tuple(
        (_name(row), row["kind"], row["reason"], row["remedy"]) for row in records(bad.head(MOST_PROBLEMS))
    )
    yield Table(("ingest problem", "file", "what was wrong", "what to do"), rows)
    if len(bad) > MOST_PROBLEMS:
        yield f"{len(bad) - MOST_PROBLEMS:,} more in int_ingest_report."


def _is_eeg(report: pd.DataFrame) -> pd.Series:
    return report["kind"].isin(["recording", "annotation"])


def _name(row: dict[str, Any]) -> str:
    """Name a recording as everywhere; a file that belongs to none by where it lies."""
    return f"{row['participant']}_{row['run']}" if row["participant"] and row["run"] else str(row["path"])
