"""Whether pretraining helped, in numbers and in a sentence that a person can check."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import Any

import numpy as np
import pandas as pd

from eeg_kedro.scoring.averages import interval_of
from eeg_kedro.scoring.measurements import EVENT, FREE, Measurement
from eeg_kedro.scoring.run_truth import Truth
from eeg_kedro.scoring.score_options import EVENT_F1, ScoreOptions
from eeg_kedro.scoring.score_summary import OverSeeds, join_seeds
from eeg_kedro.scoring.score_tables import make_scores

PRIMARY, SCRATCH = "pretrained", "scratch"
VERDICT_TYPES = {
    "comparison": "str",
    "metric": "str",
    "difference": "float64",
    "low": "float64",
    "high": "float64",
    "n_participants": "int64",
    "n_seeds": "int64",
    "helped": "boolean",  # missing: cannot be told
    "words": "str",
    "role": "str",
}
# metric -> where it is found, and how a person calls it
COMPARED = {
    "szcore_event f1": ((EVENT_F1, EVENT, "f1"), "event F1"),
    "auprc": (("", FREE, "auprc"), "AUPRC"),
}
CALLED = {
    SCRATCH: "the same network without pretraining",
    "eegnet": "EEGNet",
    "band_power": "band power with logistic regression",
    "line_length": "line length with logistic regression",
    "always_on": "a detector that is always on",
    "always_off": "a detector that is never on",
}
BY_CHANCE = (SCRATCH, "eegnet")  # their training has a seed, too
SEEDS_DRAWN = 1  # stream of the generator
ROUGH = 6  # with fewer participants not even a difference of one sign in all of them is rare by chance


def judge_pretraining(
    measurements: Sequence[Measurement], truth: Truth, role: str, options: ScoreOptions
) -> pd.DataFrame:
    """Compare the pretrained model with every other one on the same participants.

    The difference is that of the means over seeds; its interval comes from drawing participants, the same for
    both models, and the seeds of each model: another training would have given another difference, and other
    people another one again. It helped if the interval lies above 0, it did harm if it lies below, and else it
    cannot be told; nor can it with fewer than ``options.least_participants`` participants with seizures.

    Parameters
    ----------
    measurements : sequence of Measurement
        Of the participants of ``truth``.
    truth : Truth
        The cohort.
    role : str
        Of the cohort.
    options : ScoreOptions
        Which average is compared (``tuning.criterion``), and how many participants it takes.

    Returns
    -------
    DataFrame
        ``report_pretraining_verdict``: columns of `VERDICT_TYPES`; without a pretrained model no row.
    """
    joined = join_seeds(measurements)
    others = list(dict.fromkeys(found.model for found in measurements if found.model != PRIMARY))
    others.sort(key=lambda model: model != SCRATCH)  # the one that answers the question first
    n_people = len({run.participant for run in truth.runs.values() if run.n_seizures})
    rows: list[dict[str, Any]] = []
    for other in others:
        for metric, ((target, scorer, name), called) in COMPARED.items():
            pair = [
                joined.get((model, target, scorer, options.tuning.criterion, name))
                for model in (PRIMARY, other)
            ]
            if pair[0] is None or pair[1] is None:
                continue
            lone = pair[0].values.size < 2 or (other in BY_CHANCE and pair[1].values.size < 2)
            row = _compare(pair[0], pair[1], n_people if not lone else 0, options) | {
                "n_participants": n_people
            }
            words = _say(row, (pair[0], pair[1]), other, called, options.least_participants, lone)
            intro = "" if role == "test" else f"On {role}, where thresholds were tuned, not on test: "
            named = {"comparison": f"{PRIMARY} vs {other}", "metric": metric, "role": role}
            rows.append({**row, **named, "words": intro + words})
    return make_scores(rows, VERDICT_TYPES)


def _compare(mine: OverSeeds, theirs: OverSeeds, n_people: int, options: ScoreOptions) -> dict[str, Any]:
    difference = mine.mean - theirs.mean
    rng = np.random.default_rng([options.seed, SEEDS_DRAWN])
    low, high = interval_of(mine.redraw_seeds(rng) - theirs.redraw_seeds(rng))
    helped = None
    if n_people >= options.least_participants and not isnan(low) and not isnan(difference):
        helped = True if low > 0 else False if high < 0 else None
    n_seeds = min(mine.values.size, theirs.values.size)
    return {
        "difference": difference,
        "low": low,
        "high": high,
        "n_participants": n_people,
        "n_seeds": n_seeds,
        "helped": helped,
    }


def _say(
    row: dict[str, Any], pair: tuple[OverSeeds, OverSeeds], other: str, called: str, least: int, lone: bool
) -> str:
    opponent, n = CALLED.get(other, other), row["n_participants"]
    asked = "whether pretraining helped" if other == SCRATCH else "which of the two is better"
    if isnan(row["difference"]):
        return f"{called} is not defined for the pretrained model or for {opponent}: {asked} cannot be told."
    side = "above" if row["difference"] >= 0 else "below"
    numbers = (
        f"{called} {pair[0].mean:.3f} ({_seeds(pair[0])}) against {pair[1].mean:.3f} ({_seeds(pair[1])}) of "
        f"{opponent}: {abs(row['difference']):.3f} {side}"
    )
    if n < least:
        return f"{numbers}; with {_people(n)}, {asked} cannot be told (at least {least} are needed)."
    if lone:
        return f"{numbers}; one seed does not show how much is chance in training: {asked} cannot be told."
    if isnan(row["low"]):
        return f"{numbers}; there is no interval, so {asked} cannot be told."
    spans = f"95 % interval {row['low']:+.3f} to {row['high']:+.3f} over {_people(n)} and over seeds"
    rough = "; so few participants make a rough interval" if n < ROUGH else ""
    return f"{numbers}; {spans}{rough}: {_verdict(row['helped'], other, opponent, asked)}."


def _verdict(helped: bool | None, other: str, opponent: str, asked: str) -> str:
    if helped is None:
        return f"{asked} cannot be told"
    if other == SCRATCH:
        return "pretraining helped" if helped else "pretraining did harm"
    return f"the pretrained model is {'better' if helped else 'worse'} than {opponent}"


def _seeds(found: OverSeeds) -> str:
    n = found.values.size
    spread = "" if isnan(found.spread) else f", spread {found.spread:.3f}"
    return f"{n} seed{'' if n == 1 else 's'}{spread}"


def _people(n: int) -> str:
    return f"{n} participant{'' if n == 1 else 's'} with seizures"
