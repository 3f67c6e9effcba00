from math import floor

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.errors import NoSeizureError, SplitError
from eeg_kedro.sampling.draws.balance import BalanceOptions, draw_balanced
from tests.sampling.small_manifests import row, sides, windows

KEYS = ["participant", "run", "onset"]


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 200), st.integers(0, 100), st.integers(0, 600))
def test_counts_are_floors_of_the_ratios_or_a_reported_shortfall(partial, full, none):
    drawn, report = draw_balanced(windows("a", none, partial, full), sides(a="train"), BalanceOptions())
    counts, told = drawn["category"].value_counts(), row(report, "train")
    assert counts["partial_seizure"] == partial
    for name, wanted, there in (("full", 3 * partial // 10, full), ("none", 25 * partial // 10, none)):
        got = counts.get({"full": "full_seizure", "none": "no_seizure"}[name], 0)
        assert got == min(wanted, there) == told[f"{name}_drawn"]
        assert told[f"{name}_shortfall"] == wanted - got
    assert not drawn.duplicated(KEYS).any()


def test_a_ratio_is_the_decimal_it_was_written_as():
    assert floor(0.29 * 100) == 28  # what a float would give
    drawn, _ = draw_balanced(windows("a", 9, 100, 99), sides(a="train"), BalanceOptions(full_ratio=0.29))
    assert (drawn["category"] == "full_seizure").sum() == 29


def test_the_draw_does_not_depend_on_the_order_of_rows():
    table = pd.concat([windows("a", 500, 20, 30), windows("b", 400, 10, 20)])
    split = sides(a="train", b="test")
    wanted = draw_balanced(table, split, BalanceOptions())
    again = draw_balanced(table.sample(frac=1, random_state=1), split[::-1], BalanceOptions())
    pd.testing.assert_frame_equal(again.windows, wanted.windows)
    pd.testing.assert_frame_equal(again.report, wanted.report)


def test_another_seed_draws_other_windows_and_keeps_all_partial_ones():
    table = windows("a", 500, 20, 30)
    first, other = (draw_balanced(table, sides(a="train"), BalanceOptions(seed=s)).windows for s in (0, 1))
    assert set(first["onset"]) != set(other["onset"])
    assert (
        (first["category"] == "partial_seizure").sum() == (other["category"] == "partial_seizure").sum() == 20
    )


def test_one_split_does_not_disturb_another():
    train, split = windows("a", 500, 20, 30), sides(a="train", b="validation")
    small = draw_balanced(pd.concat([train, windows("b", 50, 1)]), split, BalanceOptions()).windows
    large = draw_balanced(pd.concat([train, windows("b", 500, 9, 50)]), split, BalanceOptions()).windows
    pd.testing.assert_frame_equal(small[small["split"] == "train"], large[large["split"] == "train"])


def test_windows_nobody_annotated_are_counted_and_never_drawn():
    drawn, report = draw_balanced(windows("a", 1, 4, 0, unknown=50), sides(a="train"), BalanceOptions())
    assert drawn["category"].notna().all()
    assert row(report, "train")[["unannotated_windows", "n_windows"]].tolist() == [50, 55]


def test_the_prior_before_and_after_is_told():
    report = row(draw_balanced(windows("a", 90, 8, 2), sides(a="train"), BalanceOptions()).report, "train")
    assert report["prior"] == pytest.approx(0.1)
    assert report["drawn_prior"] == pytest.approx(10 / 30)


def test_training_without_seizures_stops_with_advice():
    table = pd.concat([windows("a", 50), windows("b", 50, 5)])
    with pytest.raises(NoSeizureError, match=r"'train': 0, .*'test': 5.*window_seconds"):
        draw_balanced(table, sides(a="train", b="test"), BalanceOptions())


def test_an_empty_manifest_stops_with_advice_too():
    with pytest.raises(NoSeizureError, match="Remedy"):
        draw_balanced(windows("a"), sides(a="train"), BalanceOptions())


def test_test_and_validation_without_seizures_get_a_row_with_advice():
    table = pd.concat([windows("a", 50, 5), windows("b", 50)])
    drawn, report = draw_balanced(table, sides(a="train", b="test"), BalanceOptions())
    assert report["split"].tolist() == ["train", "validation", "test"]
    assert "window_seconds" in row(report, "test")["advice"]
    assert "no participant" in row(report, "validation")["advice"]
    assert set(drawn["split"]) == {"train"}


def test_official_names_are_balanced_one_by_one():
    split = sides(a="train", b="validation", c="test").assign(split=["train", "dev", "eval"])
    table = pd.concat([windows(name, 50, 4, 4) for name in "abc"])
    drawn, report = draw_balanced(table, split, BalanceOptions())
    assert report["split"].tolist() == ["train", "dev", "eval"]
    assert drawn.groupby("split").size().to_dict() == {"train": 15, "dev": 15, "eval": 15}


def test_windows_of_strangers_are_refused():
    with pytest.raises(SplitError, match="stranger"):
        draw_balanced(windows("stranger", 1, 1), sides(a="train"), BalanceOptions())
