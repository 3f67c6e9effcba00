"""Three short recordings whose samples are known, as arrays and as real window files."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

from eeg_kedro.errors import StaleError, WindowError
from eeg_kedro.io.window_parquet import WindowOptions, write_windows
from eeg_kedro.sampling.categories import CategorizeOptions
from eeg_kedro.sampling.manifest import build_manifest
from eeg_kedro.signal.cleaning import CleanedSignal

PROJECT_FOLDER = Path(__file__).resolve().parents[2]
SFREQ = 16.0
CHANNELS = {("a", "1"): ("C3", "C4"), ("a", "2"): ("C3", "C4", "FZ"), ("b", "1"): ("C4", "FZ")}
LENGTHS = {("a", "1"): 330, ("a", "2"): 200, ("b", "1"): 150}
ALL = ("C3", "C4", "FZ")


def signals(seed=0):
    rng = np.random.default_rng(seed)
    return {
        key: (30 * rng.standard_normal((len(names), LENGTHS[key]))).astype(np.float32)
        for key, names in CHANNELS.items()
    }


def write_recordings(folder, seed=0):
    """Write the recordings as window files and return their fingerprints."""
    marks = {}
    for key, samples in signals(seed).items():
        signal = CleanedSignal(*key, CHANNELS[key], SFREQ, samples.shape[1], iter([samples]), {"unit": "uV"})
        options = WindowOptions(window_length=32, row_group_size=2, mantissa_bits=23)
        marks[key] = write_windows(signal, folder / f"{'_'.join(key)}.parquet", options)["fingerprint"]
    return marks


def make_events(
    rows=(("a", "1", 3.0, 2.5, "fnsz"), ("a", "1", 5.0, 1.0, "gnsz"), ("b", "1", -1.0, 2.0, "fnsz")),
):
    columns = ["participant", "run", "onset", "duration", "label"]
    return pd.DataFrame(list(rows), columns=columns).assign(kind="seizure")


def make_windows(marks=None, events=None, annotated=True, seconds=4.0, stride=1.0):
    """Lay windows over the recordings as `categorize` does."""
    keys = list(CHANNELS)
    table = pd.DataFrame(keys, columns=["participant", "run"])
    table = table.assign(
        sfreq=SFREQ, n_times=[LENGTHS[key] for key in keys], annotated=annotated, n_channels=3
    )
    if marks is not None:
        table["windows_fingerprint"] = [marks[key] for key in keys]
    events = make_events() if events is None else events
    return build_manifest(table, events, CategorizeOptions(window_seconds=seconds, stride_seconds=stride))


class ArrayReader:
    """Answers as `WindowReader` does, from arrays, and notes what was asked."""

    def __init__(self, seed=0, ch_names=ALL, scale=1.0):
        self.signals = {key: samples * np.float32(scale) for key, samples in signals(seed).items()}
        self.ch_names, self.fingerprint = ch_names, 7
        self.asked, self.compared = [], []

    def layout(self, participant, run):
        return SimpleNamespace(ch_names=CHANNELS[participant, run])

    def read_samples(self, participant, run, start, n_samples, ch_names=None, out=None):
        key = (participant, run)
        self.asked.append((*key, start))
        if key not in self.signals:
            raise WindowError("no such run", file="_".join(key))
        valid = np.isin(self.ch_names, CHANNELS[key])
        out[...] = 0
        for i in np.flatnonzero(valid):
            source = self.signals[key][CHANNELS[key].index(self.ch_names[i])]
            out[i] = source[start : start + n_samples]
        return out, valid

    def check_fingerprints(self, windows):
        self.compared += [*windows["participant"] + "_" + windows["run"]]
        if not windows["windows_fingerprint"].isin([0, self.fingerprint]).all():
            raise StaleError("cleaned anew")


def slice_of(row, seed=0):
    """Cut the window of a manifest's row out of the arrays, (3, n_samples)."""
    key = (row["participant"], row["run"])
    out = np.zeros((3, row["n_samples"]), np.float32)
    for name, samples in zip(CHANNELS[key], signals(seed)[key], strict=True):
        out[ALL.index(name)] = samples[row["window_start_sample"] :][: row["n_samples"]]
    return out
