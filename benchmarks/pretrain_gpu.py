"""The blocks of pretraining on a GPU, beside mamba-ssm's kernels; where there is no GPU, a row that says so."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

import torch
from pretrain_peers import HEADDIM, STATES, WIDTH, HfMixer, block_step, make_block
from torch import nn

from eeg_kedro.models.scan_backend import choose_backend

Row = tuple[str, str, str, str]
REPEATS = 20  # steps between two looks at the clock: one alone is mostly the launch
SHAPES = ((32, 124), (512, 124), (16, 1024), (2, 8192))


def measure_gpu(rounds: int) -> list[Row]:
    """Race ours in torch, ours on mamba-ssm's scan, and the peers, in float32 and bfloat16."""
    if not torch.cuda.is_available():
        return [("the same blocks on a GPU, vs mamba-ssm's kernels", "", "", "not measured")]
    kernels = choose_backend("auto", "cuda")
    rows: list[Row] = [("scan on the GPU", "", "", f"{kernels.name}: {kernels.reason}")]
    for batch, n_tokens in SHAPES:
        blocks = _blocks(n_tokens, kernels.name == "mamba_ssm")
        for precision in (torch.float32, torch.bfloat16):
            rows.append(_race_row(blocks, batch, n_tokens, precision, rounds))
    return rows


def _blocks(n_tokens: int, has_kernels: bool) -> dict[str, nn.Module]:
    """Make the candidates, all with the same weights."""
    ours = make_block().cuda()
    blocks: dict[str, nn.Module] = {"ours": ours, "HF": HfMixer(ours).cuda()}
    if n_tokens < 256:
        blocks["HF, chunk = T"] = HfMixer(ours, n_tokens).cuda()
    if has_kernels:
        scanned, official = make_block(backend="mamba_ssm").cuda(), _official().cuda()
        for block in (scanned, official):
            block.load_state_dict(ours.state_dict())
        blocks |= {"ours, their scan": scanned, "mamba-ssm": official}
    return blocks


def _official() -> nn.Module:
    from mamba_ssm.modules.mamba2 import Mamba2

    # the other path needs causal-conv1d, which has to be compiled
    block: nn.Module = Mamba2(WIDTH, d_state=STATES, headdim=HEADDIM, use_mem_eff_path=False)
    return block


def _race_row(
    blocks: Mapping[str, nn.Module], batch: int, n_tokens: int, precision: torch.dtype, rounds: int
) -> Row:
    steps = {name: block_step(block, batch, n_tokens, "cuda", precision) for name, block in blocks.items()}
    failed = {name: reason for name, step in steps.items() if (reason := _failure(step))}
    steps = {name: step for name, step in steps.items() if name not in failed}
    taken = _race_cuda(steps, rounds)
    peaks = {name: _peak_megabytes(step) for name, step in steps.items()}
    told = [f"{name} {1000 * taken[name]:.2f} ms, {peaks[name]:.0f} MB" for name in steps]
    told += [f"{name} failed: {reason}" for name, reason in failed.items()]
    kind = str(precision).removeprefix("torch.")
    return f"GPU: block, forward + backward, T={n_tokens}, B={batch}, {kind}", "", "", "; ".join(told)


def _failure(step: Callable[[], Any]) -> str:
    """Try a step once; a peer whose kernels do not run here must not take the table with it."""
    try:
        step()
    except Exception as error:  # noqa: BLE001 (kernels fail in ways of their own)
        return type(error).__name__
    return ""


def _race_cuda(steps: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Give the median seconds of a step; they take turns, and the clock waits for the GPU."""
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(rounds + 2):
        for name, step in steps.items():
            torch.cuda.synchronize()
            start = time.perf_counter()
            for _ in range(REPEATS):
                step()
            torch.cuda.synchronize()
            if turn >= 2:  # before that kernels are chosen and compiled
                seconds[name].append((time.perf_counter() - start) / REPEATS)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def _peak_megabytes(step: Callable[[], Any]) -> float:
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    step()
    return (torch.cuda.max_memory_allocated() - before) / 2**20
