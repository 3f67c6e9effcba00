"""What it costs to put batches of pretraining together from ``prm_windows``, and what a second process brings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from pretrain_peers import make_model, train_step
from recordings import make_samples
from timing import race, spin_control
from window_corpus import METADATA, NAMES, SFREQ

from eeg_kedro.io.window_parquet import WindowOptions, write_windows
from eeg_kedro.sampling.pretrain_plan import plan_sequences
from eeg_kedro.sampling.windows.window_reader import WindowReader
from eeg_kedro.signal.cleaning import CleanedSignal
from eeg_kedro.signal.electrode_places import place_channels
from eeg_kedro.training.pretrain_options import PretrainOptions
from eeg_kedro.training.token_batches import TokenBatches

Row = tuple[str, str, str, str]
Files = dict[tuple[str, str], Path]
SECONDS, TRAIN, VALIDATION = 992, 6, 1  # 124 tokens of 2048 or 992 of 256; runs
TOKENS = {"seed": 124, "default": 992}


def measure_assembly(folder: Path, rounds: int = 3) -> list[Row]:
    """Race an epoch of batches against the train step they are for, with each preset."""
    files = write_runs(folder)
    return [_assembly_row(files, preset, rounds) for preset in TOKENS]


def _assembly_row(files: Files, preset: str, rounds: int) -> Row:
    """Assemble from files only, as in a corpus larger than memory, and from the cache of earlier epochs."""
    options = PretrainOptions.model_validate({"preset": preset})
    uncached = options.model_copy(update={"cache_megabytes": 0.0})
    plan, epochs = plan_runs(files, options), iter(range(1000))
    warm = TokenBatches(files, plan, "train", options)
    model = make_model("ours", options.token_length, **options.encoder.model_dump(exclude={"backbone"}))
    candidates: dict[str, Callable[[], object]] = {
        "cold": lambda: _exhaust(TokenBatches(files, plan, "train", uncached), 0),
        "warm": lambda: _exhaust(warm, next(epochs)),
        "step": train_step(model, options.loop.batch_size, TOKENS[preset]),
    }
    return _share_row(preset, options, race(candidates, rounds), warm.steps_per_epoch)


def _share_row(preset: str, options: PretrainOptions, taken: dict[str, float], n_batches: int) -> Row:
    parts = []
    for kind in ("cold", "warm"):
        each = taken[kind] / n_batches
        parts.append(f"{100 * each / taken['step']:.1f} % {kind} ({1000 * each:.0f} ms)")
    size = f"{options.loop.batch_size} x {TOKENS[preset]} x {options.token_length}"
    what = f"batch assembly from `prm_windows`, preset {preset}: {size}, of a train step"
    return what, "< 10 %", "", f"{', '.join(parts)} of {1000 * taken['step']:.0f} ms"


def _exhaust(batches: TokenBatches, epoch: int) -> int:
    return sum(len(batch.inputs) for batch in batches.batches(epoch))


def write_runs(folder: Path) -> Files:
    """Write window parquets of 21 channels of noise with the spectrum of EEG, one run per participant."""
    files: Files = {}
    for number in range(TRAIN + VALIDATION):
        samples = make_samples(SECONDS, SFREQ, number).astype(np.float32)
        name, path = f"p{number}", folder / f"p{number}_1.parquet"
        signal = CleanedSignal(name, "1", NAMES, float(SFREQ), samples.shape[1], iter([samples]), METADATA)
        write_windows(signal, path, WindowOptions())
        files[name, "1"] = path
    return files


def plan_runs(files: Files, options: PretrainOptions) -> pd.DataFrame:
    """Plan the sequences; the last participant is for validation."""
    people = [participant for participant, _ in files]
    roles = ["train"] * TRAIN + ["validation"] * VALIDATION
    split = pd.DataFrame({"participant": people, "person": people, "split": roles, "role": roles})
    return plan_sequences(WindowReader(files), split, options, place_channels)


def measure_ranks(folder: Path) -> list[Row]:
    """Compare the tokens per second of two processes with those of one, at the same batch over all."""
    what = "2 processes vs 1, tokens/s (wall), 1 thread each, preset seed"
    before = spin_control()
    if before < 1.8:
        return [(what, "", "", f"not measured: two cores are not free (spin control {before:.2f})")]
    files = write_runs(folder)
    speed = {nproc: _tokens_per_second(files, folder / f"{nproc}", nproc) for nproc in (1, 2)}
    found = f"{speed[2] / speed[1]:.2f}x ({speed[2]:,.0f} / {speed[1]:,.0f})"
    return [(what, "", "", f"{found}; spin control {before:.2f} before, {spin_control():.2f} after")]


def _tokens_per_second(files: Files, store: Path, nproc: int) -> float:
    """Train three epochs and give the speed of the last."""
    from eeg_kedro.training.pretrain_job import PretrainJob
    from eeg_kedro.training.pretraining import pretrain

    asked: dict[str, Any] = {"preset": "seed", "nproc": nproc, "loop": {"epochs": 3, "threads": 1}}
    options = PretrainOptions.model_validate({**asked, "device": "cpu"})
    job = PretrainJob(options, plan_runs(files, options), files, store)
    found = [report.metrics for report in pretrain(job) if report.metrics]
    torch.set_num_threads(1)
    return float(found[-1]["tokens_per_second"])
