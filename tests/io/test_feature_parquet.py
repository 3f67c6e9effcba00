import hashlib
import json
import pickle

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from eeg_kedro.errors import SignalError
from eeg_kedro.io import feature_parquet
from eeg_kedro.io.feature_parquet import FeatureJob, WindowGrid, plan_features
from eeg_kedro.io.spectrogram_parquet import SpectrogramJob
from eeg_kedro.io.window_parquet import WindowFile, WindowOptions, write_windows
from eeg_kedro.signal.cleaning import CleanedSignal
from eeg_kedro.signal.features import FeatureOptions, window_features
from eeg_kedro.signal.spectrograms import SpectrogramOptions, chain_spectrogram, column_names

NAMES = ("FP1", "F7", "T3", "C3")
SFREQ = 64.0
OPTIONS = FeatureOptions()
SPECTROGRAM = SpectrogramOptions()


@pytest.fixture
def samples():
    return (20 * np.random.default_rng(0).standard_normal((4, 64 * 100))).astype(np.float32)


@pytest.fixture
def windows(tmp_path, samples):
    facts = {"montage": "referential", "reference": "average", "source_fingerprint": "0" * 64}
    signal = CleanedSignal("p", "r", NAMES, SFREQ, samples.shape[1], iter([samples.copy()]), facts)
    write_windows(signal, tmp_path / "p_r.parquet", WindowOptions(window_length=512, mantissa_bits=23))
    return WindowFile(tmp_path / "p_r.parquet")


def grid(n_windows=9, n_samples=1280, stride=640):
    index = np.arange(n_windows)
    return WindowGrid("p", "r", index, index * stride, n_samples, SFREQ)


def test_rows_are_windows_by_channels_with_their_own_features(windows, samples, tmp_path):
    FeatureJob(windows, grid(), OPTIONS).write(tmp_path / "f.parquet")
    table = pd.read_parquet(tmp_path / "f.parquet")
    assert table["channel"].tolist() == [*NAMES] * 9
    row = table[(table["window_index"] == 7) & (table["channel"] == "T3")].iloc[0]
    assert (row["participant"], row["run"], row["onset"]) == ("p", "r", 70.0)
    expected = window_features(samples[np.newaxis, 2:3, 7 * 640 : 7 * 640 + 1280], SFREQ, OPTIONS)
    assert {name: row[name] for name in expected} == {name: value[0, 0] for name, value in expected.items()}


def test_what_is_read_at_a_time_does_not_matter(windows, tmp_path, monkeypatch):
    FeatureJob(windows, grid(), OPTIONS).write(tmp_path / "a.parquet")
    monkeypatch.setattr(feature_parquet, "SPAN_SAMPLES", 2000)
    FeatureJob(windows, grid(), OPTIONS).write(tmp_path / "b.parquet")
    pd.testing.assert_frame_equal(*(pd.read_parquet(tmp_path / f"{name}.parquet") for name in "ab"))
    assert pq.ParquetFile(tmp_path / "b.parquet").num_row_groups == 5


def test_every_column_says_unit_and_meaning(windows, tmp_path):
    FeatureJob(windows, grid(), OPTIONS).write(tmp_path / "f.parquet")
    schema = pq.read_schema(tmp_path / "f.parquet")
    assert schema.field("power_alpha").metadata[b"unit"] == b"uV^2"
    assert b"not a diagnosis" in schema.field("n_spikes").metadata[b"description"]
    assert all(b"description" in schema.field(name).metadata for name in schema.names[5:])
    assert json.loads(schema.metadata[b"source_fingerprint"]) == "0" * 64


@pytest.mark.parametrize("job", [FeatureJob, SpectrogramJob])
def test_the_same_windows_give_the_same_bytes(job, windows, tmp_path):
    given = (windows, grid(), OPTIONS) if job is FeatureJob else (windows, SPECTROGRAM)
    digests = set()
    for name in "ab":
        job(*given).write(tmp_path / name)
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1


@pytest.mark.parametrize("wrong", [grid(11), WindowGrid("p", "r", np.arange(1), np.arange(1), 64, 128.0)])
def test_a_manifest_of_other_windows_is_refused_by_name(wrong, windows, tmp_path):
    with pytest.raises(SignalError, match=r"p_r: the manifest is not of these windows.*categorize"):
        FeatureJob(windows, wrong, OPTIONS).write(tmp_path / "f.parquet")
    assert not (tmp_path / "f.parquet").exists()


def test_a_recording_without_a_window_has_an_empty_table(windows, tmp_path):
    FeatureJob(windows, grid(0), OPTIONS).write(tmp_path / "f.parquet")
    assert len(pd.read_parquet(tmp_path / "f.parquet")) == 0


def test_jobs_travel_between_processes(windows, tmp_path):
    job = pickle.loads(pickle.dumps(plan_features(lambda: windows, grid(), OPTIONS)))
    job.write(tmp_path / "f.parquet")
    assert (tmp_path / "f.parquet").exists()


def test_the_spectrogram_has_a_row_per_frame_and_named_gaps(windows, samples, tmp_path):
    SpectrogramJob(windows, SPECTROGRAM).write(tmp_path / "s.parquet")
    table = pd.read_parquet(tmp_path / "s.parquet")
    made = chain_spectrogram(samples, SFREQ, NAMES, SPECTROGRAM)
    assert [*table] == ["time", *column_names(("LL",), made.freqs)]
    np.testing.assert_allclose(table.to_numpy()[:, 1:].T, made.power[0], rtol=1e-6)
    facts = {key.decode(): value for key, value in pq.read_schema(tmp_path / "s.parquet").metadata.items()}
    assert json.loads(facts["missing_pairs"])["LL"] == ["T3-T5", "T5-O1"]
    assert json.loads(facts["missing_pairs"])["RP"] == ["FP2-F4", "F4-C4", "C4-P4", "P4-O2"]


def test_long_spectrograms_are_written_piece_by_piece(windows, tmp_path, monkeypatch):
    SpectrogramJob(windows, SPECTROGRAM).write(tmp_path / "a.parquet")
    monkeypatch.setattr("eeg_kedro.io.spectrogram_parquet.FRAMES_AT_A_TIME", 7)
    SpectrogramJob(windows, SPECTROGRAM).write(tmp_path / "b.parquet")
    whole, pieces = (pd.read_parquet(tmp_path / f"{name}.parquet") for name in "ab")
    pd.testing.assert_frame_equal(whole, pieces, rtol=1e-5)
