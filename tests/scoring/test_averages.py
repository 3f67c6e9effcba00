import numpy as np
import pytest

from eeg_kedro.scoring.averages import (
    bootstrap_interval,
    difference_interval,
    draw_participants,
    interval_of,
    macro,
    mean_of,
    micro,
    redraw_figures,
    redraw_mean,
    sum_by_participant,
)
from eeg_kedro.scoring.counts import METRICS, Counts

DAY = 86400


def drawn_sums(n=12, seed=0):
    rng = np.random.default_rng(seed)
    tp, missed, fp = rng.integers(0, 6, (3, n)).astype(float)
    return np.stack([tp, fp, tp + missed, np.full(n, float(DAY)), fp], axis=1)


def test_runs_are_added_per_participant_whatever_their_order():
    counts = [Counts(1, 2, 3, 10), Counts(4, 5, 6, 20), Counts(0, 1, 1, 30)]
    names, sums = sum_by_participant(counts, ["b", "a", "b"])
    assert names == ("a", "b")
    assert sums.tolist() == [[4, 5, 6, 20, 5], [1, 3, 4, 40, 3]]


def test_macro_is_the_mean_over_participants_and_micro_that_of_all_events():
    _, sums = sum_by_participant([Counts(1, 0, 1, DAY), Counts(1, 9, 9, 3 * DAY)], ["a", "b"])
    assert macro(sums)["sensitivity"] == pytest.approx((1 + 1 / 9) / 2)
    assert micro(sums)["sensitivity"] == pytest.approx(2 / 10)
    assert (macro(sums)["fa_per_24h"], micro(sums)["fa_per_24h"]) == (1.5, 9 / 4)


def test_who_has_no_seizure_has_a_say_in_false_alarms_only():
    _, sums = sum_by_participant([Counts(1, 0, 2, DAY), Counts(0, 0, 0, DAY)], ["a", "b"])
    assert macro(sums) == {
        "sensitivity": 0.5,
        "precision": 1.0,
        "f1": pytest.approx(2 / 3),
        "fa_per_24h": 0.0,
    }


def test_nothing_to_find_anywhere_is_undefined_without_a_warning():
    _, sums = sum_by_participant([Counts(0, 0, 0, DAY)] * 2, ["a", "b"])
    assert np.isnan(macro(sums)["f1"])
    assert np.isnan(micro(sums)["f1"])
    assert bootstrap_interval(sums, "macro", seed=0)["f1"] == (pytest.approx(np.nan, nan_ok=True),) * 2


@pytest.mark.parametrize("average", ["macro", "micro"])
def test_each_draw_is_the_average_of_the_participants_drawn(average):
    sums, whole = drawn_sums(), {"macro": macro, "micro": micro}[average]
    redrawn = redraw_figures(sums, average, seed=3, n_draws=50)
    for draw, weights in enumerate(draw_participants(len(sums), 3, 50)):
        again = whole(np.repeat(sums, weights.astype(int), axis=0))
        for name in METRICS:
            np.testing.assert_allclose(redrawn[name][draw], again[name], rtol=1e-12)


def test_the_interval_of_a_mean_is_that_of_scipy():
    from scipy.stats import bootstrap

    values = np.random.default_rng(1).normal(5, 2, 40)
    low, high = interval_of(redraw_mean(values, seed=0, n_draws=20000))
    theirs = bootstrap([values], np.mean, method="percentile", n_resamples=20000, rng=1).confidence_interval
    np.testing.assert_allclose([low, high], [theirs.low, theirs.high], atol=0.03)


def test_the_interval_covers_the_mean_of_the_population_about_as_often_as_it_says():
    rng = np.random.default_rng(2)
    hits = 0
    for seed in range(300):
        low, high = interval_of(redraw_mean(rng.normal(0, 1, 30), seed, n_draws=500))
        hits += low <= 0 <= high
    assert 0.88 < hits / 300 < 0.98  # percentile intervals of 30 are a little short of 0.95


@pytest.mark.parametrize("average", ["macro", "micro"])
def test_one_participant_has_no_interval(average):
    for low, high in bootstrap_interval(drawn_sums(1), average, seed=0).values():
        assert np.isnan([low, high]).all()


def test_an_interval_needs_half_of_its_draws_defined():
    assert np.isnan(interval_of([1.0, np.nan, np.nan])).all()
    assert interval_of([1.0, 1.0, np.nan]) == (1.0, 1.0)
    assert np.isnan(interval_of([])).all()


def test_the_same_seed_draws_the_same_participants_and_another_seed_others():
    first, again, other = (bootstrap_interval(drawn_sums(), "micro", seed)["f1"] for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_a_model_compared_with_itself_differs_by_nothing():
    assert difference_interval([drawn_sums()], [drawn_sums()], "macro", "f1", seed=0) == (0, 0, 0)


def test_a_paired_difference_is_tighter_than_that_of_two_strangers():
    sums = drawn_sums(30)
    better = sums.copy()
    better[:, [1, 4]] += 1  # one false alarm more for everybody
    assert difference_interval([better], [sums], "macro", "fa_per_24h", seed=0) == pytest.approx((1, 1, 1))


def test_a_difference_of_means_over_seeds_is_the_mean_of_differences():
    one, two, other = drawn_sums(seed=1), drawn_sums(seed=2), drawn_sums(seed=3)
    difference, *_ = difference_interval([one, two], [other, other], "micro", "f1", seed=0)
    expected = (micro(one)["f1"] + micro(two)["f1"]) / 2 - micro(other)["f1"]
    assert difference == pytest.approx(expected)


def test_models_of_different_participants_are_not_compared():
    with pytest.raises(ValueError, match="different participants"):
        difference_interval([drawn_sums(3)], [drawn_sums(4)], "macro", "f1", seed=0)


def test_a_mean_leaves_out_what_is_undefined():
    assert mean_of([1, np.nan, 3]) == 2
    assert np.isnan(mean_of([np.nan]))
