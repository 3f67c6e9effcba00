import math
from itertools import pairwise

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from eeg_kedro.scoring.events import RunEvents
from eeg_kedro.scoring.nedc import kappa, score_epoch
from tests.scoring.drawn_events import DURATIONS, draw_events, run_events


def labels(events):
    """Look at each middle in turn; of the intervals that hold it, both ends included, the first one counts."""
    found, middle = [], 0.125
    edges = sorted({0.0, *events.starts.tolist(), *events.stops.tolist(), events.duration})
    spans = list(pairwise(edges))
    while middle <= events.duration:
        start = next(a for a, b in spans if a <= middle <= b)
        found.append(bool(((events.starts <= start) & (start < events.stops)).any()))
        middle += 0.25
    return np.array(found, bool)


def test_drawn_runs_count_as_every_middle_looked_at():
    rng = np.random.default_rng(0)
    for _ in range(60):
        duration = float(rng.choice(DURATIONS[:5]))
        there, found = draw_events(rng, duration), draw_events(rng, duration)
        counts, (ref, hyp) = score_epoch(there, found), (labels(there), labels(found))
        assert (counts.tp, counts.fp) == ((ref & hyp).sum(), (~ref & hyp).sum())
        assert (counts.fn, counts.tn) == ((ref & ~hyp).sum(), (~ref & ~hyp).sum())


@pytest.mark.parametrize(
    ("start", "stop", "epochs"),
    [(1, 2, 4), (1.125, 2, 3), (1.124, 2, 4), (1, 2.125, 5), (1, 2.124, 4), (1.13, 1.37, 0), (0, 10, 40)],
)
def test_an_epoch_belongs_to_what_holds_its_middle_the_last_instant_included(start, stop, epochs):
    assert score_epoch(run_events(10, (start, stop)), RunEvents(10.0)).n_reference == epochs


def test_an_epoch_of_false_alarm_counts_by_its_length_in_the_rate():
    counts = score_epoch(RunEvents(86400.0), run_events(86400, (100, 110)))
    assert (counts.fp, counts.fa_per_24h, counts.tn) == (40, 10, 4 * 86400 - 40)


def test_kappa_is_that_of_scikit_learn():
    rng = np.random.default_rng(1)
    for _ in range(20):
        there, found = draw_events(rng, 600.0), draw_events(rng, 600.0)
        ref, hyp = labels(there), labels(found)
        if len({*ref, *hyp}) == 2:
            assert kappa(score_epoch(there, found)) == pytest.approx(cohen_kappa_score(ref, hyp))


def test_kappa_of_one_label_only_is_undefined():
    assert math.isnan(kappa(score_epoch(RunEvents(10.0), RunEvents(10.0))))


def test_a_day_of_epochs_is_counted_without_looking_at_each():
    events = run_events(86400, *((20 * k, 20 * k + 7) for k in range(4000)))
    assert score_epoch(events, events).tp == 4000 * 28
