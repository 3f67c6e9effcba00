"""Small window files whose samples are known, to be read back."""

import numpy as np
import pyarrow.parquet as pq

from eeg_kedro.io.window_parquet import WindowOptions, write_windows
from eeg_kedro.signal.cleaning import CleanedSignal

NAMES = ("C3", "FZ", "O1")
CUT = WindowOptions(window_length=100, row_group_size=4, mantissa_bits=23)


def make_samples(n_times, n_channels=3, seed=0):
    return (30 * np.random.default_rng(seed).standard_normal((n_channels, n_times))).astype(np.float32)


def write_run(folder, key, samples, names=NAMES, cut=CUT, **metadata):
    """Write ``<participant>_<run>.parquet`` at 50 Hz and give its path."""
    path = folder / f"{key[0]}_{key[1]}.parquet"
    blocks = (samples[:, at : at + 1000].copy() for at in range(0, samples.shape[1], 1000))
    signal = CleanedSignal(*key, tuple(names), 50.0, samples.shape[1], blocks, metadata)
    write_windows(signal, path, cut)
    return path


N_TIMES = 1234  # 12 windows of 100 in groups of 4, and 34 samples
CHANNELS = {("a", "1"): ("C3", "FZ", "O1"), ("a", "2"): ("O1", "C3"), ("b", "1"): ("FZ", "C3", "CZ")}
SIGNALS = {key: make_samples(N_TIMES, len(names), i) for i, (key, names) in enumerate(CHANNELS.items())}


def write_three(folder):
    """Write three runs that share some of their channels."""
    for key, names in CHANNELS.items():
        write_run(folder, key, SIGNALS[key], names)
    return folder


def file_of(folder, key=("a", "1")):
    return folder / f"{key[0]}_{key[1]}.parquet"


def footer_bytes(path):
    return pq.read_metadata(path).serialized_size + 8


def digest(reader):
    """Sum a stretch of every run that crosses row groups and the tail."""
    return [float(reader.read_samples(*key, 395, 839)[0].sum()) for key in reader.runs]
