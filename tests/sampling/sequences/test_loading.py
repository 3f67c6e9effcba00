import random
from itertools import islice

import numpy as np
import pytest
import torch

from eeg_kedro.errors import ParameterError
from eeg_kedro.sampling.orders.batches import SeekableBatches
from eeg_kedro.sampling.sequences.channel_sequences import ChannelSequences
from eeg_kedro.sampling.sequences.loading import make_loader
from eeg_kedro.sampling.sequences.run_sequences import RunSequences
from eeg_kedro.sampling.sequences.window_sequences import WindowSequences
from tests.sampling.sequences.array_windows import ArrayReader, make_runs, make_source


def windows():
    return WindowSequences(make_source(n=26, n_samples=10))


def positions(loader):
    return [batch["position"].tolist() for batch in loader]


def test_batches_arrive_as_the_data_set_made_them():
    batches = SeekableBatches(26, 4)
    for batch, chosen in zip(make_loader(windows(), batches), batches, strict=True):
        wanted = windows().__getitems__(chosen)
        assert all(torch.equal(batch[name], wanted[name]) for name in wanted)


def test_sequences_of_channels_are_padded():
    reader = ArrayReader(make_runs(a_1=230, b_1=120))
    (batch,) = make_loader(ChannelSequences(reader, reader.runs), SeekableBatches(5, 5, shuffle=False))
    assert batch["samples"].shape == (5, 4, 50)
    assert batch["lengths"].tolist() == [4, 4, 4, 2, 2]
    assert batch["channel"] == ["FP1", "C3", "T3", "FP1", "C3"]


def test_a_run_is_walked_over_in_order():
    sequences = RunSequences(ArrayReader(make_runs(a_1=430)), [("a", "1")], 1.0, 1.0)
    loader = make_loader(sequences, SeekableBatches(len(sequences), 2, shuffle=False, drop_last=False))
    assert [batch["onset"].tolist() for batch in loader] == [[0, 1], [2, 3], [4]]


def test_another_collation_can_be_given():
    loader = make_loader(windows(), SeekableBatches(26, 4), collate=lambda batch: len(batch["position"]))
    assert [*loader] == [4] * 6


def test_iterating_moves_no_global_random_state():
    states = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
    loader = make_loader(windows(), SeekableBatches(26, 4))
    positions(loader)
    positions(loader)
    assert torch.equal(torch.get_rng_state(), states[0])
    assert np.array_equal(np.random.get_state()[1], states[1])
    assert random.getstate() == states[2]


def test_the_loader_follows_what_is_sought():
    batches = SeekableBatches(26, 4)
    loader = make_loader(windows(), batches)
    first = positions(loader)
    batches.seek(1)
    second = positions(loader)
    batches.seek(0, 4)
    assert positions(loader) == first[4:]
    assert first != second
    assert len(loader) == 6


def test_resuming_in_the_middle_of_an_epoch_gives_the_same_remaining_order():
    batches = SeekableBatches(26, 4, seed=9)
    batches.seek(3)
    seen = islice(make_loader(windows(), batches), 2)
    trained = len([*seen])
    again = SeekableBatches(26, 4, seed=9)
    again.seek(3, trained)
    assert positions(make_loader(windows(), again)) == positions(make_loader(windows(), batches))[2:]


@pytest.mark.parametrize(("start_method", "num_workers"), [("fork", 1), ("fork", 2), ("spawn", 1)])
def test_workers_give_the_same_batches_and_resume_alike(start_method, num_workers):
    batches = SeekableBatches(26, 4, seed=9)
    batches.seek(3)
    wanted = positions(make_loader(windows(), batches))
    state = torch.get_rng_state()
    loader = make_loader(windows(), batches, num_workers=num_workers, start_method=start_method)
    assert positions(loader) == wanted
    trained = [batch["position"].tolist() for batch in islice(loader, 2)]  # more than these are fetched ahead
    assert trained == wanted[:2]
    batches.seek(3, len(trained))
    assert positions(loader) == wanted[2:]
    batches.seek(4)
    assert positions(loader) == [batch.tolist() for batch in batches]
    assert torch.equal(torch.get_rng_state(), state)


def test_fewer_than_no_workers_are_refused():
    with pytest.raises(ParameterError, match="num_workers is below 0"):
        make_loader(windows(), SeekableBatches(26, 4), num_workers=-1)
