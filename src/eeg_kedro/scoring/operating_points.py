"""Where a detector is operated: chosen on validation participants only, then frozen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from eeg_kedro.scoring.counts import figures
from eeg_kedro.scoring.post_processing import PostProcessing, Times, check_probabilities
from eeg_kedro.scoring.run_truth import RunTruth, Truth
from eeg_kedro.scoring.score_options import EVENT_F1, ScoreOptions, TuneOptions, target_of
from eeg_kedro.scoring.validation_line import line_up

PROCESSING = (
    "threshold",
    "low_threshold",
    "opening_seconds",
    "closing_seconds",
    "minimum_seconds",
    "merge_seconds",
)
VALIDATION = {
    "validation_f1": "f1",
    "validation_sensitivity": "sensitivity",
    "validation_fa_per_24h": "fa_per_24h",
}
OPERATING_TYPES = {
    "model": "str",
    "seed": "int64",
    "target": "str",
    **dict.fromkeys((*PROCESSING, *VALIDATION), "float64"),
    "n_participants": "int64",
    "n_seizures": "int64",
    "note": "str",
}
CONSTANT = ("always_on", "always_off")  # they have nothing to tune
ROLE = "validation"
LEAST_THRESHOLD = 1e-6  # of quantiles: a threshold of 0 would be reached everywhere


@dataclass(frozen=True, eq=False)
class Tried:
    """What the points of a grid give on validation.

    Attributes
    ----------
    grid : sequence of PostProcessing, n
        The points.
    rates : dict of str to ndarray of float64, (n,)
        ``f1``, ``sensitivity`` and ``fa_per_24h``, averaged as the criterion says.
    """

    grid: Sequence[PostProcessing]
    rates: dict[str, Times]


@dataclass(frozen=True)
class Choice:
    """A point of the grid, and what a reader must know about how it was chosen."""

    point: int
    note: str = ""


def tune(predictions: pd.DataFrame, truth: Truth, options: ScoreOptions) -> pd.DataFrame:
    """Choose the operating points of every model on the annotated runs of validation participants.

    For ``event_f1`` the point with the largest F1 of SzCORE events is taken, for ``fa_1`` and the like the one
    with the largest sensitivity among those with at most so many false alarms per 24 h; nothing is
    interpolated. Of equal points the one with fewer false alarms, then with the higher thresholds, then with
    the least processing is taken. Where validation cannot tell, ``options.default`` is taken and ``note`` says
    why. Test participants are never looked at.

    Parameters
    ----------
    predictions : DataFrame
        ``model, seed, participant, run, role, duration, probability``.
    truth : Truth
        What is annotated.
    options : ScoreOptions
        The grid and the default.

    Returns
    -------
    DataFrame
        ``output_operating_points``: one row per model, seed and target, columns of `OPERATING_TYPES`.

    Raises
    ------
    ScoringError
        If a prediction is no probability, or too short or long for its run.
    """
    known = truth.of(ROLE)
    rows: list[dict[str, Any]] = []
    for (model, seed), mine in predictions.groupby(["model", "seed"], sort=True):
        runs = _pair(mine[mine["role"] == ROLE], known)
        size = {
            "n_participants": len({run.participant for run, _ in runs}),
            "n_seizures": sum(run.n_seizures for run, _ in runs),
        }
        for target, setting, rates, note in _operate(str(model), runs, options):
            named = {"model": model, "seed": seed, "target": target, "note": note}
            figures = {column: rates[name] for column, name in VALIDATION.items()}
            rows.append({**named, **setting.model_dump(), **figures, **size})
    table = pd.DataFrame(rows, columns=list(OPERATING_TYPES))
    return table.astype(OPERATING_TYPES)


def _pair(predictions: pd.DataFrame, truth: Truth) -> list[tuple[RunTruth, Times]]:
    """Return annotated runs in order of participants, each with its checked probabilities."""
    pairs = {}
    for key, values in zip(
        zip(predictions["participant"], predictions["run"], strict=True),
        predictions["probability"],
        strict=True,
    ):
        if key in truth.runs:
            pairs[key] = check_probabilities(values, truth.runs[key].duration, "_".join(key))
    return [(truth.runs[key], pairs[key]) for key in sorted(pairs)]


def _operate(
    model: str, runs: Sequence[tuple[RunTruth, Times]], options: ScoreOptions
) -> Iterator[tuple[str, PostProcessing, dict[str, float], str]]:
    """Yield target, point, its rates on validation and the note, for each target."""
    if excuse := _why_not(model, runs):
        tried = _try([options.default], runs, options.tuning)
        for target in options.tuning.targets:
            yield target, options.default, _at(tried, 0), excuse
        return
    tried = _try(make_grid(runs, options.tuning), runs, options.tuning)
    hours = sum(run.duration for run, _ in runs) / 3600
    limits = dict(zip(options.tuning.targets, (None, *options.tuning.fa_limits), strict=True))
    for target, limit in limits.items():
        choice = choose(tried, limit, hours)
        yield target, tried.grid[choice.point], _at(tried, choice.point), choice.note


def _why_not(model: str, runs: Sequence[tuple[RunTruth, Times]]) -> str:
    if model in CONSTANT:
        return "says the same everywhere: nothing to choose, the default is taken"
    if not runs:
        return "no annotated recording of a validation participant: the default is taken"
    if not any(run.n_seizures for run, _ in runs):
        return "no seizure in validation: the default is taken"
    return ""


def make_grid(runs: Sequence[tuple[RunTruth, Times]], options: TuneOptions) -> list[PostProcessing]:
    """List the combinations to try for a model; thresholds at quantiles are those of its own predictions."""
    values = np.concatenate([values for _, values in runs])
    own = np.quantile(values, options.quantiles, method="higher") if options.quantiles else np.zeros(0)
    thresholds = sorted({*options.thresholds, *own[own >= LEAST_THRESHOLD].tolist()})
    processing = product(
        options.opening_seconds, options.closing_seconds, options.minimum_seconds, options.merge_seconds
    )
    levels = [(high, share * high) for high in thresholds for share in options.low_shares]
    return [
        PostProcessing(**dict(zip(PROCESSING, (*level, *seconds), strict=True)))
        for level, seconds in product(levels, [*processing])
    ]


def choose(tried: Tried, limit: float | None, hours: float) -> Choice:
    """Choose a point of a grid: the largest F1, or the largest sensitivity within a limit of false alarms.

    Parameters
    ----------
    tried : Tried
        The grid and what it gives.
    limit : float or None
        Most false alarms per 24 h; None: the largest F1.
    hours : float
        Of annotated validation EEG: too few cannot show so few false alarms, which the note then says.
    """
    alarms, seconds = tried.rates["fa_per_24h"], hours * 3600
    note = "" if limit is None else _resolution(limit, seconds)
    wanted = tried.rates["f1" if limit is None else "sensitivity"]
    allowed = np.isfinite(wanted) & (alarms <= (np.inf if limit is None else limit + 1e-9))
    if not allowed.any():
        fewest = _first(tried, -alarms)
        return Choice(
            fewest, _join(note, f"no point of the grid has so few: it gives {alarms[fewest]:.3g} per 24 h")
        )
    best = _first(tried, np.where(allowed, wanted, -np.inf))
    if wanted[best] <= 0:
        note = _join(note, "no allowed point of the grid finds a seizure: the quietest is taken")
    return Choice(best, note)


def _resolution(limit: float, seconds: float) -> str:
    one = 86_400 / seconds
    if one <= limit:
        return ""
    hours = seconds / 3600
    return (
        f"validation has {hours:.3g} h, where a single false alarm is {one:.3g} per 24 h: so low a limit cannot be "
        "told from none at all"
    )


def _join(*sentences: str) -> str:
    return "; ".join(sentence for sentence in sentences if sentence)


def _first(tried: Tried, wanted: Times) -> int:
    """Return the best point; of equal ones the quietest, then the highest thresholds, then the least processing."""
    settings = np.array([[getattr(point, name) for name in PROCESSING] for point in tried.grid]).T
    rounded = np.round(wanted, 12)  # so that the order of a sum decides nothing
    keys = [-rounded, np.round(tried.rates["fa_per_24h"], 9), -settings[0], -settings[1], *settings[2:]]
    return int(np.lexsort(keys[::-1])[0])


def _try(
    grid: Sequence[PostProcessing], runs: Sequence[tuple[RunTruth, Times]], options: TuneOptions
) -> Tried:
    if not runs:
        return Tried(grid, {name: np.full(len(grid), np.nan) for name in VALIDATION.values()})
    counts = line_up(runs).count(grid)
    if options.criterion == "micro":
        return Tried(grid, figures(counts.sum(axis=1)))
    return Tried(grid, {name: _mean_of_defined(values) for name, values in figures(counts).items()})


def _mean_of_defined(values: Times) -> Times:
    """Average over participants, (n, P) -> (n,); NaN where none has a value."""
    defined = ~np.isnan(values)
    total, n = np.where(defined, values, 0.0).sum(axis=1), defined.sum(axis=1)
    mean: Times = np.divide(total, n, out=np.full(len(values), np.nan), where=n > 0)
    return mean


def _at(tried: Tried, point: int) -> dict[str, float]:
    return {name: float(values[point]) for name, values in tried.rates.items()}


def within_limit(points: pd.DataFrame) -> pd.Series:
    """Tell which points keep what their name promises: ``fa_5`` had at most 5 false alarms per 24 h on validation.

    A model that cannot be so quiet, and one nobody could look at, has no sensitivity at that rate.
    """
    limit = pd.to_numeric(points["target"].str.removeprefix("fa_"), errors="coerce")
    return limit.isna() | (points["validation_fa_per_24h"] <= limit + 1e-9)


def list_settings(points: pd.DataFrame) -> dict[tuple[str, int, str], PostProcessing]:
    """Return the post-processing of each (model, seed, target) of ``output_operating_points``."""
    return {
        (str(row["model"]), int(row["seed"]), str(row["target"])): PostProcessing(
            **{name: row[name] for name in PROCESSING}
        )
        for row in points.to_dict("records")
    }


__all__ = [
    "EVENT_F1",
    "Choice",
    "Tried",
    "choose",
    "list_settings",
    "make_grid",
    "target_of",
    "tune",
    "within_limit",
]
