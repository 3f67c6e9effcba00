"""Window manifest: which windows exist and how much seizure each holds, by arithmetic on integers.

No sample is looked at: windows are ``[k*S, k*S + L)`` on the sample grid of the cleaned recording, seizures
are half-open intervals on the same grid, and all runs of one rate lie behind each other on one time line, so
that one sorted search answers for the whole corpus.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray

from eeg_kedro.errors import ParameterError
from eeg_kedro.labels.intervals import overlap_lengths, sample_of, unite
from eeg_kedro.sampling.categories import (
    UNKNOWN,
    CategorizeOptions,
    category_codes,
    category_names,
    manifest_table,
)
from eeg_kedro.sampling.window_quality import SecondsOfRuns, find_runs, mean_quality

Integers = NDArray[np.int64]


def build_manifest(
    recordings: pd.DataFrame,
    events: pd.DataFrame,
    options: CategorizeOptions,
    seconds: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Lay complete windows over every recording and count their seizure samples.

    Parameters
    ----------
    recordings : DataFrame
        One row per cleaned run: ``participant``, ``run``, ``sfreq`` (Hz), ``n_times`` (samples),
        ``annotated`` (bool), ``n_channels`` (usable channels) and, if known, ``windows_fingerprint``.
    events : DataFrame
        ``participant``, ``run``, ``onset`` (s), ``duration`` (s), ``label``, ``kind``; only the kind
        ``seizure`` counts. Overlapping seizures are united over channels and labels.
    options : CategorizeOptions
        Window, stride and thresholds.
    seconds : DataFrame, optional
        Quality of every second, sorted: ``participant``, ``run``, ``second``, ``score``, ``artefact_share``,
        ``snr_db``. A window has the mean of the seconds it covers; missing where its run is not there.

    Returns
    -------
    DataFrame
        One row per window with the columns of ``MANIFEST_TYPES``, sorted by participant, run and onset.
        ``category`` is missing where the recording has no annotation: nobody looked, so it is not
        background.

    Raises
    ------
    ParameterError
        If the window or the stride is not a whole number of samples at a recording's rate.
    """
    runs = recordings.sort_values(["participant", "run"], kind="stable").reset_index(drop=True)
    seizures = _seizures_of(events, runs)
    spans = find_runs(seconds, runs)
    parts = [_windows_at(float(rate), runs, seizures, spans, options) for rate in np.unique(runs["sfreq"])]
    if not parts:
        return manifest_table({})
    if len(parts) == 1:  # in order by construction
        return parts[0]
    keys = ["participant", "run", "window_start_sample"]
    return pd.concat(parts).sort_values(keys, kind="stable").reset_index(drop=True)


def whole_samples(seconds: float, sfreq: float, name: str, recording: str) -> int:
    """Return a length (s) in samples at ``sfreq`` (Hz), refusing lengths that fall between two samples.

    Raises
    ------
    ParameterError
        Naming the parameter, the recording and the nearest length that fits.
    """
    exact = seconds * sfreq
    samples = round(exact)
    if samples < 1 or abs(exact - samples) > 1e-6:
        raise ParameterError(
            f"{name} is not a whole number of samples at {sfreq:g} Hz",
            file=recording,
            value=seconds,
            allowed=f"multiples of {1 / sfreq!r} s",
            remedy=f"set categorize.{name}={max(samples, 1) / sfreq!r}, or another rate with clean.sfreq",
        )
    return samples


def _seizures_of(events: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return seizure events with the row of their run (``at``), without those of runs that are not there."""
    keys = pd.MultiIndex.from_frame(runs[["participant", "run"]])
    if not keys.is_unique:
        participant, run = keys[keys.duplicated()][0]
        raise ParameterError(
            "two recordings have one participant and run",
            file=f"{participant}_{run}",
            remedy="run ingest again: it gives every recording a name of its own",
        )
    found = events.loc[events["kind"] == "seizure", ["participant", "run", "onset", "duration", "label"]]
    at = keys.get_indexer(pd.MultiIndex.from_frame(found[["participant", "run"]]))
    return found.assign(at=at)[at >= 0]


class _Spans(NamedTuple):
    """Seizures on the common time line: half-open, in samples, not yet united."""

    starts: Integers
    stops: Integers
    labels: NDArray[Any]


def _windows_at(
    sfreq: float,
    runs: pd.DataFrame,
    seizures: pd.DataFrame,
    seconds: SecondsOfRuns | None,
    options: CategorizeOptions,
) -> pd.DataFrame:
    """Return the manifest of the runs at one rate (Hz), in the order of ``runs``."""
    which = np.flatnonzero(runs["sfreq"].to_numpy() == sfreq)
    first = f"{runs['participant'].iat[which[0]]}_{runs['run'].iat[which[0]]}"
    length = whole_samples(options.window_seconds, sfreq, "window_seconds", first)
    stride = whole_samples(options.stride_seconds, sfreq, "stride_seconds", first)
    n_times = runs["n_times"].to_numpy(np.int64)[which]
    counts = np.maximum((n_times - length) // stride + 1, 0)
    run = np.repeat(which, counts)
    index = np.arange(run.size) - np.repeat(np.cumsum(counts) - counts, counts)
    origins = np.cumsum(n_times) - n_times
    laid = np.repeat(origins, counts) + index * stride
    spans = _on_time_line(seizures, which, origins, n_times, sfreq)
    amount = overlap_lengths(laid, length, *unite(spans.starts, spans.stops))
    codes = category_codes(amount, length, options)
    codes[~runs["annotated"].to_numpy(bool)[run]] = UNKNOWN
    return manifest_table(
        {
            **{name: runs[name].astype("str").array.take(run) for name in ("participant", "run")},
            "onset": index * stride / sfreq,
            "duration": length / sfreq,
            "seizure_samples": amount,
            "n_samples": length,
            "category": category_names(codes),
            "labels": _labels_of(laid, amount, length, spans),
            "window_start_sample": index * stride,
            "sfreq": sfreq,
            "window_index": index,
            "n_channels": runs["n_channels"].to_numpy(np.int16)[run],
            **mean_quality(seconds, run, index * stride, length, sfreq),
            "windows_fingerprint": _fingerprints(runs)[run],
        }
    )


def _fingerprints(runs: pd.DataFrame) -> Integers:
    known = "windows_fingerprint" in runs
    return runs["windows_fingerprint"].to_numpy(np.int64) if known else np.zeros(len(runs), np.int64)


def _on_time_line(
    seizures: pd.DataFrame, which: Integers, origins: Integers, n_times: Integers, sfreq: float
) -> _Spans:
    """Return the seizures of the runs ``which``, clipped to their recording and shifted by its origin."""
    found = seizures[np.isin(seizures["at"], which)]
    place = np.searchsorted(which, found["at"].to_numpy(np.int64))
    onset, duration = (found[name].to_numpy(np.float64) for name in ("onset", "duration"))
    starts = np.clip(sample_of(onset, sfreq), 0, n_times[place])
    stops = np.clip(sample_of(onset + duration, sfreq), 0, n_times[place])
    kept = stops > starts
    labels = found["label"].to_numpy(object)
    return _Spans((origins[place] + starts)[kept], (origins[place] + stops)[kept], labels[kept])


def _labels_of(laid: Integers, amount: Integers, length: int, spans: _Spans) -> ExtensionArray:
    """Return per window the sorted seizure labels that touch it, joined by ``|`` ("" for none)."""
    touched = np.flatnonzero(amount)
    code, texts = np.zeros(touched.size, np.int64), [""]
    for name in sorted(set(spans.labels)):
        mine = spans.labels == name
        hit = overlap_lengths(laid[touched], length, *unite(spans.starts[mine], spans.stops[mine])) > 0
        # renumbered after each label, so that any number of labels stays a small integer
        code, kinds = pd.factorize(2 * code + hit)
        texts = ["|".join(filter(None, (texts[kind // 2], name * (kind % 2)))) for kind in kinds.tolist()]
    place = np.zeros(laid.size, np.intp)
    place[touched] = code + 1
    return pd.array(["", *texts], dtype="str").take(place)
