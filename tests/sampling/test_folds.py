import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from eeg_kedro.errors import ParameterError, SplitError
from eeg_kedro.sampling.draws.balance import BalanceOptions, draw_balanced
from eeg_kedro.sampling.folds import (
    ALWAYS_TRAINS,
    TESTED,
    FoldOptions,
    assert_folds,
    folds_of,
    make_folds,
    roles_of_fold,
)
from eeg_kedro.sampling.splits import SPLIT_TYPES, SplitOptions, assert_disjoint, draw_roles

SHARES = SplitOptions(validation=0.2)
LEAVE_ONE_OUT = FoldOptions(kind="leave_one_out")
NESTED = FoldOptions(n_folds=4, inner_folds=3)


def people(partial, hours=None, persons=None):
    names = [f"p{i:03d}" for i in range(len(partial))]
    table = pd.DataFrame({"participant": names, "person": persons or names, "partial_windows": partial})
    counts = {"n_runs": 1, "n_seizures": 1, "n_windows": 100, "seizure_windows": table["partial_windows"]}
    table = table.assign(split="train", role="train", origin="drawn", hours=hours or 1.0, **counts)
    return table[list(SPLIT_TYPES)].astype(SPLIT_TYPES)


def folds(partial=(5, 4, 3, 2, 1, 0, 0, 0), options=NESTED, **columns):
    return make_folds(people([*partial], **columns), options, SHARES)


def fold_of(table):
    return table[table["side"] == "test"].set_index("participant")["fold"]


def load_of(fold, values):
    return np.bincount(fold.sort_index(), weights=values).tolist()


def test_persons_with_seizures_are_dealt_in_turn_to_the_fold_with_the_fewest():
    fold = fold_of(folds([9, 6, 5, 4, 2], FoldOptions(n_folds=2)))
    assert fold.to_dict() == {"p000": 0, "p001": 1, "p002": 1, "p003": 0, "p004": 1}


def test_persons_without_seizures_are_dealt_by_hours():
    fold = fold_of(folds([0] * 5, FoldOptions(n_folds=2), hours=[5.0, 4.0, 3.0, 2.0, 2.0]))
    assert load_of(fold, [5, 4, 3, 2, 2]) == [9, 7]


def test_persons_who_bring_neither_seizures_nor_hours_are_shared_out_too():
    fold = fold_of(folds([0] * 6, FoldOptions(n_folds=3), hours=[1e-9] * 6))
    assert load_of(fold, [1] * 6) == [2, 2, 2]


MANY = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 9)), min_size=6, max_size=40)


@settings(max_examples=60, deadline=None)
@given(MANY, st.integers(3, 6), st.sampled_from([0, 2]), st.integers(0, 5))
def test_everyone_is_tested_once_and_seizures_are_dealt_evenly(counts, n_folds, n_inner, seed):
    partial, persons = [n for n, _ in counts], [f"h{i}" for i in range(len(counts))]
    table = folds(partial, FoldOptions(n_folds=n_folds, inner_folds=n_inner, seed=seed), persons=persons)
    fold = fold_of(table)
    assert sorted(fold.index) == [f"p{i:03d}" for i in range(len(partial))]
    assert np.bincount(fold, minlength=n_folds).min() >= 1
    sums = load_of(fold, partial)
    assert max(sums) - min(sums) <= max(partial)  # the bound of the greedy rule
    assert sum(n > 0 for n in sums) == min(n_folds, sum(n > 0 for n in partial))


@settings(max_examples=60, deadline=None)
@given(MANY, st.integers(2, 6), st.integers(0, 5))
def test_the_last_person_dealt_went_to_the_shortest_fold(counts, n_folds, seed):
    hours = [float(h) for _, h in counts]
    fold = fold_of(folds([0] * len(hours), FoldOptions(n_folds=n_folds, seed=seed), hours=hours))
    sums = load_of(fold, hours)
    assert max(sums) - min(sums) <= max(hours)


def test_two_participants_of_one_person_are_always_on_one_side():
    persons = ["a", "a", "b", "b", "c", "d", "e", "f"]
    table = folds(persons=persons)
    assert (table.groupby(["fold", "person"])["inner_fold"].nunique() == 1).all()
    assert (table[table["side"] == "test"].groupby("person")["fold"].nunique() == 1).all()


@pytest.mark.parametrize("options", [NESTED, LEAVE_ONE_OUT, FoldOptions(n_folds=3)])
def test_the_order_of_rows_does_not_matter_but_the_seed_does(options):
    split = people([1] * 20)
    first = make_folds(split, options, SHARES)
    again = make_folds(split.sample(frac=1, random_state=3), options, SHARES)
    pd.testing.assert_frame_equal(again, first)
    other = make_folds(split, options.model_copy(update={"seed": 1}), SHARES)
    assert (other["inner_fold"] != first["inner_fold"]).any()


def test_leaving_one_out_tests_each_person_alone_in_the_order_of_names():
    table = folds([3, 0, 1, 2], LEAVE_ONE_OUT, persons=["b", "a", "b", "c"])
    assert fold_of(table).to_dict() == {"p001": 0, "p000": 1, "p002": 1, "p003": 2}
    assert len(table) == 3 * 4


def test_the_official_test_set_is_in_no_fold_and_a_drawn_one_takes_part():
    split = people([1] * 8).assign(role=["test", "test", *["train"] * 6])
    split["origin"] = ["official", "drawn", *["official"] * 6]
    assert [*fold_of(make_folds(split, FoldOptions(n_folds=3), SHARES)).index.sort_values()] == [
        f"p{i:03d}" for i in range(1, 8)
    ]


def test_without_inner_folds_a_share_of_the_rest_validates_as_in_a_drawn_split():
    table = folds([1] * 12 + [0] * 18, FoldOptions(n_folds=5))
    for fold, rest in table[table["side"] == "rest"].groupby("fold"):
        sick = rest["participant"] < "p012"
        names = (rest.loc[mask, "person"].tolist() for mask in (sick, ~sick))
        roles = pd.Series(draw_roles(*names, SplitOptions(validation=0.2, test=0)))
        validates = rest["inner_fold"] == 0
        assert validates.sum() == (roles == "validation").sum(), fold
        assert (validates & sick).sum() == (roles[rest.loc[sick, "person"]] == "validation").sum()


def test_each_fold_draws_anew_who_validates():
    table = folds([1] * 20, LEAVE_ONE_OUT)
    drawn = table[table["inner_fold"] == 0]
    assert (drawn.groupby("fold").size() == 4).all()
    assert drawn["person"].nunique() > 10


@pytest.mark.parametrize(("partial", "n"), [([1, 1, 1], [1, 1, 1]), ([1, 0, 0], [1, 1, 1]), ([1, 1], [0, 0])])
def test_few_persons_validate_only_where_somebody_is_left_to_train(partial, n):
    table = folds(partial, LEAVE_ONE_OUT)
    assert table.groupby("fold")["inner_fold"].agg(lambda codes: (codes == 0).sum()).tolist() == n


def test_the_only_person_with_seizures_trains_rather_than_validates():
    table = folds([1, 0, 0, 0, 0, 0], FoldOptions(n_folds=2))
    codes = table.loc[(table["participant"] == "p000") & (table["side"] == "rest"), "inner_fold"]
    assert codes.tolist() == [ALWAYS_TRAINS]


def test_no_share_means_that_nobody_validates():
    table = make_folds(people([1] * 6), FoldOptions(n_folds=2), SplitOptions(validation=0))
    assert set(table["inner_fold"]) == {TESTED, ALWAYS_TRAINS}
    assert folds_of(table) == [(0, 0), (1, 0)]
    assert set(roles_of_fold(table, 0)["role"]) == {"train", "test"}


def test_nested_persons_validate_once_per_fold_and_never_where_they_are_tested():
    table = folds([3] * 9)
    for fold, inner in folds_of(table):
        roles = roles_of_fold(table, fold, inner).set_index("participant")["role"]
        assert {*roles[roles == "test"].index} == {*fold_of(table)[fold_of(table) == fold].index}
    validates = table[table["inner_fold"] >= 0].groupby("participant").size()
    assert (validates == NESTED.n_folds - 1).all()
    assert len(folds_of(table)) == 4 * 3


def test_inner_folds_share_the_seizures_too():
    rest = folds([7, 6, 5, 4, 3, 2, 1, 0, 0, 0]).query("inner_fold >= 0")
    worth = rest["participant"].str[1:].astype(int).map(lambda i: max(7 - i, 0))
    sums = worth.groupby([rest["fold"], rest["inner_fold"]]).sum().unstack()
    assert (sums.max(axis=1) - sums.min(axis=1)).max() <= 7
    assert sums.min().min() > 0


def test_the_last_fit_of_a_nested_fold_trains_on_the_whole_rest():
    table = folds()
    roles = roles_of_fold(table, 2)
    assert set(roles["role"]) == {"train", "test"}
    assert (roles["role"] == "test").sum() == (fold_of(table) == 2).sum()


def test_without_nesting_the_inner_fold_need_not_be_named():
    table = folds([1] * 10, FoldOptions(n_folds=2))
    pd.testing.assert_frame_equal(roles_of_fold(table, 1), roles_of_fold(table, 1, 0))
    assert set(roles_of_fold(table, 1)["role"]) == {"train", "validation", "test"}


def manifest(participants):
    names = np.repeat(["partial_seizure", "no_seizure"], [3, 20])
    parts = [pd.DataFrame({"participant": who, "run": "1", "category": names}) for who in participants]
    table = pd.concat([part.assign(onset=np.arange(23) * 15.0) for part in parts])
    return table.astype(dict.fromkeys(("participant", "run", "category"), "str"))


@pytest.mark.parametrize("options", [NESTED, LEAVE_ONE_OUT, FoldOptions(n_folds=2)])
def test_every_fold_is_a_split_the_balanced_set_can_be_drawn_for(options):
    table = folds([3] * 7, options, persons=[*"aabcdef"])
    persons = table.drop_duplicates("participant").set_index("participant")["person"]
    for pair in folds_of(table):
        roles = roles_of_fold(table, *pair)
        assert_disjoint(roles)
        drawn = draw_balanced(manifest(roles["participant"]), roles, BalanceOptions()).windows
        assert (drawn.groupby(drawn["participant"].map(persons))["split"].nunique() == 1).all()
        assert set(drawn["split"]) == {"train", "validation", "test"}


@pytest.mark.parametrize("pair", [(4, 0), (-1, None), (0, 3), (0, -1)])
def test_an_unknown_fold_is_refused_with_the_range(pair):
    with pytest.raises(ParameterError, match=r"fold below 4, inner fold below [13].*folds_of"):
        roles_of_fold(folds(), *pair)


def test_no_folds_are_an_empty_table():
    table = folds(options=FoldOptions(kind="none"))
    assert folds_of(table) == []
    assert_folds(table)
    assert table.dtypes.to_dict() == folds().dtypes.to_dict()
    with pytest.raises(ParameterError, match="fold below 0"):
        roles_of_fold(table, 0)


@pytest.mark.parametrize(
    ("partial", "options", "message"),
    [
        ([1] * 3, FoldOptions(), r"fewer persons.*found 3.*at least 5.*n_folds=3"),
        ([1], FoldOptions(n_folds=2), r"found 1.*add recordings of other persons"),
        ([], LEAVE_ONE_OUT, r"found 0.*at least 2"),
        ([1] * 4, FoldOptions(n_folds=2, inner_folds=3), r"inner folds.*found 2.*inner_folds=2"),
        ([1] * 2, FoldOptions(n_folds=2, inner_folds=2), r"found 1.*inner_folds=0"),
    ],
)
def test_too_few_persons_stop_with_what_to_set(partial, options, message):
    with pytest.raises(SplitError, match=message):
        folds(partial, options)


def test_too_many_persons_are_not_left_out_one_by_one(monkeypatch):
    monkeypatch.setattr("eeg_kedro.sampling.folds.MOST_PERSONS", 3)
    with pytest.raises(ParameterError, match=r"found 4.*k_fold"):
        folds([1] * 4, LEAVE_ONE_OUT)


def test_a_torn_split_is_refused():
    split = people([1, 1], persons=["a", "a"]).assign(role=["train", "test"])
    with pytest.raises(SplitError, match="two sides of the split"):
        make_folds(split, LEAVE_ONE_OUT, SHARES)


@pytest.mark.parametrize(
    "bad", [{"inner_folds": 1}, {"n_folds": 1}, {"n_folds": 101}, {"kind": "x"}, {"k": 3}]
)
def test_options_out_of_range_are_refused(bad):
    with pytest.raises(ValidationError):
        FoldOptions(**bad)


def planted(where, **values):
    """Return the folds of the persons a (twice), b, c, d, e with a change in the rows ``where``."""
    table = folds([1] * 6, FoldOptions(n_folds=2, inner_folds=2), persons=[*"aabcde"])
    table = table.astype({"side": object, "person": object})
    rows = table.query(where).index
    assert len(rows)
    for name, value in values.items():
        table.loc[rows, name] = value
    return table


TEST_A, REST_A = (f"participant == 'p000' and side == '{side}'" for side in ("test", "rest"))


@pytest.mark.parametrize(
    ("where", "values", "message"),
    [
        (TEST_A, {"side": "rest", "inner_fold": 0}, "a: a person is on two sides of a fold"),
        (
            "person == 'c' and side == 'rest'",
            {"side": "test", "inner_fold": -1},
            r"c: .*not tested exactly once",
        ),
        (
            "person == 'c' and side == 'test'",
            {"side": "rest", "inner_fold": 0},
            r"c: .*not tested exactly once",
        ),
        ("person == 'd' and side == 'test'", {"inner_fold": 1}, r"d: .*tested validates"),
        ("person == 'd' and side == 'rest'", {"inner_fold": TESTED}, r"d: .*tested validates"),
        ("person == 'd' and side == 'rest'", {"side": "train"}, r"d: .*tested validates"),
        (REST_A, {"inner_fold": ALWAYS_TRAINS}, "a: a person is on two sides of a fold"),
        ("person == 'b' and side == 'rest'", {"person": "z"}, r"z: .*two persons"),
        ("person == 'b' and side == 'rest'", {"participant": "q"}, "b: a participant is missing"),
    ],
)
def test_a_planted_violation_is_noticed_naming_the_person(where, values, message):
    with pytest.raises(SplitError, match=message):
        assert_folds(planted(where, **values))


def test_a_row_too_few_or_too_many_is_noticed():
    table = folds()
    with pytest.raises(SplitError, match="p000: a participant is missing"):
        assert_folds(table[1:])
    with pytest.raises(SplitError, match=r"p007: .*has two rows"):
        assert_folds(pd.concat([table, table[-1:]]))


def test_an_unharmed_table_passes_in_any_order_of_rows():
    assert_folds(folds().sample(frac=1, random_state=0))
