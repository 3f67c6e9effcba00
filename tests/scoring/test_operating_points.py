import numpy as np
import pandas as pd
import pytest

from eeg_kedro.errors import ScoringError
from eeg_kedro.scoring.averages import macro, micro, sum_by_participant
from eeg_kedro.scoring.operating_points import (
    OPERATING_TYPES,
    Tried,
    choose,
    list_settings,
    make_grid,
    tune,
)
from eeg_kedro.scoring.post_processing import PostProcessing, detect
from eeg_kedro.scoring.run_truth import list_truth
from eeg_kedro.scoring.score_options import ScoreOptions, TuneOptions
from eeg_kedro.scoring.szcore import score_events
from eeg_kedro.scoring.validation_line import line_up
from tests.scoring import small_cohorts as small

SMALL_GRID = {"thresholds": (0.2, 0.5, 0.8), "quantiles": ()}


def options(**tuning):
    return ScoreOptions(tuning=TuneOptions(**SMALL_GRID | tuning))


def tuned(predictions, scored=None, **tables):
    truth = list_truth(
        predictions, tables.get("events", small.events()), tables.get("inventory", small.inventory())
    )
    return tune(predictions, truth, scored or options()).set_index(["model", "seed", "target"])


def noisy(seed, roles, duration):
    rng = np.random.default_rng(seed)
    table = small.predictions({"scratch": small.perfect}, roles, duration)
    table["probability"] = [
        np.clip(values + rng.normal(0, 0.3, values.size), 0, 1) for values in table["probability"]
    ]
    return table


@pytest.mark.parametrize("criterion", ["macro", "micro"])
def test_the_whole_grid_is_scored_as_run_after_run_would_be(criterion):
    roles = dict.fromkeys("abc", "validation")
    predictions = noisy(3, roles, 1234.56)
    truth = list_truth(predictions, small.events(roles), small.inventory(roles, 1234.56))
    tuning = TuneOptions(closing_seconds=(0, 7), minimum_seconds=(0, 3.5), opening_seconds=(0, 2))
    runs = [(run, predictions["probability"][i]) for i, run in enumerate(truth.runs.values())]
    grid = make_grid(runs, tuning)
    counts = line_up(runs).count(grid)
    for point in range(0, len(grid), 7):
        each = [score_events(run.seizures, detect(values, run.duration, grid[point])) for run, values in runs]
        _, sums = sum_by_participant(each, list(roles))
        assert np.allclose(counts[point], sums, atol=0.05)  # seconds are whole tenths in `score_events`
        assert np.array_equal(counts[point, :, :3], sums[:, :3])
    assert counts[..., 1].max() > 3
    whole = {"macro": macro, "micro": micro}[criterion](counts[5])
    chosen = tuned(
        predictions,
        ScoreOptions(tuning=tuning.model_copy(update={"criterion": criterion})),
        events=small.events(roles),
        inventory=small.inventory(roles, 1234.56),
    )
    assert chosen.loc[("scratch", 0, "event_f1"), "validation_f1"] >= whole["f1"]


def test_several_runs_of_a_participant_are_added_up():
    predictions = noisy(1, {"a": "validation", "b": "validation"}, 900.0)
    again = predictions.assign(run="2", duration=700.5)
    again["probability"] = [values[:701] for values in again["probability"]]
    both = pd.concat([predictions, again], ignore_index=True)
    known = pd.concat([small.inventory(duration=900.0), small.inventory(duration=700.5).assign(run="2")])
    truth = list_truth(both, pd.concat([small.events(), small.events(onset=100.0).assign(run="2")]), known)
    values = {(row.participant, row.run): row.probability for row in both.itertuples()}
    runs = [(run, values[key]) for key, run in truth.runs.items()]
    point = PostProcessing(threshold=0.6, low_threshold=0.4)
    each = [score_events(run.seizures, detect(curve, run.duration, point)) for run, curve in runs]
    _, sums = sum_by_participant(each, [run.participant for run, _ in runs])
    assert np.array_equal(line_up(runs).count([point])[0, :, :3], sums[:, :3])


def test_a_seizure_that_fills_long_runs_is_split_as_in_scoring():
    roles = {"a": "validation"}
    predictions = small.predictions({"scratch": lambda _: [(0.0, 1000.0)]}, roles, 1000.0)
    truth = list_truth(predictions, small.events(roles, 100.0, 700.0), small.inventory(roles, 1000.0))
    run = truth.runs["a", "1"]
    counts = line_up([(run, predictions["probability"][0])]).count([PostProcessing()])[0, 0]
    # 700 s are three seizures, of which the last ends at 800 s; the alarm from 900 s on touches none
    assert counts[:3].tolist() == [3, 1, 3]


def test_a_cut_last_second_counts_with_what_is_left_of_it():
    roles = {"a": "validation"}
    predictions = small.predictions({"scratch": lambda _: [(1797.0, 4.0)]}, roles, 1800.25)
    truth = list_truth(predictions, small.events(roles), small.inventory(roles, 1800.25))
    line = line_up([(truth.runs["a", "1"], predictions["probability"][0])])
    kept, gone = line.count([PostProcessing(minimum_seconds=s) for s in (3.25, 3.5)])[:, 0, 1]
    assert (kept, gone) == (1, 0)


def test_the_threshold_that_separates_is_found():
    table = tuned(small.predictions({"pretrained": small.perfect}))
    best = table.loc[("pretrained", 0, "event_f1")]
    assert (best["threshold"], best["validation_f1"], best["note"]) == (0.8, 1.0, "")
    assert (best["n_participants"], best["n_seizures"]) == (2, 2)


def test_test_participants_are_never_looked_at():
    first = small.predictions({"scratch": small.alarming})
    in_test = first["role"] == "test"
    other = first.assign(
        probability=[
            np.ones(1800) if test else values
            for test, values in zip(in_test, first["probability"], strict=True)
        ]
    )
    moved = pd.concat([small.events("ab"), small.events("cdef", onset=7.0)])
    pd.testing.assert_frame_equal(tuned(first), tuned(other, events=moved))


def test_of_equal_points_the_quietest_then_the_highest_then_the_plainest_is_taken():
    points = [(0.3, 0.3, 0, 0), (0.3, 0.2, 0, 0), (0.4, 0.4, 0, 5), (0.4, 0.4, 0, 0), (0.9, 0.9, 0, 0)]
    grid = [
        PostProcessing(threshold=a, low_threshold=b, opening_seconds=c, minimum_seconds=d)
        for a, b, c, d in points
    ]
    rates = {"f1": np.full(5, 0.7), "sensitivity": np.ones(5), "fa_per_24h": np.array([1, 1, 1, 1, 2.0])}
    assert choose(Tried(grid, rates), None, 100.0).point == 3
    assert choose(Tried(grid[:2], {name: values[:2] for name, values in rates.items()}), None, 9).point == 0


def test_the_largest_sensitivity_within_the_limit_is_taken():
    grid = [PostProcessing(threshold=t, low_threshold=0.1) for t in (0.2, 0.4, 0.6, 0.8)]
    rates = {
        "f1": np.zeros(4),
        "sensitivity": np.array([1.0, 0.8, 0.6, 0.7]),
        "fa_per_24h": np.array([20.0, 5.0, 1.0, 0.9]),
    }
    limits = {limit: choose(Tried(grid, rates), limit, 100.0).point for limit in (50.0, 5.0, 2.5, 1.0)}
    assert limits == {50.0: 0, 5.0: 1, 2.5: 3, 1.0: 3}


def test_where_nothing_is_quiet_enough_the_quietest_is_taken_and_the_note_says_so():
    grid = [PostProcessing(threshold=t, low_threshold=0.1) for t in (0.2, 0.4)]
    rates = {"f1": np.zeros(2), "sensitivity": np.ones(2), "fa_per_24h": np.array([20.0, 5.0])}
    choice = choose(Tried(grid, rates), 1.0, 100.0)
    assert choice.point == 1
    assert "no point of the grid has so few: it gives 5 per 24 h" in choice.note


def test_a_validation_too_short_for_a_limit_says_so():
    table = tuned(small.predictions({"pretrained": small.perfect}))
    note = table.loc[("pretrained", 0, "fa_1"), "note"]
    assert "validation has 1 h, where a single false alarm is 24 per 24 h" in note
    assert table.loc[("pretrained", 0, "event_f1"), "note"] == ""


def test_a_model_that_finds_nothing_is_made_quiet_and_noted():
    misses = small.predictions({"scratch": lambda _: [(1500.0, 20.0)]})
    best = tuned(misses).loc[("scratch", 0, "event_f1")]
    assert "no allowed point of the grid finds a seizure" in best["note"]
    assert (best["validation_f1"], best["threshold"]) == (0.0, 0.8)


@pytest.mark.parametrize(
    ("tables", "reason"),
    [
        ({"events": small.events("cdef")}, "no seizure in validation"),
        ({"inventory": small.inventory(annotated=False)}, "no annotated recording of a validation"),
    ],
)
def test_without_anything_to_choose_by_the_default_is_taken(tables, reason):
    default = PostProcessing(threshold=0.7, low_threshold=0.6, minimum_seconds=3)
    scored = options().model_copy(update={"default": default})
    table = tuned(small.predictions({"scratch": small.perfect}), scored, **tables)
    assert table["note"].str.startswith(reason).all()
    assert {*list_settings(table.reset_index()).values()} == {default}
    assert table["validation_sensitivity"].isna().all()


def test_no_validation_participant_at_all_gives_the_default():
    table = tuned(small.predictions({"scratch": small.perfect}, {"c": "test"}))
    assert table["note"].str.contains("the default is taken").all()
    assert (table["n_participants"] == 0).all()


def test_a_constant_detector_is_not_tuned():
    always = small.predictions({"always_on": lambda _: [(0, 1800)]})
    table = tuned(always)
    assert table["note"].str.contains("nothing to choose").all()
    assert (table["validation_sensitivity"] == 1).all()


def test_nobody_predicted_gives_a_table_without_rows():
    table = tune(
        small.predictions({}), list_truth(small.predictions({}), small.events(), small.inventory()), options()
    )
    assert dict(table.dtypes.astype(str)) == OPERATING_TYPES
    assert len(table) == 0


def test_a_prediction_that_is_no_number_is_refused_by_name():
    broken = small.predictions({"scratch": small.perfect})
    broken["probability"] = [np.full(1800, np.nan)] * len(broken)
    with pytest.raises(ScoringError, match="a_1: 1800 of 1800 predictions are no probabilities"):
        tuned(broken)


def test_quantiles_are_those_of_the_models_own_predictions():
    values = np.linspace(0, 1, 101)
    truth = list_truth(
        small.predictions({"scratch": small.silent}, {"a": "validation"}, 101.0),
        small.events("a", 5.0, 5.0),
        small.inventory("a", 101.0),
    )
    tuning = TuneOptions(thresholds=(0.5,), quantiles=(0.9,), low_shares=(1.0,))
    grid = make_grid([(truth.runs["a", "1"], values)], tuning)
    assert sorted({point.threshold for point in grid}) == [0.5, pytest.approx(0.9)]
    assert len(grid) == 2 * len(tuning.closing_seconds) * len(tuning.minimum_seconds)
