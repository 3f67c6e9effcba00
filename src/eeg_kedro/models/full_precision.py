"""What stays in float32 (or float64) under autocast: the scan, its convolution and the statistics of its norm."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def without_autocast(like: Tensor) -> Any:
    """Return a context in which operations on the device of ``like`` keep the precision of their inputs."""
    return torch.autocast(like.device.type, enabled=False)


def in_full(tensor: Tensor) -> Tensor:
    """Return ``tensor`` in float32, or as it is if it is float64 (what gradcheck needs)."""
    return tensor if tensor.dtype in (torch.float32, torch.float64) else tensor.float()
