"""Sequences of known content for the gates: a plan, and batches of one side, without any file."""

import numpy as np
import pandas as pd
import torch

from eeg_kedro.training.pretrain_options import PretrainOptions
from eeg_kedro.training.token_batch import TokenBatch

T, L, SFREQ = 24, 16, 32.0
CHANNELS = ("C3", "FZ", "O1", "T8")
SPREAD = 50.0


def make_options(**changes):
    """Make options of a model that trains in no time."""
    encoder = {"d_model": 16, "n_layers": 2, "d_state": 8, "headdim": 8, "mask_fill": "token"}
    gates = {"control_steps": 4} | changes.pop("gates", {})
    loop = {"batch_size": 8, "lr": 3e-3}
    fields = {
        "token_length": L,
        "encoder": encoder | changes.pop("encoder", {}),
        "gates": gates,
        "loop": loop,
    }
    return PretrainOptions.model_validate(fields | changes)


def make_plan(sides=("train", "train", "validation", "validation"), n_runs=2):
    """Lay one sequence over every channel of every run; participants are p0, p1, ..."""
    rows = [
        {"participant": f"p{person}", "run": str(run), "channel": channel, "side": side}
        for person, side in enumerate(sides)
        for run in range(n_runs)
        for channel in CHANNELS
    ]
    fixed = {"reason": "", "start_sample": 0, "center": 0.0, "spread": SPREAD, "sfreq": SFREQ}
    return pd.DataFrame(rows).assign(**fixed)


def make_waves(plan, seed=0, own=0.5):
    """Make a slow wave per run and one per channel, in units, float32 (n, T, L): continuous over tokens."""
    rng = np.random.default_rng(seed)
    seconds = np.arange(T * L) / SFREQ

    def wave():
        return np.sin(2 * np.pi * rng.uniform(0.15, 0.35) * seconds + rng.uniform(0, 6.3))

    runs = {key: wave() for key in zip(plan["participant"], plan["run"], strict=True)}
    keys = zip(plan["participant"], plan["run"], strict=True)
    signal = [runs[key] + own * wave() for key in keys]
    return np.stack(signal).reshape(len(plan), T, L).astype(np.float32)


class ArrayBatches:
    """Answers as `eeg_kedro.training.token_batches.TokenBatches` does, from arrays."""

    def __init__(self, plan, waves, side, options, leak=0.0):
        self.rows = np.flatnonzero(plan["side"] == side)
        self.waves, self.options, self.leak = waves, options, leak
        self.size = options.loop.batch_size
        self.asked = []

    @property
    def steps_per_epoch(self):
        return -(-len(self.rows) // self.size)

    def batches(self, epoch, step=0):
        for at in range(step, self.steps_per_epoch):
            self.asked.append((epoch, at))
            yield self._make(self.rows[at * self.size : (at + 1) * self.size], epoch)

    def _make(self, rows, epoch):
        rng = np.random.default_rng([epoch, *rows])
        masked = np.zeros((len(rows), T), bool)
        masked[:, rng.permutation(T)[: round(self.options.mask_ratio * T)]] = True
        kinds = rng.random(masked.shape)
        hidden = masked & (kinds >= self.leak)
        targets = self.waves[rows]
        inputs = np.where(hidden[..., None], np.float32(0), targets)
        places = np.tile(np.float32([0, 0, 1]), (len(rows), 1))
        valid = np.ones(masked.shape, bool)
        arrays = (inputs, targets, valid, hidden, masked, places, rows)
        return TokenBatch(*(torch.from_numpy(np.ascontiguousarray(array)) for array in arrays))
