"""Which recordings failed, and out of how many: in ingest, in cleaning, or in an npz cache."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

SEGMENT = re.compile(r"-seg\d+$")  # how the runs of a file with gaps are told apart
Failures = list[tuple[str, str]]


def mark_failures(report: pd.DataFrame, quality: pd.DataFrame) -> pd.DataFrame:
    """Write into the ingest report which recordings failed in cleaning, so that one table tells of every file.

    Parameters
    ----------
    report : DataFrame
        The ingest report; not changed.
    quality : DataFrame
        The recording quality table.
    """
    lost = quality[quality["state"] == "failed"].set_index(["participant", "run"])
    keys = pd.MultiIndex.from_frame(report[["participant", "run"]])
    rows = (report["kind"] == "recording").to_numpy() & keys.isin(lost.index)
    marked = report.copy()
    marked["status"] = marked["status"].mask(rows, "refused")
    marked["failed"] = marked["failed"] | rows
    for column, source in (("reason", "error"), ("remedy", "remedy")):
        marked.loc[rows, column] = lost.loc[keys[rows], source].to_numpy()
    _tell_segments(marked, lost[~lost.index.isin(keys)])
    return marked


def _tell_segments(marked: pd.DataFrame, lost: pd.DataFrame) -> None:
    """Add to a file with gaps which of its segments failed; it is not refused for them, and they count alone."""
    for (participant, run), why in zip(lost.index, lost["error"], strict=True):
        whole = SEGMENT.sub("", run)
        rows = (marked["kind"] == "recording") & (marked["participant"] == participant)
        rows &= (marked["run"] == whole) & (whole != run)
        told = f"{run} failed in cleaning: {why}"
        known = marked["reason"].str.contains(told, regex=False)
        marked["reason"] = marked["reason"].mask(rows & ~known, marked["reason"] + "; " + told)


def count_failures(
    int_ingest_report: pd.DataFrame | None = None,
    prm_recording_quality: pd.DataFrame | None = None,
    report_categories: pd.DataFrame | None = None,
    derived: Mapping[str, Mapping[str, Mapping[str, Any]]] | None = None,
) -> tuple[Failures, int]:
    """Name the recordings that failed, with the reason, and count all that were attempted.

    Parameters
    ----------
    int_ingest_report, prm_recording_quality, report_categories : DataFrame, optional
        What a run made of these; each stage is counted against its own recordings.
    derived : mapping, optional
        ``{dataset: {participant_run: status record}}`` of what was computed from each recording's windows.

    Returns
    -------
    failed : list of (name, reason), sorted
    total : int
    """
    failed: Failures = []
    total = 0
    if report_categories is not None:
        refused = report_categories[report_categories["n_refused_files"] > 0]
        total = int(report_categories[["n_recordings", "n_refused_files"]].to_numpy().sum())
        for files, count in zip(refused["refused_files"], refused["n_refused_files"], strict=True):
            failed += [(str(files), "npz file refused")] * int(count)
    if prm_recording_quality is not None:
        rows = prm_recording_quality[prm_recording_quality["state"] == "failed"]
        if int_ingest_report is not None:  # counted by its own row there
            told = int_ingest_report.loc[int_ingest_report["failed"], ["participant", "run"]]
            keys = pd.MultiIndex.from_frame(rows[["participant", "run"]])
            rows = rows[~keys.isin(pd.MultiIndex.from_frame(told))]
        names = rows["participant"] + "_" + rows["run"]
        failed += [(str(name), str(reason)) for name, reason in zip(names, rows["error"], strict=True)]
        total = len(prm_recording_quality)
    if int_ingest_report is not None:
        rows = int_ingest_report[int_ingest_report["failed"]]
        failed += [
            (str(path), str(reason)) for path, reason in zip(rows["path"], rows["reason"], strict=True)
        ]
        total = max(total, int((int_ingest_report["kind"] == "recording").sum()), len(failed))
    for dataset, status in (derived or {}).items():
        records = [(key, record) for key, record in status.items() if record.get("state") == "failed"]
        failed += [(f"{key} ({dataset})", str(record.get("error", ""))) for key, record in records]
        total = max(total, len(status))
    return sorted(failed), total
