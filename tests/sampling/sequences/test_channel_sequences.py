import pickle

import numpy as np
import pytest

from eeg_kedro.errors import ParameterError, WindowError
from eeg_kedro.sampling.orders.batches import SeekableBatches
from eeg_kedro.sampling.sequences.channel_sequences import ChannelSequences
from tests.sampling.sequences.array_windows import ArrayReader, make_runs


@pytest.fixture
def runs():
    return make_runs(a_1=230, a_2=120, b_1=500)


@pytest.fixture
def reader(runs):
    return ArrayReader(runs)


def test_each_channel_of_each_run_is_one_sequence_of_its_windows(reader, runs):
    sequences = ChannelSequences(reader, reader.runs)
    found = {(item["participant"], item["run"], item["channel"]): item["samples"] for item in sequences}
    assert [*found] == [(*key, name) for key in sorted(runs) for name in runs[key]]
    assert np.array_equal(found["a", "1", "T3"], runs["a", "1"]["T3"][:200].reshape(4, 50))
    assert len(sequences) == 7
    assert sequences.blocks.tolist() == [0, 0, 0, 1, 1, 2, 2]
    assert sequences.lengths.tolist() == [4, 4, 4, 2, 2, 10, 10]


@pytest.mark.parametrize("token_length", [1, 25, 30, 50, 80])
def test_windows_are_cut_anew_into_tokens_and_what_is_left_over_is_stated(reader, runs, token_length):
    sequences = ChannelSequences(reader, reader.runs, token_length=token_length)
    for i, item in enumerate(sequences):
        signal = runs[item["participant"], item["run"]][item["channel"]]
        n_tokens = signal.size // 50 * 50 // token_length
        assert np.array_equal(
            item["samples"], signal[: n_tokens * token_length].reshape(n_tokens, token_length)
        )
        assert sequences.dropped_samples[i] == signal.size - n_tokens * token_length
    assert sequences.token_length == token_length


def test_long_sequences_keep_their_first_tokens_and_no_more_is_read(reader, runs):
    sequences = ChannelSequences(reader, reader.runs, token_length=20, max_tokens=6)
    assert sequences.lengths.tolist() == [6, 6, 6, 5, 5, 6, 6]
    reader.asked.clear()
    assert np.array_equal(sequences[5]["samples"], runs["b", "1"]["FP1"][:120].reshape(6, 20))
    assert reader.asked == [("samples", "b", "1", 0, 120, ("FP1",))]
    assert sequences.dropped_samples[5] == 0


def test_channels_and_runs_can_be_chosen(reader):
    sequences = ChannelSequences(reader, runs=[("b", "1"), ("a", "1")], ch_names=["T3", "C3"])
    keys = [(item["participant"], item["run"], item["channel"]) for item in sequences]
    assert keys == [("b", "1", "C3"), ("a", "1", "T3"), ("a", "1", "C3")]
    assert sequences.blocks.tolist() == [0, 1, 1]


def test_interpolated_channels_can_be_left_out(runs):
    reader = ArrayReader(runs, interpolated=("C3",))
    assert len(ChannelSequences(reader, reader.runs)) == 7
    kept = ChannelSequences(reader, reader.runs, include_interpolated=False)
    assert [item["channel"] for item in kept] == ["FP1", "T3", "FP1", "FP1"]


def test_items_of_one_run_are_read_one_after_another_and_given_in_the_order_asked_for(reader):
    sequences = ChannelSequences(reader, reader.runs)
    len(sequences)
    reader.asked.clear()
    items = sequences.__getitems__(np.array([5, 0, 6, 1, 5]))
    assert [item["channel"] for item in items] == ["FP1", "FP1", "C3", "C3", "FP1"]
    assert [asked[1:3] for asked in reader.asked] == [("a", "1")] * 2 + [("b", "1")] * 3


def test_footers_are_read_when_needed_and_once(reader):
    sequences = ChannelSequences(reader, reader.runs)
    assert reader.asked == []
    assert len(sequences) == len(sequences) == 7
    assert [asked[0] for asked in reader.asked] == ["layout"] * 3
    copy = pickle.loads(pickle.dumps(sequences))
    assert len(copy) == 7
    assert len(copy._reader.asked) == 3


def test_runs_shorter_than_a_token_are_left_out_and_named(reader):
    sequences = ChannelSequences(reader, reader.runs, token_length=150)
    assert sequences.too_short == (("a", "2"),)
    assert sequences.blocks.tolist() == [0, 0, 0, 2, 2]
    assert [len(item["samples"]) for item in sequences] == [1, 1, 1, 3, 3]


def test_blocks_keep_the_channels_of_a_run_together(reader):
    sequences = ChannelSequences(reader, reader.runs)
    batches = SeekableBatches(7, 1, blocks=sequences.blocks, buffer_blocks=1)
    order = sequences.blocks[np.concatenate([*batches])]
    assert (np.diff(order) != 0).sum() == 2


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"token_length": 501}, "no sequence to train on.*the longest of 500 samples.*Remedy: a smaller token_length"),
        ({"runs": []}, "no sequence to train on.*report_sampling"),
        ({"ch_names": []}, "no sequence to train on"),
        ({"ch_names": ["FP1", "OZ"]}, "no run has this channel.*OZ.*C3, FP1, T3"),
        ({"runs": [("b", "1")], "ch_names": ["T3"]}, "no run has this channel"),
    ],
)  # fmt: skip
def test_nothing_to_train_on_is_an_error_with_advice(reader, options, text):
    with pytest.raises(ParameterError, match=text):
        len(ChannelSequences(reader, **{"runs": reader.runs, **options}))


@pytest.mark.parametrize("name", ["token_length", "max_tokens"])
def test_numbers_below_one_are_refused_at_once(reader, name):
    with pytest.raises(ParameterError, match=f"{name} is below 1"):
        ChannelSequences(reader, reader.runs, **{name: 0})


def test_runs_of_different_rates_or_window_lengths_are_refused(runs):
    rates = dict(zip(runs, (100.0, 100.0, 200.0), strict=True))
    with pytest.raises(ParameterError, match=r"runs differ in sfreq.*clean\.sfreq"):
        len(ChannelSequences(ArrayReader(runs, sfreq=rates), list(runs)))
    lengths = ArrayReader(runs, window_length=dict(zip(runs, (50, 50, 100), strict=True)))
    with pytest.raises(ParameterError, match=r"runs differ in window_length.*token_length"):
        len(ChannelSequences(lengths, lengths.runs))
    assert len(ChannelSequences(lengths, lengths.runs, token_length=25)) == 7


def test_a_run_that_is_not_there_is_an_error(reader):
    with pytest.raises(WindowError, match="x_1"):
        len(ChannelSequences(reader, runs=[("a", "1"), ("x", "1")]))


def test_an_index_beyond_the_sequences_is_an_error(reader):
    with pytest.raises(IndexError):
        ChannelSequences(reader, reader.runs)[7]
