"""What may be asked of a window reader: spans within a recording, channels it has, room for the answer."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.errors import ParameterError, WindowError
from eeg_kedro.io.window_layout import WindowLayout
from eeg_kedro.sampling.windows.window_files import listed

Samples = NDArray[np.float32]
GRID = 1e-6  # samples; what a division by the rate leaves is far below


def check_span(layout: WindowLayout, name: str, start: int, n_samples: int) -> None:
    """Refuse a window that reaches beyond the ends of its recording, or holds nothing.

    Raises
    ------
    WindowError
        With the length of the recording.
    """
    if start < 0 or n_samples < 1 or start + n_samples > layout.n_times:
        raise WindowError(
            "the window reaches beyond the recording" if n_samples > 0 else "the window holds no sample",
            file=name,
            value=f"samples {start} to {start + n_samples}",
            allowed=f"0 to {layout.n_times} ({layout.n_times / layout.sfreq:g} s at {layout.sfreq:g} Hz)",
            remedy="make the manifest again with `kedro run --pipelines=categorize`",
        )


def make_room(out: Samples | None, shape: tuple[int, int]) -> Samples:
    """Return ``out`` if a window of that shape fits into it exactly, or a new array.

    Raises
    ------
    ParameterError
        If it has another shape or type.
    """
    if out is None:
        return np.empty(shape, np.float32)
    if out.shape != shape or out.dtype != np.float32:
        raise ParameterError(
            "the array for the window does not fit",
            value=f"{out.dtype} {out.shape}",
            allowed=f"float32 {shape}",
        )
    return out


def span_in_samples(layout: WindowLayout, onset: float, duration: float) -> tuple[int, int]:
    """Return onset and duration (s) in samples of a recording.

    Raises
    ------
    ParameterError
        If one falls between two samples.
    """
    exact = {"onset": onset * layout.sfreq, "duration": duration * layout.sfreq}
    for what, samples in exact.items():
        if not math.isfinite(samples) or abs(samples - round(samples)) > GRID:
            raise ParameterError(
                f"{what} falls between two samples at {layout.sfreq:g} Hz",
                file=f"{layout.participant}_{layout.run}",
                value=samples / layout.sfreq,
                allowed=f"multiples of {1 / layout.sfreq!r} s",
            )
    return round(exact["onset"]), round(exact["duration"])


def lacks_channel(layout: WindowLayout, name: str, ch_name: str) -> WindowError:
    """Make the error for a channel that other runs have."""
    return WindowError(
        "the run lacks the channel",
        file=name,
        value=ch_name,
        allowed=listed(layout.ch_names),
        remedy="leave the pair out, or interpolate missing channels when cleaning",
    )


def unknown_channels(names: Iterable[str], known: Iterable[str]) -> ParameterError:
    """Make the error for channels that no run has."""
    return ParameterError(
        "no run has the channel",
        value=", ".join(sorted(names)),
        allowed=listed(sorted(known)),
        remedy="correct the list of channels; names are uppercase",
    )


def check_limits(cache_megabytes: float, max_open: int) -> None:
    """Refuse a reader that could hold nothing.

    Raises
    ------
    ParameterError
        If a limit is too small.
    """
    if not 0 <= cache_megabytes < math.inf or max_open < 1:
        raise ParameterError(
            "a reader's limits make no sense",
            value=f"cache_megabytes={cache_megabytes}, max_open={max_open}",
            allowed="cache_megabytes from 0, max_open from 1",
        )
