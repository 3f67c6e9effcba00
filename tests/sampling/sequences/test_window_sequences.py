from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.errors import ParameterError
from eeg_kedro.sampling.orders.batches import SeekableBatches
from eeg_kedro.sampling.sequences.window_sequences import WindowSequences, first_samples_of_seconds
from tests.sampling.sequences.array_windows import ArrayWindows, make_source


def test_a_batch_is_one_gather_of_float32_tensors():
    source = make_source()
    batch = WindowSequences(source).__getitems__(np.array([4, 0, 7]))
    assert batch["samples"].dtype == torch.float32
    assert np.array_equal(batch["samples"], source.samples[[4, 0, 7]])
    assert batch["valid"].tolist() == [[True, False, True], [False, True, True], [True, False, True]]
    assert batch["position"].tolist() == [4, 0, 7]
    assert {name: values.dtype for name, values in batch.items() if name != "samples"} == {
        "valid": torch.bool, "position": torch.int64, "labels": torch.float32,
    }  # fmt: skip


def test_half_precision_becomes_single_by_torch_exactly():
    source = make_source(dtype=np.float16)
    samples = WindowSequences(source).__getitems__([3, 3])["samples"]
    assert samples.dtype == torch.float32
    assert np.array_equal(samples, source.samples[[3, 3]].astype(np.float32))


def test_single_precision_is_not_copied_after_the_gather(monkeypatch):
    source, kept = make_source(), {}
    gather = source.gather
    monkeypatch.setattr(source, "gather", lambda positions: kept.setdefault("found", gather(positions)))
    batch = WindowSequences(source).__getitems__([1, 2])
    assert batch["samples"].data_ptr() == kept["found"][0].ctypes.data


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 700), st.one_of(st.integers(1, 300), st.sampled_from([1.1, 1.5, 250.5, 99.9, 256.03, 3.3]))
)
def test_every_sample_lies_in_the_second_that_its_time_is_in(n_samples, sfreq):
    first = first_samples_of_seconds(n_samples, float(sfreq))
    second = np.searchsorted(first, np.arange(n_samples), side="right") - 1
    assert second.tolist() == [i // Fraction(str(float(sfreq))) for i in range(n_samples)]


def test_a_rate_is_the_decimal_it_was_written_as():
    assert Fraction(1.1) > Fraction("1.1")  # what a float would give: sample 11 a little before second 10
    assert first_samples_of_seconds(12, 1.1).tolist() == [0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]


def test_labels_are_shares_of_the_window_the_second_or_the_sample():
    marks = np.zeros((2, 250), np.uint8)
    marks[0, 90:130] = 1
    marks[1, 200:] = 1
    source = ArrayWindows(np.zeros((2, 1, 250), np.float32), marks)
    labels = {unit: WindowSequences(source, unit=unit).__getitems__([0, 1])["labels"]
              for unit in ("window", "second", "sample")}  # fmt: skip
    assert labels["window"].tolist() == pytest.approx([0.16, 0.2])
    assert labels["second"].numpy() == pytest.approx(np.array([[0.1, 0.3, 0], [0, 0, 1]]))
    assert np.array_equal(labels["sample"], marks)


@pytest.mark.parametrize(("sfreq", "n_samples"), [(100.0, 1000), (250.5, 251), (256.03, 997), (33.3, 34)])
def test_shares_of_seconds_add_up_to_the_share_of_the_window(sfreq, n_samples):
    source = make_source(n_samples=n_samples, sfreq=sfreq)
    seconds, whole = (WindowSequences(source, unit=unit).__getitems__(range(20))["labels"]
                      for unit in ("second", "window"))  # fmt: skip
    sizes = np.diff(first_samples_of_seconds(n_samples, sfreq), append=n_samples)
    assert (seconds.numpy() @ sizes / n_samples).tolist() == pytest.approx(whole.tolist())
    assert whole.tolist() == pytest.approx(source.marks.mean(axis=1).tolist())


def test_more_than_255_seizure_samples_are_counted():
    source = ArrayWindows(np.zeros((1, 1, 2048), np.float32), np.ones((1, 2048), np.uint8), 512.0)
    assert WindowSequences(source)[0]["labels"] == 1
    assert WindowSequences(source, unit="second")[0]["labels"].tolist() == [1, 1, 1, 1]


def test_without_labels_the_source_is_not_asked_for_any():
    source = ArrayWindows(np.zeros((2, 1, 10), np.float32))
    assert {*WindowSequences(source, labels=False).__getitems__([0, 1])} == {"samples", "valid", "position"}


def test_items_of_a_subset_are_windows_of_the_source():
    source = make_source()
    sequences = WindowSequences(source, positions=[5, 11, 2])
    batch = sequences.__getitems__([2, 0])
    assert len(sequences) == 3
    assert batch["position"].tolist() == [2, 5]
    assert np.array_equal(batch["samples"], source.samples[[2, 5]])


@pytest.mark.parametrize("unit", ["window", "second", "sample"])
def test_one_item_is_a_batch_of_one_without_its_first_axis(unit):
    sequences = WindowSequences(make_source(), unit=unit)
    batch, item = sequences.__getitems__([6]), sequences[6]
    assert {name: tuple(values.shape) for name, values in item.items()} == {
        name: tuple(values.shape[1:]) for name, values in batch.items()
    }
    assert all(torch.equal(item[name], batch[name][0]) for name in batch)


def test_an_empty_share_of_the_last_batch_is_an_empty_batch():
    sequences = WindowSequences(make_source(n=5), unit="second")
    batches = SeekableBatches(5, 2, world_size=2, drop_last=False)
    shapes = [tuple(sequences.__getitems__(batch)["samples"].shape) for batch in batches]
    assert shapes == [(2, 3, 100), (0, 3, 100)]


def test_a_for_loop_over_the_items_ends():
    assert len([*WindowSequences(make_source(n=4))]) == 4


@pytest.mark.parametrize("indices", [[3], [-1], [0, 3]])
def test_an_index_beyond_the_subset_is_an_error(indices):
    with pytest.raises(IndexError):
        WindowSequences(make_source(), positions=[0, 1, 2]).__getitems__(indices)


@pytest.mark.parametrize("positions", [[20], [-1], [3, 99]])
def test_positions_beyond_the_source_are_refused_at_once(positions):
    with pytest.raises(ParameterError, match=r"beyond the windows of the source.*0 to 19"):
        WindowSequences(make_source(), positions=positions)


def test_units_nobody_knows_and_rates_without_a_sample_per_second_are_refused():
    with pytest.raises(ParameterError, match="unknown unit"):
        WindowSequences(make_source(), unit="minute")
    with pytest.raises(ParameterError, match="a second has no sample"):
        WindowSequences(make_source(sfreq=0.5), unit="second")[0]


@pytest.mark.parametrize("positions", [np.array([True, False, True]), [0.7, 1.9]])
def test_a_mask_or_fractions_are_no_positions(positions):
    with pytest.raises(ParameterError, match=r"no whole numbers.*flatnonzero"):
        WindowSequences(make_source(), positions)
