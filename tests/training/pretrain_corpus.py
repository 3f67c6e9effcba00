"""Three people, a minute of rhythms each, as window files, and a small model to be trained on them."""

import hashlib

import numpy as np
import pandas as pd

from eeg_kedro.sampling.pretrain_plan import plan_sequences
from eeg_kedro.sampling.windows.window_reader import WindowReader
from eeg_kedro.signal.electrode_places import place_channels
from eeg_kedro.training.pretrain_job import PretrainJob
from eeg_kedro.training.pretrain_options import PretrainOptions
from tests.written_windows import NAMES, write_run

SPLIT = pd.DataFrame({"participant": ["a", "b", "c"], "role": ["train", "train", "validation"]})
SMALL = {
    "token_length": 25,
    "max_tokens": 16,
    "mask_ratio": 0.5,
    "device": "cpu",
    "cache_megabytes": 1,
    "encoder": {"d_model": 16, "n_layers": 2, "d_state": 8, "headdim": 8},
    "loop": {"epochs": 2, "batch_size": 6, "threads": 1},
}


def write_corpus(folder, n_times=1234):
    """Write the windows of three runs; return where each is."""
    t = np.arange(n_times) / 50
    files = {}
    for number, participant in enumerate("abc"):
        noise = np.random.default_rng(number).standard_normal((3, n_times))
        rhythm = 40 * np.sin(2 * np.pi * (3 + np.arange(3)[:, None]) * t + number)
        samples = (rhythm + 5 * noise).astype(np.float32)
        files[participant, "1"] = write_run(folder, (participant, "1"), samples, NAMES)
    return files


def make_options(**changes):
    """Return the small options, changed in places named ``loop__epochs`` or ``seed``."""
    values = {name: dict(value) if isinstance(value, dict) else value for name, value in SMALL.items()}
    for name, value in changes.items():
        block, _, leaf = name.rpartition("__")
        (values[block] if block else values)[leaf] = value
    return PretrainOptions(**values)


def make_job(files, store_folder, split=SPLIT, **changes):
    options = make_options(**changes)
    plan = plan_sequences(WindowReader(files), split, options, place_channels)
    return PretrainJob(options, plan, files, store_folder)


def digest(weights):
    """SHA-256 over names and bytes of all weights."""
    found = hashlib.sha256()
    for name in sorted(weights):
        found.update(name.encode() + weights[name].numpy().tobytes())
    return found.hexdigest()
