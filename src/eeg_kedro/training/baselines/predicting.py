"""Judge whole recordings with a baseline, in blocks whose edges do not show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.errors import NonFiniteError
from eeg_kedro.sampling.sequences.window_sequences import first_samples_of_seconds
from eeg_kedro.training.baselines.fitted import FittedBaseline

if TYPE_CHECKING:
    from eeg_kedro.sampling.windows.window_reader import WindowReader

RunKey = tuple[str, str]
Probability = NDArray[np.float32]


def predict_baseline_runs(
    fitted: FittedBaseline,
    reader: WindowReader,
    runs: Sequence[RunKey],
    ch_names: Sequence[str] | None = None,
) -> Iterator[tuple[RunKey, Probability]]:
    """Judge every second of runs, one run after the other.

    Parameters
    ----------
    fitted : FittedBaseline
        What `fit_baseline` gave.
    reader : WindowReader
        Where the recordings are.
    runs : sequence of (participant, run)
        Which.
    ch_names : sequence of str, optional
        Channels to look at, those of training; the reader's if None.

    Yields
    ------
    run : (participant, run)
    probability : ndarray of float32, shape (n_seconds,)
        Of seconds [s, s + 1); as many as hold a sample. Not yet recalibrated.

    Raises
    ------
    WindowError
        If a run is missing or its file broken.
    NonFiniteError
        If a sample is no finite number; names the run.
    """
    for run in runs:
        yield run, _predict_run(fitted, reader, run, ch_names)


def _predict_run(
    fitted: FittedBaseline, reader: WindowReader, run: RunKey, ch_names: Sequence[str] | None
) -> Probability:
    layout, options = reader.layout(*run), fitted.options
    starts = first_samples_of_seconds(layout.n_times, layout.sfreq)
    if fitted.learned is None:  # nothing has to be read
        nothing = np.zeros((1, 0, 0), np.float32), np.zeros((1, 0), bool)
        constant: Probability = fitted.predict_seconds(*nothing, layout.sfreq, starts)[0]
        return constant
    probability, bounds = np.empty(starts.size, np.float32), np.append(starts, layout.n_times)
    around = options.margin_seconds + ceil(options.frame_seconds) + 1
    for first in range(0, starts.size, options.block_seconds):
        stop = min(first + options.block_seconds, starts.size)
        low, high = max(0, first - around), min(stop + around, starts.size)
        at, end = int(bounds[low]), int(bounds[high])
        samples, valid = reader.read_samples(*run, at, end - at, ch_names)
        block = samples[np.newaxis], valid[np.newaxis], layout.sfreq, starts[low:high] - at
        probability[first:stop] = _named(fitted, block, run)[first - low : stop - low]
    return probability


def _named(fitted: FittedBaseline, block: tuple[Any, ...], run: RunKey) -> Probability:
    """Judge a block; whatever is wrong with its samples is told with the name of the run."""
    try:
        found: Probability = fitted.predict_seconds(*block)[0]
    except NonFiniteError as error:
        error.file = "_".join(run)
        raise
    return found
