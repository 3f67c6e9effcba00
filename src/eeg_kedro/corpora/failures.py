"""Which recordings failed, and out of how many: in ingest, in cleaning, or in an npz cache."""

from __future__ import annotations

import pandas as pd

Failures = list[tuple[str, str]]


def count_failures(
    int_ingest_report: pd.DataFrame | None = None,
    prm_recording_quality: pd.DataFrame | None = None,
    report_categories: pd.DataFrame | None = None,
) -> tuple[Failures, int]:
    """Name the recordings that failed, with the reason, and count all that were attempted.

    Parameters
    ----------
    int_ingest_report, prm_recording_quality, report_categories : DataFrame, optional
        What a run made of these; each stage is counted against its own recordings.

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
        names = rows["participant"] + "_" + rows["run"]
        failed += [(str(name), str(reason)) for name, reason in zip(names, rows["error"], strict=True)]
        total = len(prm_recording_quality)
    if int_ingest_report is not None:
        rows = int_ingest_report[int_ingest_report["failed"]]
        failed += [
            (str(path), str(reason)) for path, reason in zip(rows["path"], rows["reason"], strict=True)
        ]
        total = max(total + len(rows), int((int_ingest_report["kind"] == "recording").sum()))
    return sorted(failed), total
