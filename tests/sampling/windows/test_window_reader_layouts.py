"""The reader against plain NumPy slices of the cleaned signal: every layout, and a real recording."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from eeg_kedro.corpora.folder_listing import list_folder
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.survey import survey_corpus
from eeg_kedro.io.mantissa import round_samples
from eeg_kedro.io.window_parquet import WindowOptions, write_windows
from eeg_kedro.pipelines.clean.nodes import plan_cleaning
from eeg_kedro.sampling.windows.window_reader import WindowReader
from eeg_kedro.signal.cleaning import CleanOptions
from eeg_kedro.synthetic.corpus import plan_corpus
from eeg_kedro.synthetic.options import FabricateOptions

# rate (Hz), then how the windows are cut: no two layouts alike
LAYOUTS = {
    "tusz": (256.0, WindowOptions(window_length=2048, row_group_size=3, mantissa_bits=23)),
    "chbmit": (200.0, WindowOptions(window_length=500, row_group_size=4, mantissa_bits=10)),
    "bids": (128.0, WindowOptions(window_length=777, row_group_size=1, mantissa_bits=16)),
    "csv": (256.0, WindowOptions(window_length=60, row_group_size=1000, mantissa_bits=10)),
}
N_READS = 1000


def write_cleaned(corpus, layout, sfreq, cut, folder):
    """Clean a corpus, write its windows and give each run's channels and samples, rounded as the writer rounds."""
    listing = list_folder(corpus)
    inventory = survey_corpus(listing, layout, IngestOptions()).inventory
    # components take most of the time and change nothing for a reader
    options = CleanOptions(sfreq=sfreq, ica={"enabled": False})
    truth = {}
    for key, clean in plan_cleaning(inventory, listing, options).items():
        signal = clean()
        samples = np.concatenate([block.copy() for block in signal.blocks], axis=1)
        write_windows(replace(signal, blocks=iter([samples.copy()])), folder / f"{key}.parquet", cut)
        round_like_writer(samples, cut)
        truth[signal.participant, signal.run] = (signal.ch_names, samples)
    return truth


def round_like_writer(samples, cut):
    step = cut.window_length * cut.row_group_size
    for row in samples:
        for start in range(0, row.size, step):
            round_samples(row[start : start + step], cut.mantissa_bits)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """One recording in each layout: where the windows are, and the truth about them."""
    root = tmp_path_factory.mktemp("corpus")
    plan_corpus(FabricateOptions(participants=1, runs=1, minutes=1.0, seed=3)).write(root)
    folder = root / "windows"
    folder.mkdir()
    truth = {}
    for layout, (sfreq, cut) in LAYOUTS.items():
        truth |= write_cleaned(root / layout, layout, sfreq, cut, folder)
    return folder, truth


def random_reads(truth, seed, n):
    """Draw run, channels, start and length; one in four ends with the recording, one in four has all channels."""
    rng = np.random.default_rng(seed)
    everybody = sorted({name for names, _ in truth.values() for name in names})
    for _ in range(n):
        key = sorted(truth)[rng.integers(len(truth))]
        n_times = truth[key][1].shape[1]
        length = int(rng.integers(1, min(n_times, 6000) + 1))
        start = n_times - length if rng.random() < 0.25 else int(rng.integers(n_times - length + 1))
        chosen = rng.permutation(everybody)[: rng.integers(1, len(everybody) + 1)]
        yield key, start, length, None if rng.random() < 0.25 else [str(name) for name in chosen]


def slice_of(truth, key, start, length, names):
    has, samples = truth[key]
    valid = np.array([name in has for name in names])
    rows = [samples[has.index(name)] if name in has else np.zeros(samples.shape[1]) for name in names]
    return np.array([row[start : start + length] for row in rows], np.float32), valid


def test_a_thousand_random_windows_equal_slices_of_the_cleaned_signal(corpus):
    folder, truth = corpus
    reader = WindowReader.of_folder(folder, cache_megabytes=2, max_open=3)
    assert reader.runs == tuple(sorted(truth))
    for key, start, length, names in random_reads(truth, 0, N_READS):
        samples, valid = reader.read_samples(*key, start, length, names)
        expected, there = slice_of(truth, key, start, length, reader.ch_names if names is None else names)
        assert np.array_equal(samples, expected), (key, start, length, names)
        assert np.array_equal(valid, there)


def test_seconds_name_the_same_samples(corpus):
    folder, truth = corpus
    reader = WindowReader.of_folder(folder)
    for key, start, length, names in random_reads(truth, 1, 50):
        sfreq = reader.layout(*key).sfreq
        found, _ = reader.read(*key, start / sfreq, length / sfreq, names)
        assert np.array_equal(found, reader.read_samples(*key, start, length, names)[0])


def test_a_channels_sequence_is_its_complete_windows(corpus):
    folder, truth = corpus
    reader = WindowReader.of_folder(folder)
    for key, (names, samples) in truth.items():
        length = reader.layout(*key).window_length
        n_windows = samples.shape[1] // length
        for name, row in zip(names, samples, strict=True):
            expected = row[: n_windows * length].reshape(n_windows, length)
            assert np.array_equal(reader.read_channel(*key, name), expected)


def test_layouts_differ_in_their_channels(corpus):
    _, truth = corpus
    assert len({names for names, _ in truth.values()}) > 1
    assert len(truth) == len(LAYOUTS)


def test_a_real_recording_equals_its_cleaned_signal(shared_data, tmp_path):
    (tmp_path / "edf").mkdir()
    shutil.copy(shared_data / "edf/eeg_microstates_rest30ch.edf", tmp_path / "edf")
    truth = write_cleaned(tmp_path / "edf", "flat", 200.0, WindowOptions(), tmp_path)
    reader = WindowReader.of_folder(tmp_path)
    for key, start, length, names in random_reads(truth, 2, 100):
        samples, valid = reader.read_samples(*key, start, length, names)
        expected, _ = slice_of(truth, key, start, length, reader.ch_names if names is None else names)
        assert np.array_equal(samples, expected)
        assert valid.all()
