import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from eeg_kedro.errors import SplitError
from eeg_kedro.sampling.splits import ROLES, SplitOptions, assert_disjoint, draw_roles, split_participants

DRAW = SplitOptions()


def inventory(*rows):
    table = pd.DataFrame(rows, columns=["participant", "person", "split"])
    return table.assign(run=[str(i) for i in range(len(rows))], duration=3600.0, n_seizures=1)


def manifest(*rows):
    table = pd.DataFrame(rows, columns=["participant", "category"]).astype("str")
    return table.assign(run="1", onset=0.0, duration=60.0)


def people(n, seizures=True):
    return manifest(*((f"p{i:02d}", "partial_seizure" if seizures else "no_seizure") for i in range(n)))


def test_official_splits_are_kept_and_mapped_to_roles():
    known = inventory(("a", "a", "train"), ("b", "b", "dev"), ("c", "c", "eval"))
    split = split_participants(known, manifest(("a", "partial_seizure")), DRAW)
    assert split["split"].tolist() == ["train", "dev", "eval"]
    assert split["role"].tolist() == ["train", "validation", "test"]
    assert set(split["origin"]) == {"official"}


def test_official_splits_can_be_ignored():
    known = inventory(("a", "a", "eval"), ("b", "b", "eval"), ("c", "c", "eval"))
    split = split_participants(known, manifest(("a", "partial_seizure")), SplitOptions(use_official=False))
    assert sorted(split["split"]) == sorted(ROLES)


def test_a_person_in_two_official_splits_is_refused_naming_both():
    known = inventory(("a", "a", "train"), ("a", "a", "eval"))
    with pytest.raises(SplitError, match=r"a: a person is in two official splits.*'eval', 'train'"):
        split_participants(known, manifest(("a", "partial_seizure")), DRAW)


def test_an_unknown_official_split_is_refused():
    with pytest.raises(SplitError, match="holdout"):
        split_participants(inventory(("a", "a", "holdout")), manifest(("a", "no_seizure")), DRAW)


def test_two_cases_of_one_person_share_a_role_whatever_the_seed():
    known = inventory(
        ("chb01", "chb01", ""), ("chb21", "chb01", ""), *((f"chb{i}", f"chb{i}", "") for i in range(30, 38))
    )
    windows = manifest(*((name, "partial_seizure") for name in known["participant"]))
    for seed in range(30):
        split = split_participants(known, windows, SplitOptions(seed=seed)).set_index("participant")
        assert split.loc["chb01", "role"] == split.loc["chb21", "role"]


def test_case_21_is_case_01_without_an_inventory_too():
    split = split_participants(None, manifest(("chb01", "no_seizure"), ("chb21", "no_seizure")), DRAW)
    assert split["person"].tolist() == ["chb01", "chb01"]


def test_each_role_has_seizures_where_three_persons_have_them():
    windows = pd.concat(
        [people(3), people(20, seizures=False).assign(participant=[f"q{i}" for i in range(20)])]
    )
    for seed in range(20):
        split = split_participants(None, windows, SplitOptions(seed=seed))
        assert (split.groupby("role")["partial_windows"].sum() == 1).all()


@pytest.mark.parametrize(
    ("n", "roles"), [(1, ["train"]), (2, ["test", "train"]), (3, ["test", "train", "validation"])]
)
def test_few_persons_train_first_then_test_then_validate(n, roles):
    assert sorted(split_participants(None, people(n), DRAW)["role"]) == roles


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 40), st.integers(0, 40), st.floats(0, 0.49), st.floats(0, 0.49), st.integers(0, 9))
def test_everyone_has_a_role_and_training_is_never_empty(n, m, validation, test, seed):
    sick, well = [f"s{i}" for i in range(n)], [f"w{i}" for i in range(m)]
    roles = draw_roles(sick, well, SplitOptions(validation=validation, test=test, seed=seed))
    assert {*roles} == {*sick, *well}
    assert not roles or "train" in roles.values()
    assert not sick or "train" in {roles[name] for name in sick}


def test_the_shares_are_kept_for_many_persons():
    counts = split_participants(None, people(100), SplitOptions(validation=0.2, test=0.1))[
        "role"
    ].value_counts()
    assert counts.to_dict() == {"train": 70, "validation": 20, "test": 10}


def test_the_split_does_not_depend_on_the_order_of_rows_but_on_the_seed():
    first = split_participants(None, people(40), DRAW)
    pd.testing.assert_frame_equal(split_participants(None, people(40)[::-1], DRAW), first)
    assert (split_participants(None, people(40), SplitOptions(seed=1))["role"] != first["role"]).any()


def test_one_more_person_moves_at_most_one_other():
    before = split_participants(None, people(40), DRAW).set_index("participant")["role"]
    after = split_participants(None, people(41), DRAW).set_index("participant")["role"]
    assert (before != after.loc[before.index]).sum() <= 2


def test_folders_of_a_cache_named_like_tusz_are_official():
    windows = people(2).assign(source_file=["dev/p00_1_windows.npz", "x/train/p01_1_windows.npz"])
    assert split_participants(None, windows, DRAW)["split"].tolist() == ["dev", "train"]


def test_the_inventory_of_another_corpus_is_not_used():
    split = split_participants(inventory(("z", "z", "eval")), people(1), DRAW)
    assert split["participant"].tolist() == ["p00"]


def test_a_torn_person_is_noticed():
    split = pd.DataFrame([("a", "x", "train"), ("b", "x", "test")], columns=["participant", "person", "role"])
    with pytest.raises(SplitError, match=r"x: .*'a: train', 'b: test'"):
        assert_disjoint(split)


def test_shares_that_leave_nobody_to_train_are_refused():
    with pytest.raises(ValidationError):
        SplitOptions(validation=0.5, test=0.5)
