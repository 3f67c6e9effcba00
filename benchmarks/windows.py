"""Windows for training: shuffled batches, sequences, the materialised set, and what they cost on disk.

usage: OMP_NUM_THREADS=1 python benchmarks/windows.py [rounds=5]

Everything takes turns in one process, one thread, CPU time, medians (some four minutes, 3 GB of temporary disk).
The peers: npz files opened per item as in seed 002, parquet as pandas writes it, a float32 memmap, and Hugging
Face datasets, which needs the extra ``bench``. Ours also hands out labels and the mask of valid channels.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from timing import race
from window_corpus import LENGTH, NAMES, SFREQ, WindowCorpus, batches_of, write_corpus

from eeg_kedro.sampling.categories import CategorizeOptions
from eeg_kedro.sampling.manifest import build_manifest
from eeg_kedro.sampling.orders.batches import SeekableBatches
from eeg_kedro.sampling.orders.permutations import row_group_blocks
from eeg_kedro.sampling.sequences.loading import make_loader
from eeg_kedro.sampling.sequences.window_sequences import WindowSequences
from eeg_kedro.sampling.windows.materialise import MaterialiseOptions, plan_materialised
from eeg_kedro.sampling.windows.materialised import MaterialisedWindows
from eeg_kedro.sampling.windows.recorded_windows import RecordedWindows
from eeg_kedro.sampling.windows.window_reader import WindowReader

BATCH, GROUP = 64, 16 * LENGTH
LONGEST = 1  # the run of 60 min
Row = tuple[str, str, str]
Epoch = Callable[[], int]  # hands out batches, tells how many windows


def npz_epoch(corpus: WindowCorpus, n: int = 4) -> Epoch:
    """Open the file for each window, as the seed's Dataset does; a few are enough to time it."""
    rng = np.random.default_rng(0)

    def run() -> int:
        for position in rng.integers(0, sum(corpus.sizes), n):
            file, row = corpus.place(int(position))
            torch.from_numpy(np.load(corpus.path(file, "npz"))["windows"][row])
        return n

    return run


def pandas_epoch(corpus: WindowCorpus, n: int = 4) -> Epoch:
    """Decode the row group of a file that pandas wrote, for each window."""
    import pyarrow.parquet as pq

    rng = np.random.default_rng(0)

    def run() -> int:
        for position in rng.integers(0, sum(corpus.sizes), n):
            file, row = corpus.place(int(position))
            table = pq.read_table(corpus.path(file, "default.parquet"), use_threads=False)
            torch.from_numpy(np.stack([np.asarray(column[row].values) for column in table.columns]))
        return n

    return run


def memmap_epoch(corpus: WindowCorpus) -> Epoch:
    """Gather batches from float32 memmaps, one per recording: no labels, no mask."""
    maps = [np.load(corpus.path(run, "npy"), mmap_mode="r") for run in range(len(corpus.sizes))]
    places = [corpus.place(i) for i in range(sum(corpus.sizes))]

    def run() -> int:
        n = 0
        for batch in batches_of(np.random.default_rng(0).permutation(len(places)), BATCH):
            out = torch.empty((BATCH, len(NAMES), LENGTH))
            view = out.numpy()
            for i, position in enumerate(batch):
                file, row = places[position]
                view[i] = maps[file][row]
            n += BATCH
        return n

    return run


def hf_epoch(corpus: WindowCorpus) -> Epoch | None:
    """Take batches from Arrow files through Hugging Face datasets; None where it is not installed."""
    try:
        import datasets
    except ImportError:
        return None
    datasets.disable_progress_bars()
    parts = [datasets.Dataset.from_file(str(corpus.path(run, "arrow"))) for run in range(len(corpus.sizes))]
    table = datasets.concatenate_datasets(parts).with_format("numpy", columns=[*NAMES])

    def run() -> int:
        n = 0
        for batch in batches_of(np.random.default_rng(0).permutation(len(table)), BATCH):
            found = table[batch.tolist()]
            torch.from_numpy(np.stack([found[name] for name in NAMES], 1))
            n += BATCH
        return n

    return run


def loader_epoch(dataset: WindowSequences, blocks: NDArray[np.intp] | None = None) -> Epoch:
    """Take one epoch after another from our loader."""
    batches = SeekableBatches(len(dataset), BATCH, blocks=blocks)
    epochs: Iterator[int] = iter(range(10**6))

    def run() -> int:
        batches.seek(next(epochs))
        return sum(len(batch["samples"]) for batch in make_loader(dataset, batches))

    return run


def time_batches(corpus: WindowCorpus, rounds: int) -> list[Row]:
    """Race the loaders."""
    manifest, reader = corpus.manifest, WindowReader(corpus.files, ch_names=NAMES)
    source = RecordedWindows(reader, manifest, corpus.events)
    candidates: dict[str, Epoch] = {
        "npz": npz_epoch(corpus),
        "pandas": pandas_epoch(corpus),
        "memmap": memmap_epoch(corpus),
        "stream": loader_epoch(WindowSequences(source), row_group_blocks(manifest, GROUP)),
    }
    for dtype in ("float16", "float32"):
        path = corpus.folder / f"{dtype}.safetensors"
        options = MaterialiseOptions.model_validate({"dtype": dtype, "ch_names": list(NAMES)})
        plan_materialised(manifest, source, options).write(path)
        candidates[dtype] = loader_epoch(WindowSequences(MaterialisedWindows(path)))
    hf = hf_epoch(corpus)
    if hf:
        candidates["hf"] = hf
    counts = {name: work() for name, work in candidates.items()}
    seconds = race(candidates, rounds)
    speed = {name: counts[name] / seconds[name] for name in candidates}
    rows: list[Row] = [
        (f"windows per CPU-second: {name}", "", f"{value:,.0f}") for name, value in speed.items()
    ]
    rows.append(("straight from `prm_windows`, against npz", ">= 500x", _ratio(speed, "stream", "npz")))
    for dtype in ("float16", "float32"):
        what = f"from the materialised set, {dtype}"
        rows.append((f"{what}, against npz", ">= 4,000x", _ratio(speed, dtype, "npz")))
        rows.append((f"{what}, against a float32 memmap", "", _ratio(speed, dtype, "memmap")))
        against = _ratio(speed, dtype, "hf") if hf else "not measured: install the extra `bench`"
        rows.append((f"{what}, against HF datasets", ">= 5x", against))
    rows.append(
        (
            "straight from `prm_windows`, against parquet as pandas writes it",
            "",
            _ratio(speed, "stream", "pandas"),
        )
    )
    return rows


def _ratio(speed: dict[str, float], mine: str, peer: str) -> str:
    return f"{speed[mine] / speed[peer]:,.1f}x"


def time_sequence(corpus: WindowCorpus, rounds: int) -> list[Row]:
    """Read one channel of the 60-minute run as a sequence of windows."""
    channel, n = NAMES[4], corpus.sizes[LONGEST]
    ours, default = corpus.path(LONGEST), corpus.path(LONGEST, "default.parquet")
    warm = WindowReader(corpus.files)

    def stack(path: Path, columns: list[str] | None = None) -> Any:
        return torch.from_numpy(np.stack([*pd.read_parquet(path, columns=columns)[channel]]))

    candidates: dict[str, Callable[[], object]] = {
        "warm": lambda: torch.from_numpy(warm.read_channel(f"p{LONGEST}", "1", channel)),
        "cold": lambda: torch.from_numpy(
            WindowReader(corpus.files).read_channel(f"p{LONGEST}", "1", channel)
        ),
        "pandas": lambda: stack(ours),
        "pandas, its own file": lambda: stack(default),
        "pandas, one column": lambda: stack(ours, [channel]),
    }
    took = race(candidates, rounds)
    return [
        (f"one (run, channel) sequence of {n} windows, {kind} reader, against {peer} ({1000 * took[peer]:.0f} ms)",
         ">= 30x" if peer == "pandas" else "", f"{took[peer] / took[kind]:.1f}x ({1000 * took[kind]:.1f} ms)")
        for kind in ("warm", "cold")
        for peer in ("pandas", "pandas, its own file", "pandas, one column")
    ]  # fmt: skip


def count_bytes(corpus: WindowCorpus, seconds: float = 60.0, n: int = 200) -> list[Row]:
    """Read random 60 s windows, each with a reader of its own, and count what is read."""
    rng, shares, groups = np.random.default_rng(1), [], []
    length = round(seconds * SFREQ)
    for _ in range(n):
        run = int(rng.integers(len(corpus.sizes)))
        n_times = corpus.n_times[run]
        reader = WindowReader(corpus.files, ch_names=NAMES)
        reader.read_samples(f"p{run}", "1", int(rng.integers(n_times - length)), length)
        needed = corpus.path(run).stat().st_size * length / n_times
        shares.append(reader.bytes_read / needed)
        groups.append(reader.groups_read)
        reader.close()
    text = (
        f"median {np.median(shares):.1f}x, most {max(shares):.1f}x; {min(groups)} to {max(groups)} row groups"
    )
    return [
        (
            "random 60 s window, cold, footer included: bytes read of what it needs",
            "<= 5x, one or two row groups",
            text,
        )
    ]


def weigh_views(corpus: WindowCorpus) -> list[Row]:
    """Tell what views that overlap by 75 % add on disk."""
    options = CategorizeOptions.model_validate({"window_seconds": 60.0, "stride_seconds": 15.0})
    dense = CategorizeOptions.model_validate({"window_seconds": 8.0, "stride_seconds": 2.0})
    stored = sum(path.stat().st_size for path in corpus.files.values())
    rows: list[Row] = []
    for name, chosen in (("60 s every 15 s", options), ("8 s every 2 s", dense)):
        table = corpus.folder / "manifest.parquet"
        build_manifest(corpus.recordings, corpus.events, chosen).to_parquet(table, compression="zstd")
        rows.append(
            (f"disk: overlapping views, {name}", "< 1 % more", f"{100 * table.stat().st_size / stored:.3f} %")
        )
    return rows


def time_building(corpus: WindowCorpus, rounds: int) -> list[Row]:
    """Materialise a quarter of the windows, from our parquet and from npz read file by file."""
    manifest = corpus.manifest
    wanted = np.sort(np.random.default_rng(2).choice(len(manifest), len(manifest) // 4, replace=False))
    chosen, places = (
        manifest.iloc[wanted].reset_index(drop=True),
        np.array([corpus.place(int(i)) for i in wanted]),
    )

    def ours(dtype: str) -> None:
        reader = WindowReader(corpus.files, ch_names=NAMES)
        options = MaterialiseOptions.model_validate({"dtype": dtype, "ch_names": list(NAMES)})
        source = RecordedWindows(reader, chosen, corpus.events)
        plan_materialised(chosen, source, options).write(corpus.folder / "quarter.safetensors")

    def from_npz() -> None:
        shape = (len(chosen), len(NAMES), LENGTH)
        out = np.lib.format.open_memmap(corpus.folder / "quarter.npy", "w+", np.float32, shape)
        for run in np.unique(places[:, 0]):
            mine = np.flatnonzero(places[:, 0] == run)
            out[mine] = np.load(corpus.path(int(run), "npz"))["windows"][places[mine, 1]]
        out.flush()

    took = race(
        {"float16": lambda: ours("float16"), "float32": lambda: ours("float32"), "npz": from_npz}, rounds
    )
    return [
        (f"building the materialised set, {dtype}, {len(chosen)} windows, against building it from npz", ">= 3x",
         f"{took['npz'] / took[dtype]:.1f}x ({len(chosen) / took[dtype]:,.0f} windows per CPU-second)")
        for dtype in ("float16", "float32")
    ]  # fmt: skip


START = """
import json, sys, time
import numpy as np, pandas as pd, pyarrow.parquet, torch, torch.utils.data
from eeg_kedro.sampling.draws.balance import BalanceOptions, plan_draws
from eeg_kedro.sampling.orders.batches import SeekableBatches
from eeg_kedro.sampling.categories import TRAINING_COLUMNS
from eeg_kedro.sampling.windows.recorded_windows import RecordedWindows
from eeg_kedro.sampling.sequences.loading import make_loader
from eeg_kedro.sampling.sequences.window_sequences import WindowSequences
from eeg_kedro.sampling.windows.window_reader import WindowReader
folder, file, names = sys.argv[1:]
def memory(name):  # MB; ru_maxrss would count the process that started this one
    lines = dict(line.split(":", 1) for line in open("/proc/self/status"))
    return int(lines[name].split()[0]) / 1024
# warm the libraries up, so that only what grows with the manifest is counted
pd.read_parquet(folder + "/warm.parquet")
before = memory("VmRSS")
wall, cpu = time.perf_counter(), time.process_time()
manifest = pd.read_parquet(folder + "/manifest.parquet", columns=list(TRAINING_COLUMNS))
split, events = (pd.read_parquet(f"{folder}/{name}.parquet") for name in ("split", "events"))
draws = plan_draws(manifest, split, BalanceOptions.model_validate({"redraw": "per_epoch"}))
positions = draws["train"].draw(1)
keys = zip(split["participant"], ["1"] * len(split))
reader = WindowReader({key: file for key in keys}, ch_names=names.split())
source = RecordedWindows(reader, manifest, events)
dataset = WindowSequences(source, positions=positions)
batch = next(iter(make_loader(dataset, SeekableBatches(len(dataset), 4))))
print(json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "drawn": len(positions),
    "shape": list(batch["samples"].shape),
    "mb": memory("VmHWM") - before, "windows": len(manifest)}))
"""


def time_start(corpus: WindowCorpus) -> list[Row]:
    """Start training on a million windows in a process of its own: manifest to first batch."""
    n_times, path = corpus.n_times[LONGEST], corpus.path(LONGEST)
    options = CategorizeOptions.model_validate({"window_seconds": 8.0, "stride_seconds": 1.0})
    people = [f"s{i:03d}" for i in range(10**6 // ((n_times - LENGTH) // SFREQ + 1) + 1)]
    fingerprint = WindowReader(corpus.files).layout(f"p{LONGEST}", "1").fingerprint
    recordings = pd.DataFrame({"participant": people, "run": "1", "sfreq": float(SFREQ), "n_times": n_times})
    recordings = recordings.assign(annotated=True, n_channels=len(NAMES), windows_fingerprint=fingerprint)
    events = pd.DataFrame({"participant": people, "run": "1", "onset": 600.0, "duration": 70.0})
    events = events.assign(label="seiz", kind="seizure")
    manifest = build_manifest(recordings, events, options)
    split = pd.DataFrame({"participant": people, "person": people, "split": "train", "role": "train"})
    for name, table in (
        ("manifest", manifest),
        ("warm", manifest.head(10)),
        ("split", split),
        ("events", events),
    ):
        table.to_parquet(corpus.folder / f"{name}.parquet", compression="zstd")
    command = [sys.executable, "-c", START, str(corpus.folder), str(path), " ".join(NAMES)]
    runs = [
        json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        for _ in range(3)
    ]
    told = sorted(runs, key=lambda one: float(one["wall"]))[1]
    what = f"from a manifest of {told['windows']:,} windows to the first batch (draw of {told['drawn']:,} included)"
    return [
        (
            what,
            "< 2 s, < 300 MB",
            f"{told['wall']:.2f} s ({told['cpu']:.2f} s CPU), {told['mb']:.0f} MB more than the imports",
        )
    ]


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        corpus = write_corpus(Path(folder))
        print(f"{sum(corpus.sizes)} windows of {len(NAMES)} x {LENGTH} in {len(corpus.sizes)} runs\n")
        print("| shuffled batches of 64 x 21 x 2048 float32 | must | measured |\n|---|---|---|")
        for measure in (time_batches, time_sequence, time_building):
            _print(measure(corpus, rounds))
        for look in (count_bytes, weigh_views, time_start):
            _print(look(corpus))


def _print(rows: list[Row]) -> None:
    for row in rows:
        print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
