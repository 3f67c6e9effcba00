"""Nodes of ``ingest``: survey the corpus, draw what it holds."""

from __future__ import annotations

import logging
import time
from typing import Any

import pandas as pd
from plotly.graph_objects import Figure

from eeg_kedro.corpora.event_table import DISAGREES
from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.survey import CorpusOptions, IngestOptions, Survey, survey_corpus
from eeg_kedro.figures.participants import draw_participants

logger = logging.getLogger(__name__)
LINE_SECONDS = 5.0


def survey_recordings(
    raw_corpus: FolderListing, corpus: CorpusOptions, options: IngestOptions
) -> dict[str, Any]:
    """Read every header and annotation file: inventory, events, and what became of each file."""
    survey = survey_corpus(raw_corpus, corpus.layout, options, _Teller().tell)
    metrics = _count(survey)
    logger.info("layout %s: %s", survey.layout, survey.why)
    logger.info(
        "%d recordings (%d repaired, %d not annotated), %.2f h, %d seizures; %d files failed",
        metrics["recordings"], metrics["recordings_repaired"], metrics["recordings_not_annotated"],
        metrics["hours"], metrics["seizures"], metrics["files_failed"],
    )  # fmt: skip
    if metrics["runs_without_signal"]:
        logger.warning(
            "%d seizures are annotated in %d recordings that are not here: they are in int_events (has_signal "
            "false) and nothing is trained or scored on them; fetch their signal files to use them",
            metrics["seizures_without_signal"], metrics["runs_without_signal"],
        )  # fmt: skip
    if metrics["recordings_doubtful"]:
        logger.warning(
            "%d recordings have annotation files that disagree: see `disagrees` in the ingest report",
            metrics["recordings_doubtful"],
        )
    return {
        "int_inventory": survey.inventory,
        "int_events": survey.events,
        "int_ingest_report": survey.report,
        "int_votes": survey.votes,
        "report_corpus_metrics": {name: {"step": 0, "value": value} for name, value in metrics.items()},
    }


class _Teller:
    """Say now and then how far the survey is."""

    def __init__(self) -> None:
        self._began = self._spoke = time.monotonic()
        self._refused = 0

    def tell(self, is_refused: bool, count: int, total: int) -> None:
        self._refused += is_refused
        now = time.monotonic()
        if now - self._spoke >= LINE_SECONDS:
            self._spoke = now
            left = (now - self._began) / count * (total - count)
            logger.info(
                "%d of %d recordings read, %d refused; %.0f s left", count, total, self._refused, left
            )


def draw_hours(inventory: pd.DataFrame) -> Figure:
    """Draw hours and seizures per participant."""
    return draw_participants(inventory)


def _count(survey: Survey) -> dict[str, float]:
    inventory, report = survey.inventory, survey.report
    absent = survey.events[~survey.events["has_signal"]]
    recordings = report[report["kind"] == "recording"]
    return {
        "recordings": float(len(inventory)),
        "recordings_repaired": float((recordings["status"] == "repaired").sum()),
        "recordings_not_annotated": float((~inventory["annotated"]).sum()),
        "recordings_doubtful": float(recordings["reason"].str.contains(DISAGREES).sum()),
        "participants": float(inventory["participant"].nunique()),
        "hours": float(inventory["duration"].sum() / 3600),
        "seizures": float(inventory["n_seizures"].sum()),
        "seizure_seconds": float(inventory["seizure_seconds"].sum()),
        "runs_without_signal": float(absent.groupby(["participant", "run"]).ngroups),
        "seizures_without_signal": float((absent["kind"] == "seizure").sum()),
        "cuts_voted_on": float(len(survey.votes)),
        "files": float(len(report)),
        "files_failed": float(report["failed"].sum()),
    }
