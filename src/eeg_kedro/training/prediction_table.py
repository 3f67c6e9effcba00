"""What every model says of every run nobody trained on, as one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import ceil, isfinite, nan
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from eeg_kedro.errors import EegError, WindowError
from eeg_kedro.scoring.prediction_types import PREDICTION_TYPES as TYPES
from eeg_kedro.scoring.prior_shift import shift_prior
from eeg_kedro.training.baselines.predicting import predict_baseline_runs
from eeg_kedro.training.predicting import Probability, RunKey, RunPrediction

if TYPE_CHECKING:
    from eeg_kedro.sampling.windows.window_reader import WindowReader
    from eeg_kedro.training.baselines.fitted import FittedBaseline

ROLES = ("validation", "test")

RUN_COLUMNS = ("participant", "run", "role", "duration")


class PredictingModel(NamedTuple):
    """Whose predictions these are: the variant, the name of the checkpoint, its seed, and the priors."""

    model: str
    name: str
    seed: int
    prior_trained: float
    prior_true: float


def list_runs(split: pd.DataFrame, inventory: pd.DataFrame | None, reader: WindowReader) -> pd.DataFrame:
    """List every run of the participants of validation and test, those without windows too.

    Parameters
    ----------
    split : DataFrame
        ``participant, role``.
    inventory : DataFrame or None
        ``participant, run, duration`` (s).
    reader : WindowReader
        The runs that have windows; their length is taken where the inventory does not know it.

    Returns
    -------
    DataFrame
        ``participant, run, role, duration`` (s; NaN where nobody knows), sorted.
    """
    roles = dict(zip(split["participant"], split["role"], strict=True))
    lengths: dict[RunKey, float] = {}
    if inventory is not None:
        keys = zip(inventory["participant"].astype(str), inventory["run"].astype(str), strict=True)
        lengths = dict(zip(keys, inventory["duration"].astype(float), strict=True))
    wanted = [key for key in sorted({*reader.runs, *lengths}) if roles.get(key[0]) in ROLES]
    rows = [
        (*key, roles[key[0]], lengths[key] if key in lengths else _length_of(key, reader)) for key in wanted
    ]
    table = pd.DataFrame(rows, columns=[*RUN_COLUMNS])
    return table.astype({name: TYPES[name] for name in RUN_COLUMNS})


def judge_with_baseline(
    fitted: FittedBaseline,
    reader: WindowReader,
    runs: Sequence[RunKey],
    ch_names: Sequence[str],
    prior_true: float,
) -> Iterator[RunPrediction]:
    """Yield what a baseline says of runs, at the true prior; a run that cannot be read says why."""
    for run in runs:
        try:
            ((_, said),) = predict_baseline_runs(fitted, reader, [run], ch_names)
            shifted = shift_prior(said, fitted.prior_trained, prior_true)
            yield RunPrediction(run, shifted.astype(np.float32), "")
        except EegError as error:
            yield RunPrediction(run, np.zeros(0, np.float32), str(error))


def tabulate(
    model: PredictingModel,
    predictions: Iterable[RunPrediction],
    runs: pd.DataFrame,
    on_run: Callable[[RunPrediction], None],
) -> pd.DataFrame:
    """Put the predictions of one model into a table.

    Parameters
    ----------
    model : PredictingModel
        Whose they are.
    predictions : iterable of RunPrediction
        One per row of ``runs``, in its order.
    runs : DataFrame
        From `list_runs`.
    on_run : callable
        Told of each, as it comes into the table.

    Returns
    -------
    DataFrame
        Columns of `TYPES`; ``probability`` has ceil(duration) numbers, or none where ``note`` says why.
    """
    rows: list[dict[str, Any]] = []
    for row, found in zip(runs.to_dict("records"), predictions, strict=True):
        fitting = _fit(found, float(row["duration"]))
        on_run(fitting)
        said = {"probability": fitting.probability, "note": fitting.note}
        rows.append({**{str(name): value for name, value in row.items()}, **model._asdict(), **said})
    return pd.DataFrame(rows, columns=[*TYPES]).astype(TYPES)


def fit_seconds(probability: Probability, duration: float, run: RunKey) -> Probability:
    """Return as many seconds as the recording has; resampling may make it a fraction of a sample longer or shorter.

    Parameters
    ----------
    probability : ndarray of float32, shape (n_seconds,)
        Of the windows' seconds.
    duration : float
        Of the recording, s.
    run : (participant, run)
        For the error.

    Raises
    ------
    WindowError
        If they differ by more than a second.
    """
    wanted = max(1, ceil(round(duration, 6)))
    if abs(wanted - probability.size) > 1:
        raise WindowError(
            "the windows are not as long as the recording",
            file="_".join(run),
            value=f"{probability.size} s of windows, {duration:g} s in the inventory",
            remedy="run `kedro run --pipelines=process_primary` again",
        )
    return np.pad(probability, (0, max(0, wanted - probability.size)), mode="edge")[:wanted]


def _fit(found: RunPrediction, duration: float) -> RunPrediction:
    if found.note or not isfinite(duration):
        return found
    try:
        return found._replace(probability=fit_seconds(found.probability, duration, found.run))
    except WindowError as error:
        return RunPrediction(found.run, np.zeros(0, np.float32), str(error))


def _length_of(run: RunKey, reader: WindowReader) -> float:
    try:
        layout = reader.layout(*run)
    except WindowError:
        return nan
    return layout.n_times / layout.sfreq
