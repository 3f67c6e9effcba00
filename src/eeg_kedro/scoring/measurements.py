"""Every figure of every model on one cohort, as it is and redrawn over participants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.errors import ScoringError
from eeg_kedro.scoring.averages import (
    draw_participants,
    macro,
    mean_of,
    micro,
    redraw_figures,
    redraw_mean,
    sum_by_participant,
)
from eeg_kedro.scoring.counts import Counts, figures
from eeg_kedro.scoring.events import RunEvents
from eeg_kedro.scoring.nedc import score_dpalign, score_epoch, score_ovlp, score_taes
from eeg_kedro.scoring.post_processing import check_probabilities
from eeg_kedro.scoring.run_truth import RunKey, RunTruth
from eeg_kedro.scoring.szcore_reference import score_events, score_samples
from eeg_kedro.scoring.threshold_free import Seconds, measure_each, measure_together, redraw_together

Floats = NDArray[np.float64]
Average = Literal["macro", "micro"]
AVERAGES: tuple[Average, ...] = ("macro", "micro")
EVENT, FREE = "szcore_event", "threshold_free"
SCORERS: Mapping[str, Callable[[RunEvents, RunEvents], Counts]] = {
    EVENT: score_events,
    "szcore_sample": score_samples,
    "nedc_ovlp": score_ovlp,
    "nedc_taes": score_taes,
    "nedc_epoch": score_epoch,
    "nedc_dpalign": score_dpalign,
}
Point = tuple[str, int, str]  # model, seed, target


@dataclass(frozen=True, eq=False)
class Measurement:
    """One figure of one model and seed.

    Attributes
    ----------
    model : str
        Variant.
    seed : int
        Of its training.
    target : str
        Operating point; empty where no threshold is needed.
    scorer, average, metric : str
        What it is.
    value : float
        NaN where undefined.
    redrawn : ndarray of float64, (n_draws,)
        The same in each draw of participants, the same draws in every measurement; none of one participant.
    n_participants : int
        For whom it is defined (macro), or all of them (micro).
    """

    model: str
    seed: int
    target: str
    scorer: str
    average: Average
    metric: str
    value: float
    redrawn: Floats
    n_participants: int

    @property
    def what(self) -> tuple[str, str, str, str]:
        """Target, scorer, average and metric: what may be compared between models."""
        return self.target, self.scorer, self.average, self.metric


def count_runs(
    detections: pd.DataFrame, points: Sequence[Point], runs: Mapping[RunKey, RunTruth]
) -> Iterator[tuple[Point, str, list[Counts]]]:
    """Score the detections of every operating point in every annotated run.

    Parameters
    ----------
    detections : DataFrame
        ``output_detections``; a run without rows had no detection.
    points : sequence of (model, seed, target)
        All operating points.
    runs : mapping of (participant, run) to RunTruth
        Annotated runs.

    Yields
    ------
    point, scorer, counts
        One count per run, in the order of ``runs``.
    """
    found = index_detections(detections)
    known: dict[tuple[str, RunKey, bytes, bytes], Counts] = {}
    for point in points:
        events = {key: found_events(found, point, key, truth.duration) for key, truth in runs.items()}
        for scorer, score in SCORERS.items():
            counts = []
            for key, truth in runs.items():
                # the operating points of a model often are one
                same = (scorer, key, events[key].starts.tobytes(), events[key].stops.tobytes())
                if same not in known:
                    known[same] = score(truth.seizures, events[key])
                counts.append(known[same])
            yield point, scorer, counts


def measure_events(
    detections: pd.DataFrame,
    points: Sequence[Point],
    runs: Mapping[RunKey, RunTruth],
    seed: int,
    n_draws: int,
) -> Iterator[Measurement]:
    """Measure sensitivity, precision, F1 and false alarms of every point, by every scorer.

    Parameters
    ----------
    detections, points, runs
        As `count_runs` takes them.
    seed, n_draws : int
        Of the draws of participants.
    """
    people = [participant for participant, _ in runs]
    for (model, model_seed, target), scorer, counts in count_runs(detections, points, runs):
        _, sums = sum_by_participant(counts, people)
        defined = {name: int(np.isfinite(values).sum()) for name, values in figures(sums).items()}
        for average, whole in zip(AVERAGES, (macro(sums), micro(sums)), strict=True):
            redrawn = redraw_figures(sums, average, seed, n_draws)
            for metric, value in whole.items():
                n = defined[metric] if average == "macro" else len(sums)
                yield Measurement(
                    model, model_seed, target, scorer, average, metric, value, redrawn[metric], n
                )


def measure_probabilities(
    predictions: pd.DataFrame, runs: Mapping[RunKey, RunTruth], seed: int, n_draws: int, n_bins: int
) -> Iterator[Measurement]:
    """Measure what the probabilities of every model are worth before any threshold.

    Parameters
    ----------
    predictions : DataFrame
        ``model, seed, participant, run, probability``; of every model, every run of ``runs``.
    runs : mapping of (participant, run) to RunTruth
        Annotated runs.
    seed, n_draws : int
        Of the draws of participants.
    n_bins : int
        Of the calibration error.
    """
    for (model, model_seed), people in pool_seconds(predictions, runs).items():
        each = measure_each(people, n_bins)
        for metric, values in each.items():
            n = int(np.isfinite(values).sum())
            drawn = redraw_mean(values, seed, n_draws)
            yield Measurement(model, model_seed, "", FREE, "macro", metric, mean_of(values), drawn, n)
        together = measure_together(people, n_bins)
        drawn_together = redraw_together(
            people, draw_participants(len(people), seed, n_draws), n_bins, together
        )
        for metric, value in together.items():
            yield Measurement(
                model, model_seed, "", FREE, "micro", metric, value, drawn_together[metric], len(people)
            )


def pool_seconds(
    predictions: pd.DataFrame, runs: Mapping[RunKey, RunTruth]
) -> dict[tuple[str, int], list[Seconds]]:
    """Put the seconds of each participant's annotated runs together, for every model and seed.

    Raises
    ------
    ScoringError
        If a model predicted only some of the runs, or a prediction is no probability.
    """
    truths = {key: truth.seizure_seconds() for key, truth in runs.items()}
    people = sorted({participant for participant, _ in runs})
    pooled = {}
    for (model, seed), mine in predictions.groupby(["model", "seed"], sort=True):
        keys = zip(mine["participant"], mine["run"], strict=True)
        given = dict(zip(keys, mine["probability"], strict=True))
        demand_complete(f"{model}, seed {seed}", given, runs)
        values = {
            key: check_probabilities(given[key], truth.duration, "_".join(key)) for key, truth in runs.items()
        }
        pooled[str(model), int(str(seed))] = [
            Seconds(
                np.concatenate([values[key] for key in runs if key[0] == who]),
                np.concatenate([truths[key] for key in runs if key[0] == who]),
            )
            for who in people
        ]
    return pooled


def demand_complete(model: str, given: Mapping[RunKey, object], runs: Mapping[RunKey, RunTruth]) -> None:
    """Refuse to compare models of which one was spared some recordings.

    Raises
    ------
    ScoringError
        Naming the model and the first recording it lacks.
    """
    lacking = [key for key in runs if key not in given]
    if lacking:
        raise ScoringError(
            f"{model}, has no prediction for {len(lacking)} of {len(runs)} recordings that others have",
            file="_".join(lacking[0]),
            allowed="every model predicts the same recordings",
            remedy="run `kedro run --pipelines=finetune` again",
        )


Index = Mapping[tuple[str, int, str, str, str], tuple[Floats, Floats]]


def index_detections(detections: pd.DataFrame) -> Index:
    """Return starts and stops (s) by model, seed, target, participant and run."""
    keys = ["model", "seed", "target", "participant", "run"]
    ordered = detections.sort_values([*keys, "onset"], ignore_index=True)
    changes = (ordered[keys] != ordered[keys].shift()).any(axis=1).to_numpy(np.bool_)
    cuts = np.append(np.flatnonzero(changes), len(ordered))
    starts = ordered["onset"].to_numpy(np.float64)
    stops = starts + ordered["duration"].to_numpy(np.float64)
    names = ordered.loc[changes, keys].itertuples(index=False, name=None)
    return {
        (str(model), int(seed), str(target), str(participant), str(run)): (starts[low:high], stops[low:high])
        for (model, seed, target, participant, run), low, high in zip(names, cuts[:-1], cuts[1:], strict=True)
    }


def found_events(index: Index, point: Point, key: RunKey, duration: float) -> RunEvents:
    """Return the events of one operating point in one run; none where nothing was detected."""
    starts, stops = index.get((*point, *key), (np.zeros(0), np.zeros(0)))
    return RunEvents(
        duration, starts, np.minimum(stops, duration)
    )  # onset + duration may round beyond the end
