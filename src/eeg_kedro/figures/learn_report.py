"""The report of a run of `learn`: what was done, how far to trust it, and everything behind both."""

from __future__ import annotations

from eeg_kedro.figures.learn_report_cautions import find_cautions
from eeg_kedro.figures.learn_report_data import describe_data
from eeg_kedro.figures.learn_report_missing import describe_missing
from eeg_kedro.figures.learn_report_scores import (
    describe_calibration,
    describe_overlap,
    describe_points,
    describe_scores,
    describe_timelines,
    describe_verdict,
)
from eeg_kedro.figures.learn_report_summary import summarise
from eeg_kedro.figures.learn_report_tables import LearnTables
from eeg_kedro.figures.learn_report_training import (
    describe_curves,
    describe_embedding,
    describe_gates,
    describe_maps,
)
from eeg_kedro.figures.page_markup import DISCLAIMER, Caution, Section, write_page

TITLE = "From windows to an answer: report of a run of learn"
# in the order of the work; what came out stands in the first two sections
SECTIONS = (
    describe_data,
    describe_gates,
    describe_curves,
    describe_embedding,
    describe_maps,
    describe_scores,
    describe_verdict,
    describe_points,
    describe_timelines,
    describe_calibration,
    describe_overlap,
    describe_missing,
)


def write_learn_report(tables: LearnTables) -> str:
    """Write the report as one self-contained HTML page; the same tables give the same text.

    Parameters
    ----------
    tables : LearnTables
        What is there; what is not is said.

    Returns
    -------
    str
        HTML that needs no other file.
    """
    cautions = find_cautions(tables)
    doubts: tuple[object, ...] = tuple(Caution(text) for text in cautions)
    if not doubts:
        doubts = (
            "The tables give no special reason for doubt; what is said below on how scores were made still holds.",
        )
    return write_page(
        TITLE,
        [
            Section("", (DISCLAIMER,)),
            Section("What was done", summarise(tables)),
            Section("How far to trust it", doubts),
            *(describe(tables) for describe in SECTIONS),
        ],
    )
