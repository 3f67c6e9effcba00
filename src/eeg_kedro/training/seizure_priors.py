"""How much of what a model is trained on is seizure, how much of the recordings is, and what a loss makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.errors import NoSeizureError, ParameterError
from eeg_kedro.labels.intervals import sample_of, unite
from eeg_kedro.sampling.draws.recorded_people import TICKS

if TYPE_CHECKING:
    from eeg_kedro.training.finetune_options import FinetuneOptions

RunKey = tuple[str, str]
MOST_WEIGHT = 50.0  # of a seizure second: with more, single windows decide
_SAME = 0.05  # relative difference of two priors that are called the same


def prior_of_windows(windows: pd.DataFrame) -> float:
    """Return the share of samples in a seizure over windows with ``seizure_samples`` and ``n_samples``."""
    total = int(windows["n_samples"].sum())
    return float(windows["seizure_samples"].sum() / total) if total else 0.0


def prior_of_runs(events: pd.DataFrame, seconds: Mapping[RunKey, float]) -> float:
    """Return the share of recorded time that lies in a seizure, several channels' annotations of one being one.

    Parameters
    ----------
    events : DataFrame
        ``participant, run, onset`` (s), ``duration`` (s), ``kind``; only ``seizure`` counts.
    seconds : mapping
        Length of each annotated recording, s; events of others are not looked at.
    """
    found = events[events["kind"] == "seizure"]
    within = 0
    for key, rows in found.groupby(["participant", "run"], sort=False):
        length = seconds.get((str(key[0]), str(key[1])))
        if length is None:
            continue
        onset, duration = (rows[name].to_numpy(np.float64) for name in ("onset", "duration"))
        first, last = _inside(onset, length), _inside(onset + duration, length)
        starts, stops = unite(first[last > first], last[last > first])
        within += int((stops - starts).sum())
    total = sum(seconds.values())
    return within / TICKS / total if total else 0.0


def seizure_weight(options: FinetuneOptions, drawn: float, recorded: float) -> float:
    """Return what a seizure token weighs in the loss; the others weigh 1.

    Parameters
    ----------
    options : FinetuneOptions
        ``loss_weight`` and ``allow_double_correction``.
    drawn : float
        Share of seizure in the windows of training.
    recorded : float
        Share of seizure in all annotated windows they were drawn from.

    Raises
    ------
    NoSeizureError
        If the windows hold no seizure.
    ParameterError
        If the windows are balanced already: both together count seizures twice.
    """
    if not 0 < drawn < 1:
        raise NoSeizureError(
            "the training windows hold no seizure"
            if drawn <= 0
            else "the training windows hold seizure only",
            value=f"{drawn:.1%} of their samples",
            allowed="both kinds",
            remedy="look into report_sampling, and run `kedro run --pipelines=sample` again",
        )
    if options.loss_weight == "none":
        return 1.0
    weight = min((1 - drawn) / drawn, MOST_WEIGHT)
    balanced = abs(drawn - recorded) > _SAME * recorded
    if balanced and not options.allow_double_correction:
        raise ParameterError(
            "balanced windows and a weighted loss correct for rare seizures twice: the model would learn that "
            f"{effective_prior(drawn, weight):.0%} of all time is seizure",
            value=f"finetune.loss_weight={options.loss_weight}; drawn {drawn:.1%}, recorded {recorded:.1%}",
            allowed="loss_weight=none, or windows that are not balanced",
            remedy="set finetune.loss_weight=none, or finetune.allow_double_correction=true if you mean it",
        )
    return weight


def effective_prior(drawn: float, weight: float) -> float:
    """Return the share of seizure that a weighted loss makes of the drawn one."""
    return weight * drawn / (weight * drawn + 1 - drawn)


def _inside(seconds: NDArray[np.float64], length: float) -> NDArray[np.int64]:
    ticks: NDArray[np.int64] = sample_of(seconds.clip(0.0, length), TICKS)
    return ticks
