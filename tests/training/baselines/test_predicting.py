"""Recordings judged in blocks: as if they had been read whole, from half a second on."""

import numpy as np
import pytest

from eeg_kedro.errors import NonFiniteError, WindowError
from eeg_kedro.sampling.windows.window_reader import WindowReader
from eeg_kedro.training.baselines.fitting import fit_baseline
from eeg_kedro.training.baselines.options import BaselineOptions
from eeg_kedro.training.baselines.predicting import predict_baseline_runs
from tests.sampling.sequences.array_windows import ArrayReader
from tests.training.baselines.two_rhythms import RATE, RhythmWindows, make_signal
from tests.written_windows import CHANNELS, SIGNALS, write_three

NAMES = RhythmWindows.ch_names
KINDS = ("line_length", "band_power", "always_on")


def make_reader(*seconds, rate=RATE, channels=3):
    runs = {}
    for number, length in enumerate(seconds):
        signal = make_signal(length, np.arange(int(length) + 1) % 20 > 10, number, rate, channels)
        runs["p", str(number)] = dict(zip(NAMES, signal, strict=False))
    return ArrayReader(runs, rate)


def fit(kind, **options):
    return fit_baseline(kind, RhythmWindows(), np.arange(12), BaselineOptions(**options), 0)


def predict(fitted, reader, ch_names=NAMES):
    return dict(predict_baseline_runs(fitted, reader, reader.runs, ch_names))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", [64.0, 50.5])
def test_the_edges_of_blocks_do_not_show(kind, rate):
    reader = make_reader(93.4, 21, rate=rate)
    whole, blocks = (predict(fit(kind, block_seconds=n), reader) for n in (1000, 10))
    for run in reader.runs:
        np.testing.assert_allclose(blocks[run], whole[run], atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("margins", [(1, 10.0), (4, 0.5)])
def test_nor_do_they_with_long_spectra_or_wide_margins(kind, margins):
    reader = make_reader(47.7)
    options = dict(zip(("margin_seconds", "frame_seconds"), margins, strict=True))
    whole, blocks = (predict(fit(kind, block_seconds=n, **options), reader) for n in (1000, 10))
    np.testing.assert_allclose(blocks["p", "0"], whole["p", "0"], atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_one_number_per_second_that_holds_a_sample(kind):
    found = predict(fit(kind), make_reader(0.5, 1, 1.02, 59.999, 60))
    assert [found["p", str(i)].size for i in range(5)] == [1, 1, 2, 60, 60]
    assert all(np.isfinite(one).all() and one.dtype == np.float32 for one in found.values())


@pytest.mark.parametrize("kind", ["line_length", "band_power"])
def test_the_rhythm_is_found_in_whole_recordings(kind):
    found = predict(fit(kind), make_reader(60))["p", "0"]
    truth = np.arange(60) % 20 > 10
    assert found[truth].mean() > found[~truth].mean() + 0.5


@pytest.mark.parametrize("kind", ["line_length", "band_power"])
def test_channels_that_a_recording_lacks_are_left_out(kind):
    fitted, reader = fit(kind), make_reader(30, channels=2)
    two = dict(predict_baseline_runs(fitted, reader, reader.runs, ("C3", "C4")))
    np.testing.assert_array_equal(predict(fitted, reader)["p", "0"], two["p", "0"])


def test_constants_read_no_sample():
    reader = make_reader(30)
    predict(fit("always_off"), reader)
    assert {what for what, *_ in reader.asked} == {"layout"}


def test_no_more_than_a_block_and_its_margins_is_in_memory():
    reader = make_reader(200)
    predict(fit("band_power", block_seconds=20), reader)
    assert max(asked[4] for asked in reader.asked if asked[0] == "samples") <= (20 + 2 * 5) * RATE


def test_recordings_on_disk_are_read_as_they_are_in_memory(tmp_path):
    write_three(tmp_path)
    fitted, runs = fit("band_power", block_seconds=10), [*SIGNALS]
    reader = WindowReader.of_folder(tmp_path)
    found = dict(predict_baseline_runs(fitted, reader, runs, ("C3", "O1")))
    memory = {key: dict(zip(CHANNELS[key], SIGNALS[key], strict=True)) for key in runs}
    expected = dict(predict_baseline_runs(fitted, ArrayReader(memory, 50.0), runs, ("C3", "O1")))
    for run in runs:
        np.testing.assert_allclose(found[run], expected[run], atol=1e-4)


def test_a_sample_that_is_no_number_names_its_recording():
    reader = make_reader(10, 10)
    reader._runs["p", "1"]["C4"][100] = np.nan
    with pytest.raises(NonFiniteError, match="p_1"):
        predict(fit("band_power"), reader)


def test_a_run_that_is_not_there_is_a_clear_message():
    with pytest.raises(WindowError):
        list(predict_baseline_runs(fit("band_power"), make_reader(10), [("q", "1")]))
