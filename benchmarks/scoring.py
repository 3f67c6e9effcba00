"""Scoring the annotations of 4,360 h with 400 seizures: ours against timescoring, in one process.

``python benchmarks/scoring.py [ROUNDS]``: CPU seconds, median of so many rounds (default 3); the bar is 5 s for
everything that a table needs. The detections are 20 per day at random places and one in two seizures, or a
detector that is always on; the recordings are 182 of about a day or 4,360 of an hour. Differences are those of the
summed counts of hits, false alarms and seizures.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from timing import race

from eeg_kedro.scoring import nedc, szcore, szcore_reference
from eeg_kedro.scoring.averages import bootstrap_interval, sum_by_participant
from eeg_kedro.scoring.counts import Counts, count_matrix
from eeg_kedro.scoring.events import RunEvents, unite

HOURS, N_SEIZURES, N_PARTICIPANTS, ALARMS_PER_DAY = 4360, 400, 65, 20
Pair = tuple[RunEvents, RunEvents]
Scorer = Callable[[RunEvents, RunEvents], Counts]
NEDC = (nedc.score_ovlp, nedc.score_taes, nedc.score_epoch, nedc.score_dpalign)


def make_runs(n_runs: int, *, always_on: bool) -> list[Pair]:
    """Make (reference, detections) of recordings of equal length that hold the seizures at random places."""
    rng = np.random.default_rng(n_runs)
    seconds = HOURS * 3600 / n_runs
    owners = rng.integers(0, n_runs, N_SEIZURES)
    return [make_run(rng, seconds, int((owners == run).sum()), always_on=always_on) for run in range(n_runs)]


def make_run(rng: np.random.Generator, seconds: float, n_seizures: int, *, always_on: bool) -> Pair:
    starts = rng.uniform(0, seconds - 200, n_seizures)
    there = events(starts, starts + rng.uniform(10, 180, n_seizures), seconds)
    if always_on:
        return there, events(np.zeros(1), np.full(1, seconds), seconds)
    found = rng.random(len(there)) < 0.5
    alarms = rng.uniform(0, seconds - 60, rng.poisson(ALARMS_PER_DAY * seconds / 86400))
    onsets = np.floor(np.r_[there.starts[found] + 5, alarms])
    lengths = np.ceil(rng.uniform(5, 60, onsets.size))
    return there, events(onsets, onsets + lengths, seconds)


def events(starts: np.ndarray, stops: np.ndarray, seconds: float) -> RunEvents:
    return RunEvents(seconds, *unite(starts, np.minimum(stops, seconds)))


def score_all(pairs: Sequence[Pair], scorers: Sequence[Scorer]) -> list[list[Counts]]:
    return [[scorer(*pair) for pair in pairs] for scorer in scorers]


def score_with_intervals(pairs: Sequence[Pair], scorers: Sequence[Scorer]) -> None:
    """Do what a table needs: score, add per participant, and both averages with their intervals."""
    owners = [f"{run % N_PARTICIPANTS:03d}" for run in range(len(pairs))]
    for counts in score_all(pairs, scorers):
        _, sums = sum_by_participant(counts, owners)
        for average in ("macro", "micro"):
            bootstrap_interval(sums, average, seed=0)


def summed(pairs: Sequence[Pair], scorer: Scorer) -> np.ndarray:
    total: np.ndarray = count_matrix(scorer(*pair) for pair in pairs).sum(axis=0)
    return total


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    print(f"{HOURS} h, {N_SEIZURES} seizures, {N_PARTICIPANTS} participants; CPU s, median of {rounds}\n")
    print("| detections | recordings | scoring | must | ours | timescoring | ratio | difference |")
    print("|---|---|---|---|---|---|---|---|")
    for always_on in (False, True):
        for n_runs in (182, HOURS):
            print_rows(make_runs(n_runs, always_on=always_on), rounds, always_on=always_on)


def print_rows(pairs: Sequence[Pair], rounds: int, *, always_on: bool) -> None:
    ours: dict[str, Scorer] = {"events": szcore.score_events, "samples": szcore.score_samples}
    theirs: dict[str, Scorer] = {
        "events": szcore_reference.score_events,
        "samples": szcore_reference.score_samples,
    }
    candidates: dict[str, Callable[[], object]] = {
        **{f"{name}, ours": partial(score_all, pairs, [scorer]) for name, scorer in ours.items()},
        **{f"{name}, theirs": partial(score_all, pairs, [scorer]) for name, scorer in theirs.items()},
        "table, ours": partial(score_with_intervals, pairs, [*ours.values(), *NEDC]),
        "table, theirs": partial(score_with_intervals, pairs, [*theirs.values(), *NEDC]),
    }
    took = race(candidates, rounds)
    place = f"{'always on' if always_on else f'{ALARMS_PER_DAY} alarms a day'} | {len(pairs)}"
    for name, must in (("events", "-"), ("samples", "-"), ("table", "< 5 s")):
        mine, peer = took[f"{name}, ours"], took[f"{name}, theirs"]
        apart = (
            f"{np.abs(summed(pairs, ours[name]) - summed(pairs, theirs[name])).max():.0f}"
            if name in ours
            else ""
        )
        words = f"SzCORE {name}" if name in ours else "SzCORE (either), four of NEDC, 12 intervals each"
        print(f"| {place} | {words} | {must} | {mine:.2f} s | {peer:.2f} s | {peer / mine:.1f}x | {apart} |")


if __name__ == "__main__":
    main()
