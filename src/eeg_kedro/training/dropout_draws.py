"""Draws of torch's global generators, dropout's above all, as a function of the step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

_DROPOUT = 1_000  # key of this stream: the purposes of `sampling.orders.permutations` never go so far


@contextmanager
def own_draws(device: torch.device, seed: int, step: int, rank: int) -> Iterator[None]:
    """Let torch's global generators draw what belongs to (seed, step, rank); nobody else's draws are moved."""
    key = np.random.SeedSequence(seed, spawn_key=(_DROPOUT, step, rank))
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(int(key.generate_state(1, np.uint64)[0] >> 1))
        yield
