"""Manifest of 250,000 windows and the balanced set drawn from it, beside the way of the seeds.

usage: OMP_NUM_THREADS=1 python benchmarks/manifest.py [repeats=7]

The seeds label every sample, take a Python mean per window, keep the result as JSON and draw with ``random``.
Candidates run interleaved in one process; CPU time, medians. Each measured call follows one that is not, so
that every candidate is warm and none pays for the memory another has given back.
"""

from __future__ import annotations

import gc
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from eeg_kedro.sampling.categories import CATEGORIES, CategorizeOptions
from eeg_kedro.sampling.draws.balance import BalanceOptions, draw_balanced
from eeg_kedro.sampling.manifest import build_manifest
from eeg_kedro.sampling.splits import SplitOptions, split_participants

SFREQ, LENGTH, STRIDE = 256, 2048, 512  # Hz, samples, samples: 8 s windows, 75 % overlap
N_RUNS, WINDOWS_PER_RUN = 278, 900
N_TIMES = (WINDOWS_PER_RUN - 1) * STRIDE + LENGTH
OPTIONS = CategorizeOptions.model_validate({"window_seconds": 8.0, "stride_seconds": 2.0})
# without held-out persons both ways draw from the same pool
EVERYBODY = SplitOptions.model_validate({"validation": 0.0, "test": 0.0})
BALANCE = BalanceOptions.model_validate({})
BAR_MS = 50.0


def make_corpus() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make the tables of 278 half-hour runs of 93 participants with 0 to 4 seizures each."""
    rng = np.random.default_rng(0)
    names = [(f"p{run // 3:03d}", f"{run % 3:02d}") for run in range(N_RUNS)]
    recordings = pd.DataFrame(names, columns=["participant", "run"]).astype("str")
    recordings = recordings.assign(sfreq=float(SFREQ), n_times=N_TIMES, annotated=True, n_channels=19)
    rows = [
        (*names[run], rng.uniform(0, N_TIMES / SFREQ - 130), rng.uniform(5, 120), "seiz", "seizure")
        for run in range(N_RUNS)
        for _ in range(rng.integers(0, 5))
    ]
    columns = ["participant", "run", "onset", "duration", "label", "kind"]
    return recordings, pd.DataFrame(rows, columns=columns)


def categorize_like_seeds(recordings: pd.DataFrame, events: pd.DataFrame) -> dict[str, list[tuple[int, int]]]:
    """Label every sample and take the mean of each window, as the seeds' notes do."""
    manifest: dict[str, list[tuple[int, int]]] = {name: [] for name in CATEGORIES}
    spans = dict(iter(events.groupby(["participant", "run"])))
    for file, key in enumerate(zip(recordings["participant"], recordings["run"], strict=True)):
        mask = np.zeros(N_TIMES, np.uint8)
        for onset, duration in spans[key][["onset", "duration"]].to_numpy() if key in spans else []:
            mask[int(onset * SFREQ + 0.5) : int((onset + duration) * SFREQ + 0.5)] = 1
        labels = np.lib.stride_tricks.sliding_window_view(mask, LENGTH)[::STRIDE]
        for window in range(len(labels)):
            ratio = (labels[window] > 0).mean()
            name = CATEGORIES[0] if ratio == 0 else CATEGORIES[2] if ratio > 0.99 else CATEGORIES[1]
            manifest[name].append((file, window))
    return manifest


def balance_like_seeds(path: Path) -> list[tuple[int, int]]:
    """Load the JSON manifest and draw from its lists."""
    none, partial, full = (json.loads(path.read_text())[name] for name in CATEGORIES)
    chosen = list(partial)
    chosen += random.sample(full, min(len(full), int(0.3 * len(partial))))
    chosen += random.sample(none, min(len(none), int(2.5 * len(partial))))
    random.shuffle(chosen)
    return chosen


def race(candidates: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Return the median CPU time (ms) of each candidate's second call, taking turns."""
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(repeats):
        for name, work in candidates.items():
            work()
            gc.collect()
            begin = time.process_time()
            work()
            seconds[name].append(time.process_time() - begin)
    return {name: 1000 * statistics.median(values) for name, values in seconds.items()}


def main() -> None:
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    recordings, events = make_corpus()
    manifest = build_manifest(recordings, events, OPTIONS)
    split = split_participants(None, manifest, EVERYBODY)
    with tempfile.TemporaryDirectory() as folder:
        table, notes = Path(folder, "window_manifest.parquet"), Path(folder, "manifest.json")
        manifest.to_parquet(table, index=False)
        notes.write_text(json.dumps(categorize_like_seeds(recordings, events)))
        ours = draw_balanced(pd.read_parquet(table), split, BALANCE).windows
        shuffled = manifest.sample(frac=1, random_state=0)
        took = race(
            {
                "manifest": lambda: build_manifest(recordings, events, OPTIONS),
                "manifest, seeds": lambda: categorize_like_seeds(recordings, events),
                "balanced": lambda: draw_balanced(pd.read_parquet(table), split, BALANCE),
                "balanced, seeds": lambda: balance_like_seeds(notes),
                "balanced, any order": lambda: draw_balanced(shuffled, split, BALANCE),
                "split": lambda: split_participants(None, manifest, EVERYBODY),
            },
            repeats,
        )
        sizes = {path: path.stat().st_size / 1e6 for path in (table, notes)}
    print(
        f"{len(manifest):,} windows of {N_RUNS} runs, {len(events)} seizures; CPU ms, median of {repeats}\n"
    )
    print("| work | must | ours | the seeds' way | ratio |\n|---|---|---|---|---|")
    for name, text in (
        ("manifest", "manifest from annotations"),
        ("balanced", f"balanced set of {len(ours):,}, parquet read included"),
    ):
        mine, peer = took[name], took[f"{name}, seeds"]
        print(f"| {text} | < {BAR_MS:.0f} ms | {mine:.1f} ms | {peer:.0f} ms | {peer / mine:.0f}x |")
    print(f"| balanced set, rows shuffled, in memory | | {took['balanced, any order']:.1f} ms | | |")
    print(f"| participant split from the manifest | | {took['split']:.1f} ms | | |")
    mine, peer = sizes[table], sizes[notes]
    print(f"| manifest on disk | | {mine:.2f} MB | {peer:.1f} MB | {peer / mine:.0f}x |")


if __name__ == "__main__":
    main()
