import pickle

import numpy as np
import pytest
import torch

from eeg_kedro.errors import NonFiniteError, WindowError
from eeg_kedro.sampling.sequences.planned_sequences import PlannedSequences
from eeg_kedro.sampling.windows.window_reader import WindowReader
from tests.sampling.planned_runs import make_plan, tokens_of, write_corpus


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("windows")
    write_corpus(folder)
    return folder


@pytest.fixture
def reader(folder):
    return WindowReader.of_folder(folder)


@pytest.fixture
def plan(reader):
    return make_plan(reader).query("side == 'train'")


def test_items_are_the_samples_of_their_row_tail_included(reader, plan):
    sequences = PlannedSequences(reader, plan, 20)
    assert len(sequences) == len(plan)
    for item, row in zip(sequences, plan.itertuples(), strict=True):
        assert np.array_equal(item["samples"].numpy(), tokens_of(row))


def test_a_batch_has_zeros_behind_each_end(reader, plan):
    sequences = PlannedSequences(reader, plan, 20)
    chosen = np.array([5, 0, 11, 5])
    batch = sequences.__getitems__(chosen)
    assert batch["n_tokens"].tolist() == sequences.lengths[chosen].tolist()
    for samples, n_tokens, index in zip(batch["samples"], batch["n_tokens"], chosen, strict=True):
        assert torch.equal(samples[:n_tokens], sequences[index]["samples"])
        assert not samples[n_tokens:].any()


def test_no_items_are_a_batch_too(reader, plan):
    assert PlannedSequences(reader, plan, 20).__getitems__([])["samples"].shape == (0, 2, 20)


def test_an_index_beyond_the_end_is_an_index_error(reader, plan):
    with pytest.raises(IndexError, match="beyond"):
        PlannedSequences(reader, plan, 20)[len(plan)]


def test_blocks_are_pieces_of_runs_and_are_read_one_after_another(reader, plan):
    sequences = PlannedSequences(reader, plan, 20)
    keys = [*zip(plan["participant"], plan["run"], plan["start_sample"], strict=True)]
    assert len({*zip(keys, sequences.blocks.tolist(), strict=True)}) == len({*keys}) == 6
    chosen = np.array([9, 0, 10, 1])
    assert np.array_equal(
        sequences.blocks[chosen][sequences.by_piece(chosen)], np.sort(sequences.blocks[chosen])
    )


def test_what_is_kept_is_not_read_again_and_is_the_same(reader, plan):
    sequences = PlannedSequences(reader, plan, 20, cache_megabytes=1)
    first = [item["samples"].clone() for item in sequences]
    before = reader.groups_read
    again = [item["samples"] for item in sequences]
    assert reader.groups_read == before
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))


def test_what_is_handed_out_may_be_changed(reader, plan):
    sequences = PlannedSequences(reader, plan, 20, cache_megabytes=1)
    sequences[0]["samples"].zero_()
    assert sequences[0]["samples"].any()


def test_no_more_is_kept_than_there_is_room(reader, plan):
    sequences = PlannedSequences(reader, plan, 20, cache_megabytes=0.004)
    total = sum(item["samples"].numel() * 4 for item in sequences)
    before = reader.groups_read
    assert total > 4000
    assert [*sequences]
    again = reader.groups_read - before
    bare = PlannedSequences(reader, plan, 20)
    before = reader.groups_read
    assert [*bare]
    assert 0 < again < reader.groups_read - before


def test_each_sequence_is_decoded_once_in_an_epoch_whatever_the_order(folder, plan):
    plan = plan.query("run == '2'")
    reader = WindowReader.of_folder(folder, cache_megabytes=0)
    PlannedSequences(reader, plan, 20).__getitems__(np.arange(len(plan))[::-1])
    # 610 samples in groups of 400 and 200 and a tail of 10: two pieces of 15 tokens lie in one group and in two
    assert reader.groups_read == 2 * (1 + 2)


def test_sequences_travel_without_what_they_keep(reader, plan):
    sequences = PlannedSequences(reader, plan, 20, cache_megabytes=1)
    assert sequences[3]
    packed = pickle.dumps(sequences)
    assert len(packed) < 20_000
    assert torch.equal(pickle.loads(packed)[3]["samples"], sequences[3]["samples"])


class Spoilt:
    """A reader whose samples are what is given."""

    def __init__(self, value):
        self.value = value

    def read_samples(self, participant, run, start, n_samples, ch_names=None, out=None):
        out[:] = 1.0
        out[0, 45] = self.value
        return out, np.ones(1, bool)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_told_with_run_channel_and_token(plan, value):
    with pytest.raises(NonFiniteError, match=r"a_1 FZ: .*at sample 445, token 2 .*1 in all.*Remedy"):
        PlannedSequences(Spoilt(value), plan, 20)[list(plan["channel"]).index("FZ") + 3]


def test_numbers_whose_squares_overflow_are_numbers(plan):
    assert PlannedSequences(Spoilt(3e30), plan, 20)[0]["samples"].max() == np.float32(3e30)


def test_a_run_that_is_gone_is_named(folder, plan):
    with pytest.raises(WindowError, match="gone"):
        PlannedSequences(WindowReader.of_folder(folder), plan.assign(run="gone"), 20)[0]
