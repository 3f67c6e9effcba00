import numpy as np
import pandas as pd
import pytest

from eeg_kedro.errors import ParameterError
from eeg_kedro.sampling.draws.balance import BalanceOptions, draw_balanced, plan_draws
from tests.sampling.small_manifests import SFREQ, row, sides, windows

# 20 partial windows in training: 50 without seizure are wanted, 25 of them may be hard ones
TABLE = pd.concat([windows("a", 200, 12), windows("b", 100, 8), windows("c", 50, 5)], ignore_index=True)
SPLIT = sides(a="train", b="train", c="test")
SPAN = TABLE["onset"].max() + 1 / SFREQ  # s, of the longest run
LISTED = TABLE[(TABLE["participant"] == "a") & (TABLE["category"] == "no_seizure")]


def entries(rows):
    return rows[["participant", "run", "onset"]].reset_index(drop=True)


def drawn_of(rows, listed, **options):
    drawn, report = draw_balanced(TABLE, SPLIT, BalanceOptions(**options), None, listed)
    return len(drawn.merge(entries(rows))), row(report, "train")


def test_listed_windows_come_first_up_to_their_share():
    n, told = drawn_of(LISTED[:40], entries(LISTED[:40]))
    assert n == told["hard_drawn"] == 25
    assert told[["hard_listed", "hard_usable", "none_drawn", "none_shortfall"]].tolist() == [40, 40, 50, 0]


def test_a_short_list_is_drawn_as_a_whole():
    n, told = drawn_of(LISTED[:7], entries(LISTED[:7]))
    assert n == told["hard_drawn"] == 7
    assert told["none_drawn"] == 50


def test_where_others_are_too_few_more_of_the_list_is_drawn():
    everything = TABLE[(TABLE["participant"] != "c") & (TABLE["category"] == "no_seizure")]
    n, told = drawn_of(everything, entries(everything[:290]))
    assert (n, told["none_drawn"], told["hard_drawn"]) == (50, 50, 40)


def test_duplicates_count_once():
    twice = pd.concat([entries(LISTED[:7])] * 2)
    assert drawn_of(LISTED[:7], twice)[1]["hard_listed"] == 7


def test_a_time_between_two_samples_is_the_nearest_one():
    shifted = entries(LISTED[:7]).assign(onset=LISTED["onset"][:7].to_numpy() + 0.3 / SFREQ)
    assert drawn_of(LISTED[:7], shifted)[1]["hard_drawn"] == 7


def test_windows_with_seizure_and_of_other_splits_are_told_and_not_used():
    tested = TABLE[(TABLE["participant"] == "c") & (TABLE["category"] == "no_seizure")]
    listed = pd.concat([TABLE[TABLE["category"] == "partial_seizure"], LISTED[:3], tested[:4]])
    _, report = draw_balanced(TABLE, SPLIT, BalanceOptions(), None, entries(listed))
    assert report[["hard_listed", "hard_usable", "hard_drawn"]].to_numpy().tolist() == [
        [23, 3, 3],
        [0, 0, 0],
        [9, 0, 0],
    ]


def test_bad_windows_are_told_and_not_used():
    table = TABLE.assign(quality=np.where(TABLE.index < 10, 0.1, 0.9))
    options = BalanceOptions(min_quality=0.5)
    _, report = draw_balanced(table, SPLIT, options, None, entries(LISTED[:30]))
    assert row(report, "train")[["hard_listed", "hard_usable", "hard_drawn"]].tolist() == [30, 20, 20]


def test_hard_windows_count_for_their_participant():
    options = BalanceOptions(stratify="participant")
    drawn, _ = draw_balanced(TABLE, SPLIT, options, None, entries(LISTED[:20]))
    none = drawn[(drawn["category"] == "no_seizure") & (drawn["role"] == "train")]
    assert none.groupby("participant").size().to_dict() == {"a": 25, "b": 25}
    assert len(none.merge(entries(LISTED[:20]))) == 20


def test_each_epoch_chooses_its_own_of_a_long_list():
    draws = plan_draws(TABLE, SPLIT, BalanceOptions(redraw="per_epoch"), entries(LISTED))["train"]
    chosen = [{*draws.draw(epoch).tolist()} & {*LISTED.index} for epoch in (0, 1)]
    assert [len(one) for one in chosen] == [25, 25]
    assert chosen[0] != chosen[1]


def test_the_list_may_be_in_any_order_and_so_may_the_manifest():
    listed, shuffled = entries(LISTED[:40]), TABLE.sample(frac=1, random_state=0)
    wanted = draw_balanced(TABLE, SPLIT, BalanceOptions(), None, listed).windows
    again = draw_balanced(shuffled, SPLIT, BalanceOptions(), None, listed[::-1]).windows
    pd.testing.assert_frame_equal(again, wanted)


@pytest.mark.parametrize(
    "wrong",
    [
        {"participant": "x"},
        {"run": "9"},
        {"onset": 7.5},
        {"onset": np.nan},
        # as far beside its run as the place of another participant's windows
        {"participant": "b", "onset": -SPAN + 15.0},
        {"onset": SPAN + 15.0},
    ],
)
def test_an_entry_that_is_no_window_stops_with_an_example(wrong):
    listed = pd.concat([entries(LISTED[:2]), entries(LISTED[:1]).assign(**wrong)], ignore_index=True)
    with pytest.raises(ParameterError, match=r"1 of 3 hard negatives.*stride_seconds.*remove the file"):
        draw_balanced(TABLE, SPLIT, BalanceOptions(), None, listed)


def test_a_list_without_its_columns_is_refused():
    with pytest.raises(ParameterError, match=r"lacks columns.*onset"):
        draw_balanced(TABLE, SPLIT, BalanceOptions(), None, entries(LISTED).drop(columns="onset"))


def test_an_empty_list_changes_nothing():
    wanted = draw_balanced(TABLE, SPLIT, BalanceOptions())
    again = draw_balanced(TABLE, SPLIT, BalanceOptions(), None, entries(LISTED[:0]))
    pd.testing.assert_frame_equal(again.windows, wanted.windows)
    pd.testing.assert_frame_equal(again.report, wanted.report)


def test_runs_of_different_rates_are_told_apart():
    slow = windows("a", 30, 2, run="2").assign(sfreq=200.0)
    slow["window_start_sample"] = (slow["onset"] * 200).astype("int64")
    table = pd.concat([TABLE, slow], ignore_index=True)
    listed = entries(slow[:5])
    drawn = draw_balanced(table, SPLIT, BalanceOptions(), None, listed).windows
    assert len(drawn.merge(listed)) == 5
