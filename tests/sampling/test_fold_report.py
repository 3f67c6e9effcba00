import pandas as pd
import pytest

from eeg_kedro.errors import SplitError
from eeg_kedro.sampling.fold_report import REPORT_TYPES, report_folds
from eeg_kedro.sampling.folds import FoldOptions, folds_of, make_folds, roles_of_fold
from eeg_kedro.sampling.splits import SPLIT_TYPES, SplitOptions

SHARES = SplitOptions(validation=0.25)


def people(partial, persons=None):
    names = [f"p{i:02d}" for i in range(len(partial))]
    table = pd.DataFrame({"participant": names, "person": persons or names, "partial_windows": partial})
    roles = {"split": "train", "role": "train", "origin": "drawn", "n_runs": 1}
    worth = table["partial_windows"]
    table = table.assign(**roles, hours=worth / 4 + 1, n_seizures=worth, n_windows=100 + worth)
    return table.assign(seizure_windows=2 * worth)[list(SPLIT_TYPES)].astype(SPLIT_TYPES)


def report(partial, options, persons=None):
    split = people(partial, persons)
    return report_folds(make_folds(split, options, SHARES), split, options)


@pytest.mark.parametrize(
    "options",
    [FoldOptions(n_folds=3), FoldOptions(n_folds=4, inner_folds=3), FoldOptions(kind="leave_one_out")],
)
def test_counts_are_those_of_the_roles_of_each_fold(options):
    split = people([9, 8, 7, 6, 5, 4, 3, 2, 1, 0], persons=[*"aabcdefghi"])
    folds = make_folds(split, options, SHARES)
    told = report_folds(folds, split, options)
    assert list(zip(told["fold"], told["inner_fold"], strict=True)) == folds_of(folds)
    for pair, (_, row) in zip(folds_of(folds), told.iterrows(), strict=True):
        mine = roles_of_fold(folds, *pair).merge(split.drop(columns=["person", "split", "role"]))
        for prefix, role in (("", "test"), ("train_", "train"), ("validation_", "validation")):
            side = mine[mine["role"] == role]
            assert row[prefix + "n_participants"] == len(side)
            assert row[prefix + "n_persons"] == side["person"].nunique()
            for name in ("hours", "n_seizures", "partial_windows", "seizure_windows", "n_windows"):
                assert row[prefix + name] == pytest.approx(side[name].sum())


def test_folds_with_seizures_on_every_side_need_no_advice():
    told = report([3] * 12, FoldOptions(n_folds=4, inner_folds=3))
    assert told.dtypes.astype(str).to_dict() == REPORT_TYPES
    assert (told["advice"] == "").all()


def test_a_fold_without_seizures_says_how_many_folds_there_can_be():
    told = report([5, 4, 3, 0, 0, 0], FoldOptions(n_folds=4))
    assert (told["partial_windows"] == 0).sum() == 1
    assert told.loc[told["partial_windows"] == 0, "advice"].str.contains("n_folds at most 3").all()


def test_leaving_out_persons_without_seizures_advises_k_folds():
    told = report([5, 4, 3, 2, 0, 0], FoldOptions(kind="leave_one_out"))
    assert told["advice"].str.contains("only false alarms.*kind=k_fold").tolist() == [False] * 4 + [True] * 2


def test_training_without_seizures_asks_for_more_persons():
    told = report([5, 0, 0], FoldOptions(kind="leave_one_out")).set_index("fold")
    assert "training has no partial seizure window: recordings of more" in told.loc[0, "advice"]
    assert "1 person has any" in told.loc[1, "advice"]
    assert "training" not in told.loc[1, "advice"]


def test_an_inner_fold_that_takes_the_only_seizures_from_training_advises_not_to_nest():
    told = report([5, 5, 0, 0], FoldOptions(n_folds=2, inner_folds=2))
    without = told[told["train_partial_windows"] == 0]
    assert len(without) == 2
    assert without["advice"].str.contains("inner_folds=0").all()


def test_more_inner_folds_than_persons_with_seizures_advises_fewer():
    told = report([5, 5, 5, 0, 0, 0, 0], FoldOptions(n_folds=3, inner_folds=3))
    blind = told[told["validation_partial_windows"] == 0]
    assert len(blind) == 3
    assert blind["advice"].str.contains("2 persons of the rest have any.*at most 2").all()


def test_validation_that_cannot_have_seizures_is_not_to_be_chosen_by():
    told = report([5, 5, 0, 0, 0, 0, 0, 0], FoldOptions(n_folds=2))
    assert told["advice"].str.contains("validation.*fixed number of epochs").all()


def test_one_person_left_to_train_is_told():
    assert report([5, 5], FoldOptions(n_folds=2))["advice"].str.contains("nobody to validate").all()


def test_seizures_nobody_counted_are_missing_not_none():
    split, options = people([3] * 6), FoldOptions(n_folds=3)
    split.loc[0, "n_seizures"] = pd.NA
    told = report_folds(make_folds(split, options, SHARES), split, options)
    sides = told[["n_seizures", "train_n_seizures", "validation_n_seizures"]]
    assert (sides.isna().sum(axis=1) == 1).all()
    assert told["n_seizures"].isna().sum() == 1


def test_no_folds_make_an_empty_report():
    told = report([1, 1], FoldOptions(kind="none"))
    assert told.empty
    assert list(told.columns) == list(REPORT_TYPES)


def test_folds_of_other_participants_are_refused():
    options = FoldOptions(n_folds=2)
    folds = make_folds(people([1] * 4), options, SHARES)
    with pytest.raises(SplitError, match=r"does not know.*'p03'"):
        report_folds(folds, people([1] * 3), options)


def test_the_official_test_set_is_counted_nowhere():
    split, options = people([3] * 6), FoldOptions(n_folds=2)
    split.loc[5, ["origin", "role"]] = ["official", "test"]
    told = report_folds(make_folds(split, options, SHARES), split, options)
    assert (told[["n_persons", "train_n_persons", "validation_n_persons"]].sum(axis=1) == 5).all()
