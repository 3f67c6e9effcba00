"""A task that trains in milliseconds: a net with dropout, batches and masks that belong to (epoch, step)."""

import hashlib

import torch
from torch import nn

from eeg_kedro.training.loop_options import LoopOptions
from eeg_kedro.training.ranks import Ranks
from eeg_kedro.training.task import PlainTask
from eeg_kedro.training.trainer import Trainer

STEPS, ITEMS, WIDTH = 6, 8, 5


def tiny_net(dropout=0.0):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        first, last = nn.Linear(WIDTH, 7), nn.Linear(7, WIDTH)
    return nn.Sequential(first, nn.LayerNorm(7), nn.Dropout(dropout), last)


class TinyTask(PlainTask):
    """Reconstruction of noise; `poisoned` is the (epoch, step, item) that holds a NaN."""

    steps_per_epoch = STEPS

    def __init__(self, dropout=0.0, ranks=None, poisoned=None, validation=None):
        self.model, self.poisoned, self.validation = tiny_net(dropout), poisoned, validation
        self.ranks = ranks or Ranks.single()

    def batches(self, epoch, step):
        for i in range(step, STEPS):
            draws = torch.Generator().manual_seed(1000 * epoch + i)
            items = torch.randn(ITEMS, WIDTH, generator=draws)
            masked = torch.rand(ITEMS, WIDTH, generator=draws) < 0.5
            if self.poisoned and self.poisoned[:2] == (epoch, i):
                items[self.poisoned[2]] = torch.nan
            mine = slice(self.ranks.rank, None, self.ranks.world_size)
            yield torch.arange(ITEMS)[mine], items[mine], masked[mine]

    def loss(self, batch):
        _, items, masked = batch
        error = (self.model(items) - items).square()[masked]
        return error.sum(), masked.sum(), len(items)

    def describe(self, batch):
        return "items " + ", ".join(str(i) for i in batch[0].tolist())

    def evaluate(self):
        if self.validation:
            return {"loss": (self.validation.pop(0), 1.0)}
        items = torch.linspace(-1, 1, 4 * WIDTH).view(4, WIDTH)[self.ranks.rank :: self.ranks.world_size]
        error = (self.model(items) - items).square()
        return {
            "loss": (float(error.sum()), float(error.numel())),
            "zero_loss": (float(items.square().sum()), 20.0),
        }


def train(task, resume=None, ranks=None, on_step=None, **options):
    """Train for two epochs unless told otherwise; return the reports."""
    torch.set_num_threads(1)  # so small that a second thread only waits for a busy core
    loop = LoopOptions(**{"epochs": 2, "batch_size": ITEMS, "patience": 0, **options})
    about = {"name": "tiny", "batch_size": loop.batch_size}
    ranks = ranks or task.ranks
    trainer = Trainer(task, loop, ranks=ranks, about=about, seed=3, resume=resume, on_step=on_step)
    return list(trainer.run())


def digest(weights):
    """Return the SHA-256 of a state dict."""
    content = hashlib.sha256()
    for name, tensor in sorted(weights.items()):
        content.update(name.encode() + tensor.detach().numpy().tobytes())
    return content.hexdigest()
