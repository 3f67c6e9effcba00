import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.errors import ParameterError, WindowError
from eeg_kedro.sampling.orders.batches import SeekableBatches
from eeg_kedro.sampling.sequences.run_sequences import RunSequences
from tests.sampling.sequences.array_windows import ArrayReader, make_runs

KEYS = [("a", "1"), ("b", "1")]


def over(n_times, window, stride):
    return RunSequences(ArrayReader(make_runs(a_1=n_times)), [("a", "1")], window / 100, stride / 100)


def test_windows_lie_at_the_stride_until_the_end_is_covered():
    items = [*over(230, 100, 40)]
    assert [item["onset"].item() for item in items] == pytest.approx([0, 0.4, 0.8, 1.2, 1.6])
    assert [item["n_samples"].item() for item in items] == [100, 100, 100, 100, 70]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 400), st.integers(1, 120))
def test_real_samples_of_windows_end_to_end_are_the_whole_run(n_times, window):
    sequences = over(n_times, window, window)
    parts = [item["samples"][:, : item["n_samples"]] for item in sequences]
    signal = make_runs(a_1=n_times)["a", "1"]
    assert np.array_equal(torch.cat(parts, dim=1), [signal[name] for name in ("C3", "FP1", "T3")])


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 400), st.integers(1, 120), st.data())
def test_every_sample_is_in_a_window_and_no_window_is_needless(n_times, window, data):
    stride = data.draw(st.integers(1, window))
    items = [*over(n_times, window, stride)]
    starts = [round(item["onset"].item() * 100) for item in items]
    stops = [start + item["n_samples"].item() for start, item in zip(starts, items, strict=True)]
    assert starts == [stride * k for k in range(len(starts))]
    assert stops[-1] == n_times
    assert all(stop < n_times for stop in stops[:-1])


def test_a_run_shorter_than_a_window_is_one_padded_window():
    (item,) = over(30, 100, 50)
    assert item["n_samples"] == 30
    assert item["samples"].shape == (3, 100)
    assert item["samples"][:, :30].abs().min() > 0
    assert (item["samples"][:, 30:] == 0).all()


def test_runs_follow_each_other_and_a_batch_may_hold_both():
    runs = make_runs(a_1=230, b_1=110)
    sequences = RunSequences(ArrayReader(runs), KEYS, 1.0, 1.0, ch_names=["T3", "C3"])
    batch = sequences.__getitems__(np.arange(5))
    assert batch["participant"] == ["a", "a", "a", "b", "b"]
    assert batch["run"] == ["1"] * 5
    assert batch["onset"].tolist() == [0, 1, 2, 0, 1]
    assert batch["n_samples"].tolist() == [100, 100, 30, 100, 10]
    assert batch["valid"].tolist() == [[True, True]] * 3 + [[False, True]] * 2
    assert np.array_equal(batch["samples"][3, 1], runs["b", "1"]["C3"][:100])
    assert (batch["samples"][3:, 0] == 0).all()


def test_what_a_batch_holds():
    batch = over(230, 100, 100).__getitems__([2, 0])
    assert {name: values.dtype for name, values in batch.items() if isinstance(values, torch.Tensor)} == {
        "samples": torch.float32, "valid": torch.bool, "n_samples": torch.int64, "onset": torch.float64,
    }  # fmt: skip


def test_walking_over_all_windows_with_any_number_of_ranks_meets_each_once():
    reader = ArrayReader(make_runs(a_1=530, b_1=110))
    met = []
    for rank in range(3):
        sequences = RunSequences(reader, KEYS, 1.0, 0.5)
        batches = SeekableBatches(len(sequences), 2, shuffle=False, drop_last=False, rank=rank, world_size=3)
        for batch in map(sequences.__getitems__, batches):
            met += zip(batch["participant"], batch["onset"].tolist(), strict=True)
    assert sorted(met) == sorted(
        (item["participant"], item["onset"].item()) for item in RunSequences(reader, KEYS, 1.0, 0.5)
    )


def test_only_the_windows_asked_for_are_read():
    sequences = over(100_000, 100, 100)
    sequences[500]
    assert sequences._reader.asked == [
        ("layout", "a", "1"), ("samples", "a", "1", 50_000, 100, ("C3", "FP1", "T3"))
    ]  # fmt: skip


def test_a_stride_above_the_window_would_lose_samples():
    with pytest.raises(ParameterError, match=r"would be lost.*2 s.*allowed: a stride up to the window, 1 s"):
        RunSequences(ArrayReader(make_runs(a_1=500)), [("a", "1")], 1.0, 2.0)


def test_lengths_off_the_sample_grid_and_different_rates_are_refused():
    runs = make_runs(a_1=500, b_1=500)
    with pytest.raises(ParameterError, match="window_seconds is not a whole number of samples"):
        len(RunSequences(ArrayReader(runs), KEYS, 1.005, 1.0))
    with pytest.raises(ParameterError, match="runs have different rates"):
        len(
            RunSequences(
                ArrayReader(runs, sfreq=dict(zip(runs, (100.0, 200.0), strict=True))), KEYS, 1.0, 1.0
            )
        )


def test_a_missing_run_and_an_index_beyond_the_end_are_errors():
    with pytest.raises(WindowError, match="x_1"):
        len(RunSequences(ArrayReader(make_runs(a_1=500)), [("x", "1")], 1.0, 1.0))
    with pytest.raises(IndexError):
        over(200, 100, 100)[2]


def test_no_run_has_no_window():
    assert len(RunSequences(ArrayReader(make_runs(a_1=500)), [], 1.0, 1.0)) == 0
