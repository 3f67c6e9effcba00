"""The data sets on real window files: reader, sources and loader together."""

import pickle

import numpy as np
import pytest
import torch

from eeg_kedro.errors import WindowError
from eeg_kedro.sampling.orders.batches import SeekableBatches
from eeg_kedro.sampling.orders.permutations import row_group_blocks
from eeg_kedro.sampling.sequences.channel_sequences import ChannelSequences
from eeg_kedro.sampling.sequences.loading import make_loader
from eeg_kedro.sampling.sequences.run_sequences import RunSequences
from eeg_kedro.sampling.sequences.window_sequences import WindowSequences
from eeg_kedro.sampling.windows.materialise import MaterialiseOptions, plan_materialised
from eeg_kedro.sampling.windows.materialised import MaterialisedWindows
from eeg_kedro.sampling.windows.recorded_windows import RecordedWindows
from eeg_kedro.sampling.windows.window_reader import WindowReader
from tests.sampling.small_recordings import (
    ALL,
    CHANNELS,
    LENGTHS,
    make_events,
    make_windows,
    signals,
    slice_of,
    write_recordings,
)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("windows")
    return folder, make_windows(write_recordings(folder))


@pytest.fixture
def folder(recordings):
    return recordings[0]


@pytest.fixture
def windows(recordings):
    return recordings[1]


@pytest.fixture
def recorded(folder, windows):
    return RecordedWindows(WindowReader.of_folder(folder), windows, make_events())


@pytest.fixture
def materialised(tmp_path, recorded, windows):
    path = tmp_path / "windows.safetensors"
    plan_materialised(windows, recorded, MaterialiseOptions(dtype="float32")).write(path)
    return MaterialisedWindows(path)


@pytest.mark.parametrize("kind", ["recorded", "materialised"])
def test_windows_of_any_source_are_slices_of_the_recordings(kind, windows, request):
    sequences = WindowSequences(request.getfixturevalue(kind))
    for batch in make_loader(sequences, SeekableBatches(len(sequences), 5, seed=1)):
        rows = windows.iloc[batch["position"].tolist()]
        assert np.array_equal(batch["samples"], [slice_of(row) for _, row in rows.iterrows()])
        assert batch["valid"].tolist() == [
            [name in CHANNELS[key] for name in ALL]
            for key in zip(rows["participant"], rows["run"], strict=True)
        ]
        shares = rows["seizure_samples"] / rows["n_samples"]
        assert batch["labels"].tolist() == pytest.approx(shares.tolist())


def test_a_materialised_set_reads_as_the_recordings_do(recorded, materialised):
    batches = SeekableBatches(len(recorded), 4, drop_last=False)
    for unit in ("second", "sample"):
        pairs = zip(*(make_loader(WindowSequences(source, unit=unit), batches)
                      for source in (recorded, materialised)), strict=True)  # fmt: skip
        assert all(torch.equal(one[name], other[name]) for one, other in pairs for name in one)


@pytest.mark.parametrize("kind", ["recorded", "materialised"])
def test_an_empty_share_is_an_empty_batch(kind, request):
    batch = WindowSequences(request.getfixturevalue(kind)).__getitems__(np.zeros(0, np.intp))
    assert {name: len(values) for name, values in batch.items()} == dict.fromkeys(batch, 0)
    assert batch["samples"].shape == (0, 3, 64)


def test_forked_workers_read_the_files_themselves(recorded):
    sequences, batches = WindowSequences(recorded), SeekableBatches(len(recorded), 6)
    here = [batch["samples"] for batch in make_loader(sequences, batches)]
    there = [batch["samples"] for batch in
             make_loader(sequences, batches, num_workers=2, start_method="fork")]  # fmt: skip
    assert all(torch.equal(*pair) for pair in zip(here, there, strict=True))


def test_block_order_decodes_each_row_group_about_once(folder, windows):
    decoded = []
    blocks = row_group_blocks(windows, 64)
    for options in ({}, {"blocks": blocks, "buffer_blocks": 1}):
        reader = WindowReader.of_folder(folder, cache_megabytes=0.002)  # room for two or three row groups
        sequences = WindowSequences(RecordedWindows(reader, windows, None), labels=False)
        for _ in make_loader(sequences, SeekableBatches(len(windows), 1, **options)):
            pass
        decoded.append(reader.groups_read)
    assert decoded[1] <= 2 * 11 < decoded[0]  # of 11 row groups, windows reach into the next one


def test_sequences_of_channels_are_the_recordings_cut_into_tokens(folder):
    reader = WindowReader.of_folder(folder)
    sequences = ChannelSequences(reader, reader.runs, token_length=20)
    assert len(sequences) == 7
    for i, item in enumerate(pickle.loads(pickle.dumps(sequences))):
        key = item["participant"], item["run"]
        signal = signals()[key][CHANNELS[key].index(item["channel"])]
        n_tokens = LENGTHS[key] // 32 * 32 // 20
        assert np.array_equal(item["samples"], signal[: n_tokens * 20].reshape(n_tokens, 20))
        assert sequences.dropped_samples[i] == LENGTHS[key] - n_tokens * 20
        item["samples"] += 1  # nobody else's memory, and writable


def test_cut_sequences_read_less(folder):
    readers = [WindowReader.of_folder(folder) for _ in range(2)]
    whole, cut = (
        ChannelSequences(readers[0], readers[0].runs),
        ChannelSequences(readers[1], readers[1].runs, max_tokens=2),
    )
    assert torch.equal(cut[0]["samples"], whole[0]["samples"][:2])
    assert [reader.groups_read for reader in readers] == [5, 1]


@pytest.mark.parametrize("names", [None, ("FZ", "C3")])
def test_whole_runs_come_back_from_windows_end_to_end(folder, names):
    sequences = RunSequences(WindowReader.of_folder(folder), list(CHANNELS), 2.5, 2.5, names)
    batches = SeekableBatches(len(sequences), 3, shuffle=False, drop_last=False)
    parts = {(key, name): [] for key in CHANNELS for name in sequences.ch_names}
    for batch in make_loader(sequences, batches):
        for i, key in enumerate(zip(batch["participant"], batch["run"], strict=True)):
            for row, name in zip(
                batch["samples"][i, :, : batch["n_samples"][i]], sequences.ch_names, strict=True
            ):
                parts[key, name].append(row)
    for (key, name), found in parts.items():
        known = name in CHANNELS[key]
        signal = signals()[key][CHANNELS[key].index(name)] if known else np.zeros(LENGTHS[key], np.float32)
        assert np.array_equal(torch.cat(found), signal)


def test_a_broken_file_is_named(folder, tmp_path):
    (tmp_path / "a_1.parquet").write_bytes((folder / "a_1.parquet").read_bytes()[:-100])
    with pytest.raises(WindowError, match="a_1"):
        len(ChannelSequences(WindowReader.of_folder(tmp_path), [("a", "1")]))
