"""Work in blocks that stay in a core's cache, so that no step of a calculation goes through memory.

On a CPU a temporary of several megabytes costs more to map than to fill: in blocks the convolution's backward takes a
third of the time (docs/benchmarks.md). A GPU wants the opposite, few large operations, and gets one block.
"""

from __future__ import annotations

import torch
from torch import Tensor

_BLOCK_VALUES = 1 << 18  # a megabyte of float32: with its neighbours it fits the second cache level


def cut_rows(n_rows: int, values_per_row: int, like: Tensor) -> list[slice]:
    """Return slices that cover ``n_rows``, each about a block of values (per thread) on a CPU, else only one."""
    if like.device.type != "cpu":
        return [slice(0, n_rows)]
    step = max(1, _BLOCK_VALUES * torch.get_num_threads() // max(1, values_per_row))
    return [slice(start, min(start + step, n_rows)) for start in range(0, n_rows, step)]
