import hashlib

import numpy as np
import pandas as pd
import pytest

from eeg_kedro.errors import ElectrodeError, ParameterError, SplitError, WindowError
from eeg_kedro.sampling.pretrain_plan import LOST, PLAN_TYPES, add_lost_runs, fingerprint_plan, plan_sequences
from tests.sampling.planned_runs import (
    make_options,
    make_plan,
    make_seconds,
    make_split,
    places,
    reader_of,
    write_corpus,
)


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("windows"))


def used(plan):
    return plan[plan["side"] != "none"]


def test_every_channel_of_every_run_has_rows_in_order(reader):
    plan = make_plan(reader)
    assert [*plan.columns] == [*PLAN_TYPES]
    keys = ["participant", "run", "start_sample", "channel"]
    assert plan[keys].equals(plan[keys].sort_values(keys, ignore_index=True))
    found = {(row.participant, row.run, row.channel) for row in plan.itertuples()}
    assert found == {(*key, name) for key in reader.runs for name in reader.layout(*key).ch_names}


def test_sides_follow_roles_and_test_participants_are_not_touched(reader):
    plan = make_plan(reader)
    assert plan.groupby("participant")["side"].agg(set).to_dict() == {
        "a": {"train"}, "b": {"train"}, "c": {"validation"}, "d": {"none"},
    }  # fmt: skip
    assert {*plan.loc[plan["side"] == "none", "reason"]} == {"test participant"}
    assert plan.loc[plan["side"] == "none", "n_tokens"].eq(0).all()
    assert {*make_plan(reader, use_test_participants=True).query("participant == 'd'")["side"]} == {"train"}


def test_long_runs_are_cut_into_near_equal_pieces_and_only_the_rest_is_dropped(reader):
    plan = make_plan(reader).query("participant == 'a' and run == '1' and channel == 'FZ'")
    assert plan["n_tokens"].tolist() == [20, 20, 21]  # 61 tokens of 20 in 1234 samples, at most 25 in a piece
    assert plan["start_sample"].tolist() == [0, 400, 800]
    assert plan["dropped_samples"].tolist() == [0, 0, 14]


def test_channels_that_are_not_used_say_why_and_have_one_row(tmp_path):
    reader = write_corpus(tmp_path, interpolated_channels=["FZ"])
    plan = make_plan(reader, ch_names=("C3", "FZ"))
    left = plan[(plan["side"] == "none") & (plan["participant"] != "d")]
    found = {(row.participant, row.run, row.channel): row.reason for row in left.itertuples()}
    assert found == {
        ("a", "1", "FZ"): "interpolated", ("b", "1", "FZ"): "interpolated", ("b", "1", "CZ"): "not among ch_names",
        ("a", "1", "O1"): "not among ch_names", ("a", "2", "O1"): "not among ch_names",
        ("c", "1", "O1"): "not among ch_names",
    }  # fmt: skip
    assert len(left) == len(found)
    assert left[["x", "spread"]].isna().all(axis=None)
    assert "FZ" in {*used(make_plan(reader, include_interpolated=True))["channel"]}


def test_tokens_below_the_quality_are_listed(reader):
    plan = used(make_plan(reader, seconds=make_seconds(a_1=[3, 4, 9]), min_quality=0.5))
    rows = plan.query("participant == 'a' and run == '1' and channel == 'C3'")
    # a second is 50 samples, a token 20: tokens 8 to 11 lie in samples 150 to 250 or have half of them there
    assert [tokens.tolist() for tokens in rows["rejected_tokens"]] == [[8, 9, 10, 11], [3, 4], []]
    assert all(tokens.dtype == np.int32 for tokens in rows["rejected_tokens"])


def test_quality_that_equals_the_limit_is_good_enough(reader):
    plan = used(make_plan(reader, seconds=make_seconds(score=0.7), min_quality=0.7))
    assert sum(tokens.size for tokens in plan["rejected_tokens"]) == 0


def test_a_piece_with_one_good_token_is_not_used(reader):
    bad = [i for i in range(13) if i != 2]  # of 610 samples; second 2 holds tokens 5, 6 and half of 7
    plan = make_plan(reader, seconds=make_seconds(a_2=bad), min_quality=0.95)
    reasons = plan.query("participant == 'a' and run == '2'").groupby("start_sample")["reason"].first()
    assert reasons.tolist() == ["", "all tokens below min_quality"]
    alone = make_plan(reader, seconds=make_seconds(a_2=bad), min_quality=0.95, token_length=50)
    assert "a single token reaches min_quality" in {*alone["reason"]}


def test_a_token_of_unknown_quality_is_never_rejected(reader):
    seconds = make_seconds(a_1=range(99)).query("participant != 'b'")
    plan = make_plan(reader, seconds=seconds, min_quality=0.5)
    assert {*used(plan)["participant"]} == {"a", "b", "c"}
    assert {*plan.query("participant == 'a' and run == '1'")["reason"]} == {"all tokens below min_quality"}


def test_the_fingerprint_knows_what_is_trained_on_and_nothing_else(reader):
    plan = make_plan(reader)
    assert fingerprint_plan(plan) == fingerprint_plan(make_plan(reader))
    assert len(bytes.fromhex(fingerprint_plan(plan))) == hashlib.sha256().digest_size
    assert fingerprint_plan(plan) == fingerprint_plan(plan[plan["side"] != "none"])
    assert fingerprint_plan(plan) == fingerprint_plan(plan.assign(rejected_tokens=[[] for _ in plan.index]))


@pytest.mark.parametrize("column", [name for name in PLAN_TYPES if name != "reason"])
def test_the_fingerprint_changes_with_every_column(reader, column):
    plan = make_plan(reader)
    changed = plan.copy()
    new = {"str": "other", "object": np.array([1], np.int32)}.get(PLAN_TYPES[column], 5)
    changed[column] = [new if i == 0 else value for i, value in enumerate(plan[column])]
    assert fingerprint_plan(changed) != fingerprint_plan(plan)


def test_a_plan_survives_parquet(reader, tmp_path):
    plan = make_plan(reader, seconds=make_seconds(a_1=[3, 4, 9]), min_quality=0.5)
    plan.to_parquet(tmp_path / "plan.parquet")
    assert fingerprint_plan(pd.read_parquet(tmp_path / "plan.parquet")) == fingerprint_plan(plan)


@pytest.mark.parametrize(
    ("error", "match", "changes"),
    [
        (ParameterError, r"no run has the channel.*XY.*pretrain.ch_names", {"ch_names": ("C3", "XY")}),
        (ParameterError, r"shorter than two tokens.*5000.*pretrain.token_length", {"token_length": 5000}),
        (WindowError, r"train side are rejected.*0.5.*pretrain.min_quality", {"min_quality": 0.5}),
        (SplitError, r"validation side.*balance.split.validation", {"split": make_split(a="train", b="train")}),
        (SplitError, r"train side", {"split": make_split(a="test", c="validation")}),
        (SplitError, r"unknown role.*holdout", {"split": make_split(a="train", c="holdout")}),
    ],
)  # fmt: skip
def test_what_cannot_be_trained_is_refused_with_value_and_remedy(reader, error, match, changes):
    with pytest.raises(error, match=match):
        make_plan(reader, seconds=make_seconds(score=0.2), **changes)


def test_a_single_participant_is_told_why_it_does_not_do():
    with pytest.raises(SplitError, match="a single participant cannot be validated"):
        make_plan(reader_of({("a", "1"): (999, ("C3",))}), make_split(a="train"))


def test_runs_of_different_rates_are_refused_unless_they_are_not_used():
    layouts = {("a", "1"): (999, ("C3",)), ("c", "1"): (999, ("C3",)), ("b", "1"): (999, ("C3",), 60.0)}
    with pytest.raises(ParameterError, match=r"rates.*50.0, 60.0.*clean.sfreq"):
        make_plan(reader_of(layouts))
    plan = make_plan(reader_of(layouts), make_split(a="train", b="test", c="validation"))
    assert {*used(plan)["sfreq"]} == {50.0}


def test_nobody_is_on_both_sides():
    split = make_split().assign(person=["x", "y", "x", "z"])
    with pytest.raises(SplitError, match=r"two sides.*a: train.*c: validation"):
        make_plan(reader_of({}), split)
    with pytest.raises(SplitError, match="two sides"):
        make_plan(reader_of({}), pd.concat([make_split(), make_split(a="test")]).drop(columns="person"))


def test_an_unknown_electrode_is_told_by_whoever_knows_places_and_only_if_it_is_used(reader):
    def known(names):
        if "CZ" in names:
            raise ElectrodeError("unknown electrode", value="CZ")
        return places(names)

    with pytest.raises(ElectrodeError, match="CZ"):
        plan_sequences(reader, make_split(), make_options(), known)
    plan_sequences(reader, make_split(), make_options(ch_names=("C3", "O1")), known)


def test_a_run_without_its_window_file_has_a_row_that_says_so(reader):
    plan = make_plan(reader)
    manifest = pd.concat(
        [plan[["participant", "run"]], pd.DataFrame({"participant": ["a"], "run": ["lost"]})]
    )
    found = add_lost_runs(plan, manifest)
    (row,) = found[found["run"] == "lost"].to_dict("records")
    assert (row["side"], row["reason"], row["n_tokens"]) == ("none", LOST, 0)
    assert fingerprint_plan(found) == fingerprint_plan(plan)
    assert found.dtypes.equals(plan.dtypes)
    assert add_lost_runs(plan, plan).equals(plan)


def test_a_limit_of_quality_without_any_quality_is_refused(reader):
    with pytest.raises(ParameterError, match=r"min_quality=0.5.*process_primary"):
        make_plan(reader, seconds=None, min_quality=0.5)


def test_runs_that_nobody_split_are_named_so(reader):
    plan = make_plan(reader, make_split(a="train", c="validation"))
    assert {*plan.query("participant == 'b'")["reason"]} == {"no participant in the split"}
