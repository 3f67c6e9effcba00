from functools import cache
from itertools import product

import numpy as np
import pytest

from eeg_kedro.scoring.events import RunEvents
from eeg_kedro.scoring.nedc import score_dpalign
from tests.scoring.drawn_events import run_events


def take_turns(first, length):
    """Make a run of ``length`` labels, one second each, that begins with a seizure or with background."""
    seizures = range(0 if first == "s" else 1, length, 2)
    return run_events(length, *((k, k + 1) for k in seizures)), tuple(
        "sb"[(k + (first == "b")) % 2] for k in range(length)
    )


@cache
def alignments(ref, hyp):
    """Return the least cost, and (tp, fn, fp, tn) of every alignment that has it."""
    if not ref and not hyp:
        return 0, frozenset({(0, 0, 0, 0)})
    ways = []
    if ref:
        ways.append((1, ref[:-1], hyp, (0, ref[-1] == "s", 0, 0)))
    if hyp:
        ways.append((1, ref, hyp[:-1], (0, 0, hyp[-1] == "s", 0)))
    if ref and hyp:
        same, seizure = ref[-1] == hyp[-1], ref[-1] == "s"
        found = (seizure, 0, 0, not seizure) if same else (0, seizure, not seizure, 0)
        ways.append((int(not same), ref[:-1], hyp[:-1], found))
    tried = [(cost + alignments(r, h)[0], alignments(r, h)[1], add) for cost, r, h, add in ways]
    least = min(cost for cost, *_ in tried)
    return least, frozenset(
        tuple(int(x + y) for x, y in zip(old, add, strict=True))
        for cost, olds, add in tried
        if cost == least
        for old in olds
    )


@pytest.mark.parametrize(("ref_first", "hyp_first"), [*product("sb", "sb")])
def test_counts_are_those_of_an_alignment_of_least_cost_and_there_is_but_one(ref_first, hyp_first):
    for n_ref, n_hyp in product(range(1, 8), range(1, 8)):
        (there, ref), (found, hyp) = take_turns(ref_first, n_ref), take_turns(hyp_first, n_hyp)
        found = RunEvents(there.duration, found.starts * n_ref / n_hyp, found.stops * n_ref / n_hyp)
        counts = score_dpalign(there, found)
        best = alignments(ref, hyp)[1]
        assert (counts.tp, counts.fn, counts.fp, counts.tn) in best
        tie = n_ref == n_hyp and n_ref % 2 == 0 and ref_first != hyp_first
        assert len(best) == 1 or tie
        assert counts.tp == min(tp for tp, *_ in best)


def test_times_do_not_matter():
    counts = score_dpalign(run_events(100, (10, 20), (40, 50)), run_events(100, (70, 71), (90, 95)))
    assert (counts.tp, counts.fp, counts.fn, counts.tn) == (2, 0, 0, 3)


def test_long_detections_over_many_seizures_miss_the_difference():
    counts = score_dpalign(run_events(100, *((k, k + 1) for k in range(10, 90, 2))), run_events(100, (5, 95)))
    assert (counts.tp, counts.fn, counts.fp) == (1, 39, 0)


def test_events_that_touch_are_one_label():
    assert score_dpalign(run_events(100, (10, 20), (20, 30)), run_events(100, (10, 30))).n_reference == 1


def test_nothing_there_and_nothing_found_is_one_hit_of_background():
    counts = score_dpalign(RunEvents(60.0), RunEvents(60.0))
    assert (counts.tp, counts.fp, counts.fn, counts.tn) == (0, 0, 0, 1)
    assert np.isnan(counts.sensitivity)
