"""Checkpoints of a few numbers, for tests of what is saved and compared."""

import torch

from eeg_kedro.training.checkpoint import Checkpoint
from eeg_kedro.training.progress import Progress
from eeg_kedro.training.resumable import describe_environment

ABOUT = {
    "batch_size": 16,
    "world_size": 1,
    "plan": "1f2e",
    "sfreq": 256.0,
    "options": {"mask_ratio": 0.4, "encoder": {"d_model": 128, "direction": "alternate"}},
    "participants": {"train": ["a", "b"], "validation": ["c"]},
}


def tiny_checkpoint(step, name="tiny", best=True, **about):
    """A checkpoint whose tensors belong to its step."""
    weights = {"w": torch.full((3, 4), float(step)), "b": torch.tensor(step)}
    history = [{"epoch": 0, "step": step, "validation_loss": 0.5, "is_best": True}]
    trainer = {
        "optimizer": {"state": {0: {"exp_avg": weights["w"] / 2, "step": torch.tensor(1.0)}}},
        "progress": Progress(epoch=1, steps=step, best=0.5, history=history).as_dict(),
        "seed": 0,
        "world_size": 1,
        "environment": describe_environment(torch.device("cpu")),
    }
    return Checkpoint(name, {"name": name, **ABOUT, **about}, weights, weights if best else None, trainer)
