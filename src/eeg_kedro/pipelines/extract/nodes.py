"""Nodes of ``extract``: hand out the work per recording, then lay the segments."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import pandas as pd

from eeg_kedro.errors import ParameterError, WindowError
from eeg_kedro.io.feature_parquet import FeatureJob, WindowGrid, plan_features
from eeg_kedro.io.spectrogram_parquet import SpectrogramJob, plan_spectrogram
from eeg_kedro.io.window_reading import WindowFile
from eeg_kedro.pipelines.extract.options import ExtractOptions
from eeg_kedro.sampling.segments import lay_out_segments

logger = logging.getLogger(__name__)

Windows = Mapping[str, Callable[[], WindowFile]]


def compute_features(
    windows: Windows, manifest: pd.DataFrame, options: ExtractOptions
) -> dict[str, Callable[[], FeatureJob]]:
    """Plan the features of each recording's windows; the dataset computes them in parallel while it saves."""
    if not options.features.enabled:
        logger.warning("extract.features.enabled is false: no features")
        return {}
    _stop_without(windows)
    grids = {grid.participant + "_" + grid.run: grid for grid in _grids(manifest)}
    without = [key for key in windows if key not in grids]
    if without:
        logger.warning("%d recordings have no window in the manifest and no features", len(without))
    return {
        key: partial(plan_features, load, grids[key], options.features)
        for key, load in windows.items()
        if key in grids
    }


def compute_spectrograms(
    windows: Windows, options: ExtractOptions
) -> dict[str, Callable[[], SpectrogramJob]]:
    """Plan the spectrogram of each recording; the dataset computes them in parallel while it saves."""
    if not options.spectrograms.enabled:
        logger.warning("extract.spectrograms.enabled is false: no spectrograms")
        return {}
    _stop_without(windows)
    return {key: partial(plan_spectrogram, load, options.spectrograms) for key, load in windows.items()}


def lay_segments(
    recording_quality: pd.DataFrame | None,
    events: pd.DataFrame | None,
    second_quality: pd.DataFrame | None,
    features: Mapping[str, object],
    spectrograms: Mapping[str, object],
    options: ExtractOptions,
) -> pd.DataFrame:
    """Lay the segments of all cleaned recordings, and name what failed before."""
    for name, made in (("features", features), ("spectrograms", spectrograms)):
        _tell_failures(name, made)
    if recording_quality is None or events is None:
        raise ParameterError(
            "extract needs a table that is not there",
            value="prm_recording_quality" if recording_quality is None else "int_events",
            remedy="run `kedro run --pipelines=process_primary` first",
        )
    done = recording_quality[recording_quality["state"] == "done"]
    _demand_all(done, spectrograms)
    if not options.segments.enabled:
        logger.warning("extract.segments.enabled is false: no segments")
        done = done.head(0)
    frames = (options.spectrograms.window_seconds, options.spectrograms.hop_seconds)
    segments = lay_out_segments(
        done, events, options.segments, second_quality, frames if options.spectrograms.enabled else None
    )
    logger.info(
        "%d segments of %d recordings", len(segments), segments.groupby(["participant", "run"]).ngroups
    )
    return segments


def _demand_all(done: pd.DataFrame, made: Mapping[str, object]) -> None:
    """Name recordings that were cleaned and of which no spectrogram was even tried: their windows are gone."""
    keys = (done["participant"] + "_" + done["run"]).tolist()
    lost = [key for key in keys if made and key not in made and key not in getattr(made, "status", {})]
    if lost:
        raise WindowError(
            f"{len(lost)} recordings were cleaned and have no readable windows",
            file=lost[0],
            value=", ".join(lost[:5]),
            remedy="run `kedro run --pipelines=process_primary` again, with the parameters you gave then",
        )


def _stop_without(windows: Windows) -> None:
    """Raise `WindowError` where no recording was ever cut: doing nothing would look like having worked."""
    if not windows and not getattr(windows, "status", {}):
        raise WindowError(
            "there are no windows to compute from",
            file="prm_windows",
            remedy="run `kedro run --pipelines=process_primary` first",
        )


def _grids(manifest: pd.DataFrame) -> list[WindowGrid]:
    """Return the windows of each recording, ascending."""
    ordered = manifest.sort_values(["participant", "run", "window_start_sample"], kind="stable")
    return [
        WindowGrid(
            str(participant),
            str(run),
            np.asarray(part["window_index"], np.int64),
            np.asarray(part["window_start_sample"], np.int64),
            int(part["n_samples"].to_numpy()[0]),
            float(part["sfreq"].to_numpy()[0]),
        )
        for (participant, run), part in ordered.groupby(["participant", "run"], sort=False)
    ]


def _tell_failures(name: str, made: Mapping[str, object]) -> None:
    status: Mapping[str, Mapping[str, object]] = getattr(made, "status", {})
    failed = {key: record for key, record in status.items() if record.get("state") == "failed"}
    logger.info("%s: %d recordings done, %d failed", name, len(made), len(failed))
    for key, record in failed.items():
        logger.error("%s failed: %s: %s", name, key, record.get("error"))
