import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.errors import NoSeizureError, ParameterError, SplitError
from eeg_kedro.sampling.draws.balance import BalanceOptions, draw_balanced, plan_draws
from eeg_kedro.sampling.draws.window_draws import Pools, Quotas, WindowDraws
from tests.sampling.small_manifests import row, sides, windows

KEYS = ["participant", "run", "onset"]
TABLE = pd.concat([windows("a", 300, 20, 30), windows("b", 200, 10, 20), windows("c", 90)], ignore_index=True)
SPLIT = sides(a="train", b="train", c="train")
ANEW = BalanceOptions(redraw="per_epoch")
EVENLY = BalanceOptions(redraw="per_epoch", stratify="participant", max_participant_share=0.6)


def per_participant(table, category):
    return table[table["category"] == category].groupby("participant").size().to_dict()


@pytest.mark.parametrize("options", [BalanceOptions(), ANEW, EVENLY])
@pytest.mark.parametrize("table", [TABLE, TABLE.sample(frac=1, random_state=0)])
def test_epoch_0_is_the_balanced_set(options, table):
    wanted = draw_balanced(table, SPLIT, options).windows
    drawn = table.iloc[plan_draws(table, SPLIT, options)["train"].draw()]
    pd.testing.assert_frame_equal(
        drawn.sort_values(KEYS, ignore_index=True), wanted[table.columns].sort_values(KEYS, ignore_index=True)
    )


def test_epochs_keep_the_partial_windows_and_the_counts_and_change_the_others():
    draws = plan_draws(TABLE, SPLIT, ANEW)["train"]
    first, other = TABLE.iloc[draws.draw(0)], TABLE.iloc[draws.draw(5)]
    assert first["category"].value_counts().to_dict() == other["category"].value_counts().to_dict()
    for category in ("no_seizure", "full_seizure"):
        assert {*first[first["category"] == category].index} != {*other[other["category"] == category].index}


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=6))
def test_an_epoch_is_the_same_whatever_was_drawn_before(epochs):
    draws = plan_draws(TABLE, SPLIT, EVENLY)["train"]
    for epoch in epochs:
        fresh = plan_draws(TABLE, SPLIT, EVENLY)["train"]
        assert np.array_equal(draws.draw(epoch), fresh.draw(epoch))


def test_frozen_epochs_are_all_alike():
    draws = plan_draws(TABLE, SPLIT, BalanceOptions())["train"]
    assert np.array_equal(draws.draw(0), draws.draw(9))


def test_only_training_is_drawn_anew():
    draws = plan_draws(TABLE, sides(a="train", b="validation", c="test"), ANEW)
    assert {name: np.array_equal(one.draw(0), one.draw(1)) for name, one in draws.items()} == {
        "train": False,
        "validation": True,
        "test": True,
    }


def test_rows_are_ascending_and_unique():
    drawn = plan_draws(TABLE.sample(frac=1, random_state=1), SPLIT, EVENLY)["train"].draw(3)
    assert (np.diff(drawn) > 0).all()


def test_draws_travel_to_other_processes():
    draws = plan_draws(TABLE, SPLIT, EVENLY)["train"]
    assert np.array_equal(pickle.loads(pickle.dumps(draws)).draw(4), draws.draw(4))


def test_an_epoch_of_one_split_is_not_the_start_of_another():
    pool = np.arange(90)
    pools = Pools(pool[:10], pool[10:20], pool[20:], pool[:0])
    draws = [WindowDraws(name, "train", pools, Quotas(10, 3, 25, 0), 0, redraws=True) for name in ("a", "ax")]
    assert not np.array_equal(draws[0].draw(ord("x")), draws[1].draw(0))


def test_a_negative_epoch_is_refused():
    with pytest.raises(ParameterError, match="no such epoch"):
        plan_draws(TABLE, SPLIT, ANEW)["train"].draw(-1)


def test_training_without_seizures_stops_here_too():
    with pytest.raises(NoSeizureError, match="window_seconds"):
        plan_draws(windows("c", 90), sides(c="train"), ANEW)


def test_a_name_with_two_roles_is_refused():
    split = sides(a="train", b="test", c="train").assign(split="all")
    with pytest.raises(SplitError, match="two roles"):
        plan_draws(TABLE, split, ANEW)


def test_participants_give_equally_as_far_as_they_have_windows():
    options = BalanceOptions(stratify="participant", none_ratio=10.0)
    drawn = draw_balanced(TABLE, SPLIT, options).windows
    assert per_participant(drawn, "no_seizure") == {"a": 105, "b": 105, "c": 90}
    assert set(per_participant(drawn, "full_seizure").values()) == {4, 5}
    assert per_participant(drawn, "partial_seizure") == {"a": 20, "b": 10}


def test_no_participant_rules_the_partial_windows():
    drawn, report = draw_balanced(TABLE, SPLIT, EVENLY)
    assert per_participant(drawn, "partial_seizure") == {"a": 15, "b": 10}
    told = row(report, "train")
    assert told[["partial_available", "partial_drawn", "partial_left_out"]].tolist() == [30, 25, 5]
    assert (told["full_wanted"], told["none_wanted"]) == (7, 62)  # of the 25 that are drawn
    assert (told["advice"], told["partial_shortfall"]) == ("", 0)


def test_capped_windows_differ_between_epochs():
    draws = plan_draws(TABLE, SPLIT, EVENLY)["train"]
    partial = [{*draws.drawn(epoch).partial.tolist()} for epoch in range(4)]
    assert len({frozenset(one) for one in partial}) > 1
    assert {len(one) for one in partial} == {25}


def test_a_share_nobody_can_keep_becomes_equal_shares_and_is_told():
    options = BalanceOptions(stratify="participant", max_participant_share=0.3)
    drawn, report = draw_balanced(TABLE, SPLIT, options)
    assert per_participant(drawn, "partial_seizure") == {"a": 10, "b": 10}
    assert "max_participant_share=0.3 cannot be kept with 2" in row(report, "train")["advice"]
    assert "from 0.5 it can" in row(report, "train")["advice"]


def test_a_share_without_strata_is_refused_with_the_way_out():
    with pytest.raises(ValueError, match="needs stratify=participant"):
        BalanceOptions(max_participant_share=0.5)


def test_strata_do_not_depend_on_other_splits():
    split = sides(a="train", b="train", c="train", z="test")
    small = draw_balanced(pd.concat([TABLE, windows("z", 50, 1)]), split, EVENLY).windows
    large = draw_balanced(pd.concat([TABLE, windows("z", 500, 9, 5)]), split, EVENLY).windows
    pd.testing.assert_frame_equal(small[small["split"] == "train"], large[large["split"] == "train"])


def test_strata_do_not_depend_on_the_order_of_rows():
    wanted = draw_balanced(TABLE, SPLIT, EVENLY)
    again = draw_balanced(TABLE.sample(frac=1, random_state=2), SPLIT[::-1], EVENLY)
    pd.testing.assert_frame_equal(again.windows, wanted.windows)
    pd.testing.assert_frame_equal(again.report, wanted.report)
