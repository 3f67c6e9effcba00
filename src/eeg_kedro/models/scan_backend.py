"""Who computes the scan: plain torch, or the kernels of mamba-ssm where there is a GPU that runs them."""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor

from eeg_kedro.errors import ParameterError

# The kernels' own default; their tuning was made for it.
_KERNEL_CHUNK = 256


class ScanBackend(NamedTuple):
    """The chosen backend and, in words, why."""

    name: Literal["torch", "mamba_ssm"]
    reason: str


def choose_backend(asked: str, device: str) -> ScanBackend:
    """Return the backend for a device: mamba-ssm only where it is asked for (or ``auto``) and found to work.

    Raises
    ------
    ParameterError
        If mamba-ssm is asked for and cannot be used, or the name is unknown.
    """
    if asked not in ("auto", "torch", "mamba_ssm"):
        raise ParameterError("no such backend of the scan", value=asked, allowed="auto, torch, mamba_ssm")
    if asked == "torch":
        return ScanBackend("torch", "asked for")
    obstacle = find_obstacle() if device.startswith("cuda") else f"the device is {device}, not cuda"
    if not obstacle:
        return ScanBackend("mamba_ssm", "CUDA is there and its kernels import")
    if asked == "auto":
        return ScanBackend("torch", f"mamba_ssm cannot be used: {obstacle}")
    raise ParameterError(
        f"mamba_ssm cannot be used: {obstacle}",
        value=asked,
        allowed="auto, torch",
        remedy="install it on a machine with CUDA as docs/pipelines/pretrain.md says, or pretrain.encoder.backend=auto",
    )


@cache
def find_obstacle() -> str:
    """Return why the kernels of mamba-ssm cannot be used, or nothing; importable and usable are two things."""
    if not torch.cuda.is_available():
        return "torch finds no CUDA device"
    try:
        load_kernel()
    except (ImportError, OSError, RuntimeError, AttributeError) as error:
        return f"it does not import ({type(error).__name__}: {error})"
    return ""


def load_kernel() -> Any:
    """Import ``mamba_chunk_scan_combined``.

    Release 2.3.2.post1 imports the compiled ``selective_scan_cuda`` on the way, which Mamba-2 never calls: an empty
    module stands in for it while it is missing.
    """
    name = "selective_scan_cuda"
    missing = name not in sys.modules and find_spec(name) is None
    if missing:
        sys.modules[name] = ModuleType(name)
    try:
        return import_module("mamba_ssm.ops.triton.ssd_combined").mamba_chunk_scan_combined
    finally:
        if missing:
            del sys.modules[name]


def scan_with_kernels(
    x: Tensor,
    dt: Tensor,
    A: Tensor,  # noqa: N803 the paper's letters
    B: Tensor,  # noqa: N803
    C: Tensor,  # noqa: N803
    *,
    D: Tensor | None = None,  # noqa: N803
    reverse: bool = False,
) -> Tensor:
    """Return what `eeg_kedro.models.ssd.ssd` returns, computed by the kernels of mamba-ssm; same arguments.

    In reverse, time is flipped as a whole, padding included: flipped padding comes first, but with dt = 0 it adds
    nothing to the state and decays nothing, so the state is still zero where the first valid token finds it.
    """
    kernel = load_kernel()
    if torch.is_autocast_enabled(x.device.type):
        x, B, C = (tensor.to(torch.get_autocast_dtype(x.device.type)) for tensor in (x, B, C))  # noqa: N806
    if reverse:
        x, dt, B, C = (tensor.flip(1) for tensor in (x, dt, B, C))  # noqa: N806
    y: Tensor = kernel(x, dt, A, B, C, _KERNEL_CHUNK, D=D, dt_softplus=False)
    return y.flip(1) if reverse else y
