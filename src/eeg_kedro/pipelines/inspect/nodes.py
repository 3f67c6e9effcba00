"""Nodes of ``inspect``: pages are lazy calls, the overview reads a table."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pandas as pd

from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.raw_signal import plan_opening
from eeg_kedro.errors import ParameterError, WindowError
from eeg_kedro.figures.page_markup import write_page
from eeg_kedro.figures.quality_overview import choose_pages, draw_quality, rank_recordings, write_overview
from eeg_kedro.figures.recording_page import DRAWS, draw_failure, draw_recording
from eeg_kedro.figures.recording_view import InspectOptions, Subject, read_view
from eeg_kedro.figures.traces import unite_seconds
from eeg_kedro.io.window_parquet import WindowFile

logger = logging.getLogger(__name__)


def draw_pages(
    raw_corpus: FolderListing,
    inventory: pd.DataFrame | None,
    events: pd.DataFrame | None,
    quality: pd.DataFrame | None,
    windows: Mapping[str, Callable[[], WindowFile]],
    options: InspectOptions,
) -> dict[str, Callable[[], str]]:
    """Give one lazy call per page; the dataset runs them in parallel while it saves."""
    if inventory is None or events is None or quality is None:
        raise ParameterError(
            "a table that pages are drawn from is not there",
            allowed="int_inventory, int_events, prm_recording_quality",
            remedy="run `kedro run --pipelines=process_primary` first",
        )
    if not windows and (quality["state"] == "done").any():
        raise WindowError(
            "recordings were cut, but none of their windows is there",
            file="prm_windows",
            remedy="run `kedro run --pipelines=process_primary` again",
        )
    ranked = rank_recordings(quality).set_index("key", drop=False)
    chosen = {*choose_pages([*ranked["key"]], options.most_pages)}
    seizures = events[events["kind"] == "seizure"].groupby(["participant", "run"])
    pages: dict[str, Callable[[], str]] = {}
    for row in inventory.to_dict("records"):
        found = (row["participant"], row["run"])
        own = seizures.get_group(found) if found in seizures.groups else events.iloc[:0]
        subject = _subject(row, own)
        if subject.key not in chosen:
            continue
        if subject.key in windows:
            load = windows[subject.key]
            opener = plan_opening(str(raw_corpus.root), {str(name): value for name, value in row.items()})
            pages[subject.key] = partial(
                draw_recording, load, opener, subject, options, read_view, DRAWS, write_page
            )
        else:
            why = ranked.loc[subject.key]
            pages[subject.key] = partial(draw_failure, subject, str(why["error"]), str(why["remedy"]))
    return pages


def draw_overview(
    quality: pd.DataFrame, pages: Mapping[str, Callable[[], str]], options: InspectOptions
) -> dict[str, Any]:
    """Rank the corpus by quality, as a page with links and as a figure."""
    expected = min(len(quality), options.most_pages)
    logger.info("%d pages for %d recordings", len(pages), len(quality))
    if len(pages) < expected:
        logger.warning(
            "%d pages could not be drawn: see the status of report_recording_pages", expected - len(pages)
        )
    return {
        "report_quality_overview": write_overview(
            quality, [*pages], options.most_pages, options.pages_folder
        ),
        "report_quality_figure": draw_quality(quality),
    }


def _subject(row: Mapping[Any, Any], seizures: pd.DataFrame) -> Subject:
    return Subject(
        participant=str(row["participant"]),
        run=str(row["run"]),
        ch_names=tuple(str(name) for name in row["ch_names"]),
        seizures=unite_seconds(seizures["onset"], seizures["onset"] + seizures["duration"]),
        annotated=bool(row["annotated"]),
    )
