"""Pretraining: block, train step and memory against transformers' Mamba2Mixer and nn.TransformerEncoder; the data path.

usage: OMP_NUM_THREADS=1 python benchmarks/pretrain.py [--rounds 7]

One process, candidates in turns, one thread, CPU time, medians (some six minutes). Both sides have the same weights
and see the same input. Two ranks are measured only while two cores are free; a GPU only where there is one.
"""

from __future__ import annotations

import argparse
import copy
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import torch
from pretrain_data import measure_assembly, measure_ranks
from pretrain_gpu import measure_gpu
from pretrain_peers import (
    WIDTH,
    HfMixer,
    block_step,
    make_block,
    make_model,
    make_transformer_layer,
    recur,
    train_step,
)
from timing import race
from torch import Tensor

from eeg_kedro.training.precision import has_bfloat16

Row = tuple[str, str, str, str]
CPU = torch.device("cpu")
SHORT = 124  # tokens of 8 s in a recording of 17 minutes
PEERS = {"hf": "HF as it comes", "hf, chunk = T": "HF with chunk = T", "transformer": "Transformer"}


def measure_blocks(rounds: int) -> list[Row]:
    """Race forward and backward of one block at three lengths."""
    rows: list[Row] = []
    for batch, n_tokens in ((32, SHORT), (4, 1024), (1, 8192)):
        block, short = make_block(), n_tokens == SHORT
        candidates = {
            "ours": block_step(block, batch, n_tokens),
            "hf": block_step(HfMixer(block), batch, n_tokens),
            "transformer": block_step(make_transformer_layer(), batch, n_tokens),
        }
        if short:
            candidates["hf, chunk = T"] = block_step(HfMixer(block, SHORT), batch, n_tokens)
        taken = race(candidates, rounds if n_tokens < 8192 else max(3, rounds // 2))
        what = f"block, forward + backward, T={n_tokens}, B={batch}"
        goals = {"hf": (">= 5x", "8x"), "hf, chunk = T": (">= 1.8x", "2.2x")}
        if not short:
            goals = {
                "hf": (">= 2.2x", "3x"),
                "transformer": (">= 5x", "7x") if n_tokens == 8192 else ("", ""),
            }
        rows += _against(what, taken, goals)
    return rows


def measure_steps(rounds: int) -> list[Row]:
    """Race the whole train step of six layers: projection, blocks, head, masked error, fused AdamW."""
    models = {
        "ours": make_model("ours"),
        "hf": make_model("hf"),
        "hf, chunk = T": make_model("hf", chunk=SHORT),
        "transformer": make_model("transformer"),
    }
    taken = race({name: train_step(model, 16, SHORT) for name, model in models.items()}, rounds)
    goals = {"hf": (">= 4x", "5.5x"), "hf, chunk = T": (">= 1.7x", "2x")}
    return _against("6-layer train step, T=124, B=16, tokens of 2048", taken, goals)


def _against(what: str, taken: dict[str, float], goals: dict[str, tuple[str, str]]) -> list[Row]:
    """Give a row for each peer; those without a goal stand there for the reader."""
    mine = taken["ours"]
    return [
        (f"{what}, vs {PEERS[peer]}", *goals.get(peer, ("", "")),
         f"{taken[peer] / mine:.2f}x ({1000 * taken[peer]:.0f} / {1000 * mine:.0f} ms)")
        for peer in PEERS if peer in taken
    ]  # fmt: skip


def measure_directions(rounds: int) -> list[Row]:
    """Tell what the two-way forms cost beside the causal one."""
    steps = {
        direction: train_step(make_model("ours", direction=direction), 16, SHORT)
        for direction in ("causal", "alternate", "bidirectional")
    }
    taken = race(steps, rounds)
    cost = {name: f"{value / taken['causal']:.2f}" for name, value in taken.items()}
    found = f"{cost['alternate']}x, {cost['bidirectional']}x"
    return [("6-layer train step, alternate and bidirectional, vs causal (time)", "", "", found)]


def measure_bfloat16(rounds: int) -> list[Row]:
    """Race the block under bfloat16 autocast against float32."""
    what = "block, T=124, B=32, bfloat16 autocast vs float32"
    if not has_bfloat16(CPU):
        return [(what, "", "", "not measured: this CPU has no bfloat16")]
    exact = block_step(make_block(), 32, SHORT)
    rounded = block_step(make_block(), 32, SHORT, precision=torch.bfloat16)
    taken = race({"float32": exact, "bfloat16": rounded}, rounds)
    error = _off_by(rounded().float(), exact())
    return [(what, "", "", f"{taken['float32'] / taken['bfloat16']:.2f}x, output off by {error:.1e} of max")]


def measure_numbers() -> list[Row]:
    """Compare outputs with HF's, and gradients with those of a float64 recurrence."""
    block = make_block()
    peer, worst = HfMixer(block), 0.0
    for n_tokens in (1, 2, 63, 64, 65, SHORT, 257, 1024):
        inputs = torch.randn(2, n_tokens, WIDTH, generator=torch.Generator().manual_seed(n_tokens))
        with torch.no_grad():
            worst = max(worst, _off_by(block(inputs), peer(inputs)))
    off = max(_gradient_errors(n_tokens) for n_tokens in (SHORT, 300))
    return [
        ("forward vs HF, eight lengths from 1 to 1024, largest difference", "<= 1e-5 of max", "", f"{worst:.1e}"),
        ("gradients vs float64 recurrence, T=124 and 300, worst parameter", "<= 1e-4 of max", "", f"{off:.1e}"),
    ]  # fmt: skip


def _gradient_errors(n_tokens: int) -> float:
    block = make_block()
    exact = copy.deepcopy(block).double()
    generator = torch.Generator().manual_seed(3)
    inputs, grad = (torch.randn(2, n_tokens, WIDTH, generator=generator) for _ in range(2))
    block(inputs.requires_grad_()).backward(grad)
    precise = inputs.detach().double().requires_grad_()
    recur(exact, precise).backward(grad.double())  # type: ignore[no-untyped-call]
    pairs = [(inputs, precise), *zip(block.parameters(), exact.parameters(), strict=True)]
    return max(_off_by(_grad(mine), _grad(theirs)) for mine, theirs in pairs)


def _grad(tensor: Tensor) -> Tensor:
    if tensor.grad is None:
        raise RuntimeError("a parameter without a gradient")
    return tensor.grad


def _off_by(found: Tensor, expected: Tensor) -> float:
    return float((found - expected).abs().max() / expected.abs().max())


def measure_memory(kinds: Sequence[str] = ("ours", "hf", "hf, chunk = T", "transformer")) -> list[Row]:
    """Let each model take one step in a process of its own, and see by how much it grows."""
    grown = {}
    for kind in kinds:
        command = [sys.executable, __file__, "--memory", kind]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        grown[kind] = float(done.stdout.split()[-1])
    goals = {"hf": ("<= 1/3", "1/5")}
    return [
        (f"peak memory of a 6-layer step, T=124, B=16, of that of {PEERS[peer]}", *goals.get(peer, ("", "")),
         f"1/{grown[peer] / grown['ours']:.1f} ({grown['ours']:.0f} / {grown[peer]:.0f} MB)")
        for peer in kinds[1:]
    ]  # fmt: skip


def print_growth(kind: str) -> None:
    """Print by how many megabytes the first large step makes this process grow."""
    name, _, chunk = kind.partition(", ")
    model = make_model(name, chunk=SHORT) if chunk else make_model(name)
    step = train_step(model, 16, SHORT)
    train_step(model, 1, 2)()  # libraries are loaded, threads are there
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # the peak so far is forgotten
    before = _status("VmRSS")
    step()
    print(_status("VmHWM") - before)


def _status(name: str) -> float:
    """Read a line of this process' status, MB; ru_maxrss would count the process that started this one."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines[name].split()[0]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--memory", help=argparse.SUPPRESS)
    parser.add_argument(
        "--only", nargs="*", help="blocks, steps, directions, bfloat16, numbers, memory, data, ranks, gpu"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.memory:
        print_growth(arguments.memory)
        return
    print("| same weights, same input | must | stretch | measured |\n|---|---|---|---|")
    for name, measure in _measures(arguments.rounds).items():
        if arguments.only is None or name in arguments.only:
            for row in measure():
                print("| " + " | ".join(row) + " |", flush=True)


def _measures(rounds: int) -> dict[str, Callable[[], list[Row]]]:
    def in_folder(measure: Callable[[Path], list[Row]]) -> list[Row]:
        with tempfile.TemporaryDirectory() as folder:
            return measure(Path(folder))

    return {
        "blocks": lambda: measure_blocks(rounds),
        "steps": lambda: measure_steps(rounds),
        "directions": lambda: measure_directions(rounds),
        "memory": measure_memory,
        "numbers": measure_numbers,
        "bfloat16": lambda: measure_bfloat16(rounds),
        "data": lambda: in_folder(measure_assembly),
        "ranks": lambda: in_folder(measure_ranks),
        "gpu": lambda: measure_gpu(rounds),
    }


if __name__ == "__main__":
    main()
