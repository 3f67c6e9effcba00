"""Nodes of ``window``: cut, then look at what was cut."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pandas as pd
from plotly.graph_objects import Figure

from eeg_kedro.corpora.channel_quality import describe_channels
from eeg_kedro.corpora.component_table import list_components
from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.raw_signal import plan_opening
from eeg_kedro.corpora.recording_quality import describe_recordings
from eeg_kedro.corpora.second_quality import list_seconds
from eeg_kedro.figures.traces import choose_page, draw_traces
from eeg_kedro.io.sample_span import read_span
from eeg_kedro.io.window_parquet import WindowFile, WindowJob, WindowOptions, cut_windows
from eeg_kedro.signal.cleaning import CleanedSignal
from eeg_kedro.signal.derivation import derive_like

logger = logging.getLogger(__name__)
NOT_DERIVED = "montage (not done): stored as recorded: pairs need"


def cut_recordings(
    clean_recordings: Mapping[str, Callable[[], CleanedSignal]], options: WindowOptions
) -> dict[str, Callable[[], WindowJob]]:
    """Add the cutting to each recording's lazy call; the dataset runs them in parallel while it saves."""
    return {key: partial(cut_windows, clean, options) for key, clean in clean_recordings.items()}


def collect_quality(
    windows: Mapping[str, Callable[[], WindowFile]], inventory: pd.DataFrame
) -> dict[str, Any]:
    """Gather what each recording's worker wrote in its footer, and name those that failed."""
    footers = {key: load().metadata for key, load in windows.items()}
    quality = describe_recordings(inventory, footers, getattr(windows, "status", {}))
    seconds = list_seconds(footers)
    done = quality[quality["state"] == "done"]
    hours = float(done["duration"].sum() / 3600)
    metrics = {
        "recordings": float(len(done)),
        "recordings_failed": float(len(quality) - len(done)),
        "hours": hours,
        "rows": float(done["n_rows"].sum()),
        "bytes": float(done["n_bytes"].sum()),
        "bad_channels": float(done["n_bad_channels"].sum()),
    }
    if len(seconds):
        metrics |= {f"mean_{name}": float(seconds[name].mean()) for name in ("score", "artefact_share")}
    logger.info("%d recordings with windows (%.2f h), %d failed", len(done), hours, len(quality) - len(done))
    unchanged = [steps for steps in done["steps"] if any(step.startswith(NOT_DERIVED) for step in steps)]
    if unchanged:
        logger.warning(
            "%d recordings keep their own channels although clean.montage asks for pairs: see steps in "
            "prm_recording_quality",
            len(unchanged),
        )
    return {
        "prm_recording_quality": quality,
        "prm_channel_quality": describe_channels(footers),
        "prm_ica_components": list_components(footers),
        "prm_second_quality": seconds,
        "report_window_metrics": {name: {"step": 0, "value": value} for name, value in metrics.items()},
    }


def draw_cleaning(
    raw_corpus: FolderListing,
    inventory: pd.DataFrame,
    events: pd.DataFrame,
    windows: Mapping[str, Callable[[], WindowFile]],
) -> Figure:
    """Draw one page of raw against cleaned traces, around a seizure where there is one."""
    page = choose_page(inventory[_keys(inventory).isin([*windows])], events)
    if page is None:
        return draw_traces(None, None, None)
    row = page.recording
    source = plan_opening(str(raw_corpus.root), row)()
    raw = read_span(source, *page.samples(row["sfreq"]))
    file = windows[f"{row['participant']}_{row['run']}"]()
    footer = file.metadata
    cleaned, _ = file.read(*page.samples(footer["sfreq"]))
    names, raw = derive_like(raw, row["ch_names"], footer["ch_names"])
    return draw_traces(
        page,
        (list(names), float(row["sfreq"]), raw),
        (footer["ch_names"], footer["sfreq"], cleaned),
    )


def _keys(inventory: pd.DataFrame) -> pd.Series:
    return inventory["participant"] + "_" + inventory["run"]
