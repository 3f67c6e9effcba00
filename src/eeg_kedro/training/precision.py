"""In which precision a step is computed: bfloat16 where the hardware has it, float32 everywhere else."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Literal

import torch

from eeg_kedro.errors import ParameterError

Precision = Literal["auto", "float32", "bfloat16"]


def has_bfloat16(device: torch.device) -> bool:
    """Tell whether matrix products in bfloat16 are done by the hardware, not imitated."""
    if device.type == "cuda":
        return torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False)
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name, False) for name in ("avx512_bf16", "amx_bf16", "bf16"))


def choose_precision(asked: Precision, device: torch.device) -> torch.dtype:
    """Return the type of autocast: bfloat16 or float32 (none).

    ``auto`` takes bfloat16 on GPUs only: a CPU that has it gains less, and float32 is what others compare with.

    Raises
    ------
    ParameterError
        If bfloat16 is asked for where the hardware has none.
    """
    if asked == "float32" or (asked == "auto" and device.type != "cuda"):
        return torch.float32
    if has_bfloat16(device):
        return torch.bfloat16
    if asked == "auto":
        return torch.float32
    raise ParameterError(
        f"loop.precision asks for bfloat16, and this {device.type} has none",
        value=asked,
        allowed="auto, float32",
        remedy="set loop.precision to auto",
    )


def autocast(precision: torch.dtype, device: torch.device) -> AbstractContextManager[object]:
    """Return the context of a forward pass in this precision."""
    if precision == torch.float32:
        return nullcontext()
    return torch.autocast(device.type, dtype=precision)
