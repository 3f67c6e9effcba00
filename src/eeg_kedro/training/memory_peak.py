"""How much memory a process has held at most."""

from __future__ import annotations

import resource

import torch


def peak_memory_megabytes(device: torch.device) -> float:
    """Return the most memory this process has held: on the GPU, or in RAM."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
