"""Fit a baseline on the balanced windows of training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.errors import ParameterError
from eeg_kedro.sampling.orders.permutations import WINDOWS, local_generator
from eeg_kedro.sampling.sequences.window_sequences import first_samples_of_seconds
from eeg_kedro.training.baselines.fitted import FittedBaseline, describe_seconds
from eeg_kedro.training.baselines.logistic import fit_logistic
from eeg_kedro.training.baselines.options import CONSTANT, BaselineKind, BaselineOptions
from eeg_kedro.training.baselines.seconds import label_seconds

if TYPE_CHECKING:
    from eeg_kedro.sampling.windows.window_source import WindowSource

Positions = NDArray[np.intp]
_MOST_VALUES = 1 << 23  # samples in memory at a time: 34 MB


def fit_baseline(
    kind: BaselineKind, windows: WindowSource, positions: Positions, options: BaselineOptions, seed: int
) -> FittedBaseline:
    """Fit a baseline on the seconds of windows; what lies outside them is never looked at.

    Parameters
    ----------
    kind : {"always_off", "always_on", "line_length", "band_power"}
        Which one.
    windows : WindowSource
        With labels.
    positions : ndarray of int, shape (n,)
        Windows of training.
    options : BaselineOptions
        How.
    seed : int
        Draws windows where they hold more seconds than ``options.most_seconds``; nothing else is left to chance.

    Raises
    ------
    NoSeizureError, ParameterError
        If there is no window, or (where something is learned) not both kinds of seconds.
    AnnotationError
        If nobody annotated the recording of a window.
    NonFiniteError
        If a sample is no finite number.
    """
    if not len(positions):
        raise ParameterError(
            "there is no window to fit a baseline on",
            remedy="look into report_sampling for the training split",
        )
    starts = first_samples_of_seconds(windows.n_samples, windows.sfreq)
    chosen = _draw(np.asarray(positions, np.intp), options.most_seconds // starts.size, seed)
    parts = np.split(chosen, range(1024, chosen.size, 1024))  # a mask has a byte per sample
    truth = np.concatenate([label_seconds(windows.labels(part), starts) for part in parts])
    learned = None
    if kind not in CONSTANT:
        features = _describe(kind, windows, chosen, starts, options)
        learned = fit_logistic(features, truth.reshape(-1), options.inverse_penalty)
    return FittedBaseline(kind, options, float(truth.mean()), truth.size, learned)


def _draw(positions: Positions, most: int, seed: int) -> Positions:
    """Return the positions in order, a part of them where they are too many."""
    if positions.size > max(most, 1):
        rng = local_generator(seed, 0, WINDOWS)
        positions = rng.choice(positions, max(most, 1), replace=False)
    return np.sort(positions)


def _describe(
    kind: BaselineKind,
    windows: WindowSource,
    positions: Positions,
    starts: Positions,
    options: BaselineOptions,
) -> NDArray[np.float32]:
    """Return the features of all seconds, (n_seconds_in_all, n_features), a few windows in memory at a time."""
    step = max(1, _MOST_VALUES // max(1, windows.n_samples * len(windows.ch_names)))
    found = []
    for first in range(0, positions.size, step):
        samples, valid = windows.gather(positions[first : first + step])
        found.append(describe_seconds(kind, samples, valid, windows.sfreq, starts, options))  # type: ignore[arg-type]
    features = np.concatenate(found)
    return features.reshape(-1, features.shape[-1])
