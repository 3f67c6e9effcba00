import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.errors import NoSeizureError, ParameterError
from eeg_kedro.training.seizure_priors import (
    effective_prior,
    prior_of_runs,
    prior_of_windows,
    seizure_weight,
)
from tests.training.finetune_corpus import make_finetune_options

WEIGHTED = make_finetune_options(loss_weight="prior")


def make_events(*rows, kind="seizure"):
    table = pd.DataFrame(rows, columns=["participant", "run", "onset", "duration"])
    return table.assign(kind=kind)


def test_channels_that_repeat_a_seizure_count_it_once():
    events = make_events(("a", "1", 10.0, 20.0), ("a", "1", 15.0, 20.0), ("a", "1", 10.0, 20.0))
    assert prior_of_runs(events, {("a", "1"): 100.0}) == pytest.approx(0.25)


def test_what_lies_beyond_a_recording_or_in_others_does_not_count():
    events = make_events(("a", "1", 90.0, 50.0), ("a", "1", -5.0, 10.0), ("b", "9", 0.0, 50.0))
    assert prior_of_runs(events, {("a", "1"): 100.0, ("c", "1"): 50.0}) == pytest.approx(0.1)
    background = make_events(("a", "1", 0.0, 9.0), kind="background")
    assert prior_of_runs(background, {("a", "1"): 9.0}) == 0


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30)), max_size=6), st.integers(1, 60))
def test_the_share_is_that_of_a_mask_of_seconds(intervals, length):
    mask = np.zeros(200, bool)
    for onset, duration in intervals:
        mask[onset : onset + duration] = True
    events = make_events(*(("a", "1", float(onset), float(duration)) for onset, duration in intervals))
    assert prior_of_runs(events, {("a", "1"): float(length)}) == pytest.approx(mask[:length].mean())


def test_the_drawn_prior_is_the_share_of_samples():
    windows = pd.DataFrame({"seizure_samples": [0, 50, 100], "n_samples": 100})
    assert prior_of_windows(windows) == 0.5
    assert prior_of_windows(windows.iloc[:0]) == 0


def test_balanced_windows_and_a_weighted_loss_exclude_each_other():
    with pytest.raises(
        ParameterError, match=r"correct .* twice.*50% of all time.*drawn 20.0%, recorded 2.0%"
    ):
        seizure_weight(WEIGHTED, 0.2, 0.02)
    forced = WEIGHTED.model_copy(update={"allow_double_correction": True})
    assert seizure_weight(forced, 0.2, 0.02) == pytest.approx(4.0)


def test_windows_as_they_were_recorded_may_be_weighted_and_the_weight_has_a_cap():
    assert seizure_weight(WEIGHTED, 0.1, 0.1) == pytest.approx(9.0)
    assert seizure_weight(WEIGHTED, 0.001, 0.001) == 50.0
    assert seizure_weight(make_finetune_options(), 0.2, 0.02) == 1.0


@given(st.floats(0.001, 0.999), st.floats(0.01, 100))
def test_the_effective_prior_is_that_of_weighted_counting(drawn, weight):
    counts = weight * drawn, 1 - drawn
    assert effective_prior(drawn, weight) == pytest.approx(counts[0] / sum(counts))


@pytest.mark.parametrize(("drawn", "what"), [(0.0, "no seizure"), (1.0, "seizure only")])
def test_one_kind_of_windows_teaches_nothing(drawn, what):
    with pytest.raises(NoSeizureError, match=what):
        seizure_weight(make_finetune_options(), drawn, 0.1)
