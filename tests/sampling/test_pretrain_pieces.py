import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.sampling.pretrain_pieces import TOO_SHORT, cut_runs
from tests.sampling.planned_runs import make_options, reader_of

SIDES = {"a": ("train", ""), "b": ("none", "test participant")}


def cut(n_times, length, most, participant="a"):
    reader = reader_of({(participant, "1"): (n_times, ("C3",))})
    layouts = {key: reader.layout(*key) for key in reader.runs}
    return cut_runs(layouts, SIDES, make_options(token_length=length, max_tokens=most))


@given(n_times=st.integers(0, 3000), length=st.integers(2, 90), most=st.integers(2, 40))
def test_pieces_lie_end_to_end_are_as_few_and_as_equal_as_can_be(n_times, length, most):
    pieces = cut(n_times, length, most)
    n_tokens = n_times // length
    assert len(pieces) == max(-(-n_tokens // most), 1)
    assert pieces["n_tokens"].sum() == n_tokens
    assert np.ptp(pieces["n_tokens"]) <= 1
    assert pieces["n_tokens"].max() <= most
    ends = np.cumsum([0, *pieces["n_tokens"]]) * length
    assert pieces["start_sample"].tolist() == ends[:-1].tolist()


@given(n_times=st.integers(0, 3000), length=st.integers(2, 90), most=st.integers(2, 40))
def test_what_is_used_and_what_is_dropped_make_up_the_recording(n_times, length, most):
    pieces = cut(n_times, length, most)
    used = pieces[pieces["reason"] == ""]
    assert used["n_tokens"].sum() * length + pieces["dropped_samples"].sum() == n_times
    assert ((pieces["n_tokens"] < 2) == (pieces["reason"] == TOO_SHORT)).all()


def test_a_run_that_is_not_used_is_not_cut():
    pieces = cut(3000, 10, 40, participant="b")
    assert pieces[["n_tokens", "dropped_samples", "reason"]].to_numpy().tolist() == [
        [0, 0, "test participant"]
    ]
