import re
from math import ceil

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.sampling.windows.window_reader import WindowReader
from eeg_kedro.scoring.prior_shift import shift_prior
from eeg_kedro.training.finetune_options import PredictOptions
from eeg_kedro.training.predicting import SecondAverage, computing_with, predict_runs
from tests.training.finetune_corpus import LENGTHS, write_people
from tests.written_windows import NAMES, write_run

ABOUT = {
    "name": "m",
    "channels": {name: {"center": 1.0, "spread": 50.0, "place": [0.0, 0.0, 1.0]} for name in NAMES},
    "ch_names": [*NAMES],
    "token_length": 50,
    "sfreq": 50.0,
    "window_seconds": 4.0,
    "prior_trained": 0.3,
    "prior_true": 0.3,
}


class MeanOfToken(torch.nn.Module):
    """Says of each token the mean of its samples over channels, and counts what it was given."""

    def __init__(self, by_window=False):
        super().__init__()
        self.by_window, self.most = by_window, 0

    def forward(self, tokens, places, valid, real=None):
        self.most = max(self.most, len(tokens))
        said = tokens.mean((1, 3))
        return said[:, 0] if self.by_window else said


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    return WindowReader(write_people(tmp_path_factory.mktemp("people")), ch_names=NAMES)


def predict(reader, run, network=None, about=ABOUT, **options):
    (found,) = predict_runs(network or MeanOfToken(), about, reader, [run], PredictOptions(**options))
    return found


def by_brute_force(signal, stride, length=200, token=50, sfreq=50):
    """Average over all (window, sample) pairs of each second, sample by sample."""
    n_times = signal.shape[1]
    units = (signal.astype(np.float64) - 1.0) / 50.0
    total, count = np.zeros(ceil(n_times / sfreq)), np.zeros(ceil(n_times / sfreq))
    start = 0
    while True:
        window = np.zeros((len(units), length))
        there = units[:, start : start + length]
        window[:, : there.shape[1]] = there
        for i in range(there.shape[1]):
            at = i // token * token
            logit = window[:, at : at + token].mean()
            total[(start + i) // sfreq] += 1 / (1 + np.exp(-logit))
            count[(start + i) // sfreq] += 1
        if start + length >= n_times:
            return total / count
        start += stride


@pytest.mark.parametrize(("share", "stride"), [(0.5, 100), (0.25, 50), (1.0, 200), (0.01, 50)])
@pytest.mark.parametrize("run", [("c", "1"), ("c", "2"), ("d", "1")], ids=["long", "1 s", "199 samples"])
def test_windows_that_overlap_are_averaged_to_seconds(reader, run, share, stride):
    signal, _ = reader.read_samples(*run, 0, LENGTHS[run])
    found = predict(reader, run, stride_share=share)
    np.testing.assert_allclose(found.probability, by_brute_force(signal, stride), atol=1e-6)
    assert (found.probability.size, found.note) == (ceil(LENGTHS[run] / 50), "")


def test_a_window_head_speaks_for_all_seconds_of_its_window(reader):
    found = predict(reader, ("c", "1"), MeanOfToken(by_window=True), stride_share=1.0)
    signal, _ = reader.read_samples("c", "1", 0, 50)
    first = 1 / (1 + np.exp(-(signal.mean() - 1) / 50))
    np.testing.assert_allclose(found.probability[:4], first, atol=1e-6)


def test_probabilities_are_told_at_the_true_prior(reader):
    rare = {**ABOUT, "prior_true": 0.01}
    plain, shifted = (predict(reader, ("c", "1"), about=about).probability for about in (ABOUT, rare))
    np.testing.assert_allclose(shifted, shift_prior(plain, 0.3, 0.01), rtol=1e-5)
    assert shifted.max() < plain.min()


def test_no_more_windows_are_in_memory_than_asked_for(reader):
    network = MeanOfToken()
    predict(reader, ("a", "1"), network, batch_size=3)
    assert network.most == 3


def test_a_run_that_cannot_be_predicted_says_why_and_stops_nobody(reader):
    runs = [("x", "9"), ("c", "2")]
    lost, found = predict_runs(MeanOfToken(), ABOUT, reader, runs, PredictOptions())
    assert (lost.probability.size, found.probability.size, found.note) == (0, 1, "")
    assert lost.note.startswith("x_9: there are no windows of this run")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"sfreq": 64.0}, r"another rate.*50 Hz.*allowed: 64 Hz.*clean.sfreq"),
        ({"ch_names": ["CZ"]}, r"none of the model's channels.*allowed: CZ"),
    ],
)
def test_a_recording_of_another_kind_is_told_and_not_guessed(reader, changes, why):
    found = predict(reader, ("c", "1"), about={**ABOUT, **changes})
    assert found.probability.size == 0
    assert re.search(why, found.note)


def test_a_model_without_a_finite_answer_is_a_note(reader):
    class Nothing(MeanOfToken):
        def forward(self, *given):
            return super().forward(*given) * torch.nan

    assert "no finite number" in predict(reader, ("c", "2"), Nothing()).note


def test_absent_channels_are_zeros_and_not_their_center(tmp_path):
    write_run(tmp_path, ("a", "1"), np.full((1, 200), 51.0, np.float32), ["C3"])
    write_run(tmp_path, ("b", "1"), np.full((3, 200), 51.0, np.float32), NAMES)
    reader = WindowReader.of_folder(tmp_path, ch_names=NAMES)
    found = predict(reader, ("a", "1")).probability
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-1 / 3)), atol=1e-6)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_seconds_are_means_over_all_samples_of_all_windows(data):
    sfreq = data.draw(st.sampled_from([1.0, 1.5, 2.5, 7.0, 10.0, 12.8]))
    n_times, token = data.draw(st.integers(1, 90)), data.draw(st.integers(1, 9))
    window = token * data.draw(st.integers(1, 5)) - data.draw(st.integers(0, token - 1))
    stride = data.draw(st.integers(1, window))
    average = SecondAverage(n_times, sfreq)
    rng = np.random.default_rng(data.draw(st.integers(0, 9)))
    sums, counts = np.zeros(n_times), np.zeros(n_times)
    start, covered = 0, 0
    while covered < n_times:
        size = min(window, n_times - start)
        values = rng.random(-(-window // token))
        average.add(start, size, values, token)
        sums[start : start + size] += np.repeat(values, token)[:size]
        counts[start : start + size] += 1
        start, covered = start + stride, start + size
    found, second = average.values(), np.floor(np.arange(n_times) / sfreq).astype(int)
    assert found.size == ceil(n_times / sfreq)
    for s in sorted({*second}):
        assert found[s] == pytest.approx(sums[second == s].sum() / counts[second == s].sum())
    assert found[-1] == pytest.approx(found[second[-1]])  # a last second without a sample has that before it


def test_a_day_takes_no_more_memory_than_its_seconds():
    average = SecondAverage(24 * 3600 * 256, 256.0)
    average.add(24 * 3600 * 256 - 512, 512, np.array([0.25, 0.75]), 256)
    assert average.values()[-2:].tolist() == [0.25, 0.75]


def test_threads_are_those_asked_for_and_then_those_before():
    before = torch.get_num_threads()
    with computing_with(1):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before
