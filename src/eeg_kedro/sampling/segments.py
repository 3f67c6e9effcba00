"""Overlapping segments for the six-class task: what is judged is the middle of each.

A segment of 50 s is shown, and the 10 s in its middle are labelled, as in the HMS and IIIC data. Segments are
``[kS, kS + L)`` on the sample grid of the cleaned recording, complete ones only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from eeg_kedro.errors import ParameterError
from eeg_kedro.labels.intervals import overlap_lengths, sample_of, unite
from eeg_kedro.sampling.window_quality import find_runs, mean_quality

Integers = NDArray[np.int64]

SEGMENT_TYPES = {
    "participant": "str",
    "run": "str",
    "segment_index": "int32",
    "segment_start_sample": "int64",
    "n_samples": "int32",
    "onset": "float64",  # s
    "duration": "float64",  # s
    "center_onset": "float64",  # s
    "center_duration": "float64",  # s
    "labels": "str",  # of events that touch the center, joined by |; missing where nobody annotated
    "seizure_samples": "int32",  # of the center
    "sfreq": "float64",  # Hz
    "n_channels": "int16",
    "quality": "float32",
    "artefact_share": "float32",
    "snr_db": "float32",
    "spectrogram_start": "int32",  # rows [start, stop) of feat_spectrograms that lie wholly in the segment
    "spectrogram_stop": "int32",
}


class SegmentOptions(BaseModel):
    """Which segments are laid over a recording."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(True, description="make feat_segments")
    segment_seconds: float = Field(50.0, gt=0, le=86400, description="length of a segment, s")
    stride_seconds: float = Field(10.0, gt=0, le=86400, description="from one segment's start to the next, s")
    center_seconds: float = Field(10.0, gt=0, le=86400, description="its labelled middle, s")

    @model_validator(mode="after")
    def _center_fits(self) -> SegmentOptions:
        if self.center_seconds > self.segment_seconds:
            raise ValueError("center_seconds must not be above segment_seconds")
        return self


def lay_out_segments(
    recordings: pd.DataFrame,
    events: pd.DataFrame,
    options: SegmentOptions,
    seconds: pd.DataFrame | None = None,
    frames: tuple[float, float] | None = None,
) -> pd.DataFrame:
    """Lay complete segments over every recording and say what touches the middle of each.

    Parameters
    ----------
    recordings : DataFrame
        One row per cleaned run: ``participant``, ``run``, ``sfreq`` (Hz), ``n_times`` (samples),
        ``annotated`` (bool) and ``n_channels``.
    events : DataFrame
        ``participant``, ``run``, ``onset`` (s), ``duration`` (s), ``label``, ``kind``; background is no label.
    options : SegmentOptions
        Lengths.
    seconds : DataFrame, optional
        ``participant``, ``run``, ``second``, ``score``, ``artefact_share``, ``snr_db``, sorted: their mean over
        the seconds of a segment, weighted by overlap; missing values without it.
    frames : (float, float), optional
        Length and hop (s) of the frames of ``feat_spectrograms``; -1 as row range without it.

    Returns
    -------
    DataFrame
        One row per segment with the columns of ``SEGMENT_TYPES``, sorted by participant, run and start.

    Raises
    ------
    ParameterError
        If a length is not a whole number of samples at a recording's rate.
    """
    runs = recordings.sort_values(["participant", "run"], kind="stable")
    events_of = _by_run(events[events["kind"] != "background"])
    known = find_runs(seconds, runs)
    parts = []
    for place, row in enumerate(runs.to_dict("records")):
        part = _segments_of(row, events_of.get((row["participant"], row["run"])), options)
        starts = part["segment_start_sample"]
        at = np.full(starts.size, place, np.intp)
        part |= mean_quality(known, at, starts, part["n_samples"], row["sfreq"])
        part |= _rows_of(part, row["sfreq"], frames)
        parts.append(pd.DataFrame(part, columns=list(SEGMENT_TYPES)).astype(SEGMENT_TYPES))
    empty = pd.DataFrame({name: [] for name in SEGMENT_TYPES}).astype(SEGMENT_TYPES)
    return pd.concat(parts, ignore_index=True) if parts else empty


def _by_run(table: pd.DataFrame) -> dict[Any, pd.DataFrame]:
    return dict(iter(table.groupby(["participant", "run"], sort=False)))


def _segments_of(
    row: Mapping[Any, Any], events: pd.DataFrame | None, options: SegmentOptions
) -> dict[str, Any]:
    """Return the grid of one recording with its labels."""
    sfreq, name = float(row["sfreq"]), f"{row['participant']}_{row['run']}"
    length, stride, center = (
        _whole(getattr(options, field), sfreq, field, name)
        for field in ("segment_seconds", "stride_seconds", "center_seconds")
    )
    starts = np.arange(max((int(row["n_times"]) - length) // stride + 1, 0), dtype=np.int64) * stride
    centers = starts + (length - center) // 2
    labels, seizure = _touching(centers, center, sfreq, events)
    return {
        "participant": row["participant"],
        "run": row["run"],
        "segment_index": np.arange(starts.size),
        "segment_start_sample": starts,
        "n_samples": length,
        "onset": starts / sfreq,
        "duration": length / sfreq,
        "center_onset": centers / sfreq,
        "center_duration": center / sfreq,
        "labels": labels if row["annotated"] else np.full(starts.size, None),
        "seizure_samples": seizure,
        "sfreq": sfreq,
        "n_channels": row["n_channels"],
    }


def _whole(seconds: float, sfreq: float, field: str, recording: str) -> int:
    samples = round(seconds * sfreq)
    if samples < 1 or abs(seconds * sfreq - samples) > 1e-6:
        raise ParameterError(
            f"{field} is not a whole number of samples at {sfreq:g} Hz",
            file=recording,
            value=seconds,
            allowed=f"multiples of {1 / sfreq!r} s",
            remedy=f"set extract.segments.{field}={max(samples, 1) / sfreq!r}",
        )
    return samples


def _touching(
    centers: Integers, length: int, sfreq: float, events: pd.DataFrame | None
) -> tuple[NDArray[Any], Integers]:
    """Return per segment the sorted labels that touch its middle, and the seizure samples there."""
    labels = np.full(centers.size, "", object)
    if events is None:
        return labels, np.zeros(centers.size, np.int64)
    onset, duration = (events[name].to_numpy(np.float64) for name in ("onset", "duration"))
    starts, stops = sample_of(onset, sfreq), sample_of(onset + duration, sfreq)
    for label in sorted(set(events["label"])):
        mine = (events["label"] == label).to_numpy(bool)
        hit = overlap_lengths(centers, length, *unite(starts[mine], stops[mine])) > 0
        labels[hit] = [f"{text}|{label}" if text else label for text in labels[hit]]
    seizure = (events["kind"] == "seizure").to_numpy(bool)
    return labels, overlap_lengths(centers, length, *unite(starts[seizure], stops[seizure]))


def _rows_of(part: dict[str, Any], sfreq: float, frames: tuple[float, float] | None) -> dict[str, Any]:
    """Return the rows [start, stop) of the spectrogram whose frames lie wholly in the segment."""
    if frames is None:
        return {"spectrogram_start": -1, "spectrogram_stop": -1}
    length, hop = (max(round(seconds * sfreq), 1) for seconds in frames)
    starts = part["segment_start_sample"]
    first = -(-starts // hop)
    return {
        "spectrogram_start": first,
        "spectrogram_stop": np.maximum((starts + part["n_samples"] - length) // hop + 1, first),
    }
