"""Nodes of ``balance``: split the persons, deal folds, draw the windows, write them, draw the figure."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
from plotly.graph_objects import Figure

from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.errors import LayoutError, WindowError
from eeg_kedro.figures.sampling import draw_balance
from eeg_kedro.io.window_reading import WindowFile
from eeg_kedro.sampling.draws.balance import BalanceOptions, draw_balanced
from eeg_kedro.sampling.draws.sampling_report import report_metrics
from eeg_kedro.sampling.fold_report import report_folds
from eeg_kedro.sampling.folds import make_folds
from eeg_kedro.sampling.overlap import assert_copies_together, assert_no_shared_signal
from eeg_kedro.sampling.splits import split_participants
from eeg_kedro.sampling.windows.materialise import MaterialiseJob, plan_materialised
from eeg_kedro.sampling.windows.npz_windows import NpzWindows
from eeg_kedro.sampling.windows.recorded_windows import RecordedWindows
from eeg_kedro.sampling.windows.window_reader import WindowReader
from eeg_kedro.sampling.windows.window_source import WindowSource

logger = logging.getLogger(__name__)

Windows = Mapping[str, Callable[[], WindowFile]]
FOLDS = ("input_participant_folds", "report_folds")
DRAWN = ("input_balanced_windows", "report_sampling", "report_sampling_metrics")


def split_persons(
    inventory: pd.DataFrame | None, manifest: pd.DataFrame, options: BalanceOptions
) -> pd.DataFrame:
    """Give every participant a role; recordings of one person stay together."""
    split = split_participants(inventory, manifest, options.split)
    logger.info("participants: %s", split.groupby("split").size().to_dict())
    return split


def fold_persons(
    split: pd.DataFrame, options: BalanceOptions, recording_quality: pd.DataFrame | None = None
) -> dict[str, pd.DataFrame]:
    """Deal persons to folds for cross-validation, and count what is on each side."""
    folds = make_folds(split, options.folds, options.split)
    assert_copies_together(folds, _sources(recording_quality))
    report = report_folds(folds, split, options.folds)
    n = folds["fold"].nunique()
    logger.info("%s", f"{n} folds" if n else "no folds: balance.folds.kind is none")
    # leaving out each of hundreds of persons would say the same hundreds of times
    for advice, rows in report[report["advice"] != ""].groupby("advice", sort=False):
        logger.warning("%d of %d folds: %s", len(rows), len(report), advice)
    return dict(zip(FOLDS, (folds, report), strict=True))


def draw_windows(
    manifest: pd.DataFrame,
    split: pd.DataFrame,
    options: BalanceOptions,
    events: pd.DataFrame | None = None,
    hard_negatives: pd.DataFrame | None = None,
    recording_quality: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Draw the balanced set of each split; report what was short, who rules it, and what quality costs."""
    if options.min_quality and ("quality" not in manifest or manifest["quality"].isna().all()):
        logger.warning(
            "balance.min_quality=%g leaves nothing out: no window has a quality", options.min_quality
        )
    windows, report = draw_balanced(manifest, split, options, events, hard_negatives)
    side = manifest["participant"].map(split.set_index("participant")["split"])
    # every window, not only those drawn: other epochs may draw others
    assert_no_shared_signal(manifest.assign(split=side), _sources(recording_quality))
    for row in report.to_dict("records"):
        _tell(row, options)
    metrics = {name: {"step": 0, "value": value} for name, value in report_metrics(report).items()}
    return dict(zip(DRAWN, (windows, report, metrics), strict=True))


def materialise_windows(
    balanced: pd.DataFrame,
    windows: Windows,
    events: pd.DataFrame | None,
    npz_cache: FolderListing | None,
    options: BalanceOptions,
) -> MaterialiseJob:
    """Plan the balanced windows as one array on disk; the dataset writes it unless it is there already."""
    source = _source_of(balanced, windows, events, npz_cache, options)
    job = plan_materialised(balanced, source, options.materialise)
    header = job.header
    logger.info(
        "%d windows of %d channels x %d samples as %s, %.1f %% of the channels there: %s",
        *(header.n_windows, len(header.ch_names), header.n_samples, header.dtype, 100 * header.valid_share),
        ", ".join(header.ch_names),
    )
    return job


def draw_sampling(report: pd.DataFrame, balanced: pd.DataFrame) -> Figure:
    """Draw what each split has and what was drawn of it."""
    return draw_balance(report, balanced)


def _source_of(
    balanced: pd.DataFrame,
    windows: Windows,
    events: pd.DataFrame | None,
    npz_cache: FolderListing | None,
    options: BalanceOptions,
) -> WindowSource:
    if "source_file" in balanced:
        if npz_cache is None:
            raise LayoutError(
                "the balanced windows are in an npz cache that is not there",
                file="raw_npz_cache",
                remedy="add --params categorize.npz_root=PATH",
            )
        return NpzWindows(npz_cache.root, balanced)
    if not windows:
        raise WindowError(
            "the balanced windows are of recordings that are not there",
            file="prm_windows",
            remedy="run `kedro run --pipelines=process_primary` first",
        )
    # recordings that nobody drew decide nothing, and may be broken
    drawn = {*(balanced["participant"] + "_" + balanced["run"]).unique()}
    everything = WindowReader.of_partitions({key: load for key, load in windows.items() if key in drawn})
    wanted = options.materialise.ch_names
    if wanted is None or not {*wanted} <= {*everything.ch_names}:
        return RecordedWindows(everything, balanced, events)  # which channels are not there is said later
    files = {key: windows["_".join(key)] for key in everything.runs}
    return RecordedWindows(WindowReader(files, ch_names=wanted), balanced, events)


def _sources(quality: pd.DataFrame | None) -> dict[tuple[str, str], str]:
    """Return the hash of each recording's raw file, as far as it is known."""
    if quality is None or "source_fingerprint" not in quality:
        return {}
    keys = zip(quality["participant"], quality["run"], strict=True)
    return dict(zip(keys, quality["source_fingerprint"], strict=True))


def _tell(row: Mapping[Any, Any], options: BalanceOptions) -> None:
    logger.info(
        "%s: %d of %d partial, %d of %d full, %d of %d without seizure, %d of them hard negatives",
        *(row[name] for name in ("split", "partial_drawn", "partial_available", "full_drawn", "full_wanted")),
        *(row[name] for name in ("none_drawn", "none_wanted", "hard_drawn")),
    )
    if row["excluded_windows"]:
        lost = ("?" if pd.isna(row[name]) else row[name] for name in ("seizures_lost", "seizures"))
        logger.warning(
            "%s: %d windows below balance.min_quality=%g are not drawn, %d of them with seizure; "
            "%s of %s seizures have no window left",
            *(row["split"], row["excluded_windows"], options.min_quality, row["excluded_seizure_windows"]),
            *lost,
        )
    if row["advice"]:
        logger.warning("%s: %s", row["split"], row["advice"])
