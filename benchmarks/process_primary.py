"""EDF to window parquet against a plain MNE script: speed, memory and size, printed as one table.

Run as ``python benchmarks/process_primary.py`` from the project's root (some three minutes, 2 GB of temporary
disk). Everything is timed by taking turns in one process, one thread for linear algebra, medians of CPU time;
only the row about workers is wall time. This project's side also fingerprints the source, masks flat channels
and re-references; the script's side does not.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import mne
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from recordings import make_samples, write_recording
from threadpoolctl import threadpool_limits
from timing import race, spin_control

from eeg_kedro.datasets import ParallelPartitionedDataset, WindowParquetDataset
from eeg_kedro.io.edf_header import read_edf_header
from eeg_kedro.io.edf_samples import read_edf
from eeg_kedro.io.samples import open_samples
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.window_parquet import WindowJob, WindowOptions, cut_windows, read_signal
from eeg_kedro.signal.channels import plan_channels
from eeg_kedro.signal.cleaning import CleanOptions, clean_recording
from eeg_kedro.signal.filters import design_filter, filter_resample

HOUR = 3600
LENGTH = 2048
L_FREQ, H_FREQ, LINE = 0.5, 50.0, 60.0
# what the script on the other side does: filter, notch, resample; `clean.py` measures the whole chain
STEPS = ("pops", "bad_channels", "ica", "drift", "wavelet", "quality")
CORE = {step: {"enabled": False} for step in STEPS} | {"notch": (LINE,), "excerpt_minutes": 1.0}
Row = tuple[str, str, str]


def mne_filter(x: NDArray[np.float64], sfreq: float, sfreq_out: float) -> NDArray[np.float64]:
    """Make MNE's three calls on a recording that must not be changed."""
    raw = mne.io.RawArray(x, mne.create_info(len(x), sfreq, "eeg"), copy="both")
    raw.filter(L_FREQ, H_FREQ)
    raw.notch_filter(LINE)
    if sfreq_out != sfreq:
        raw.resample(sfreq_out)
    samples: NDArray[np.float64] = raw.get_data()
    return samples


def mne_script(edf: Path, out: Path, sfreq: float = 256.0) -> None:
    """Do what a practitioner writes: read, filter, notch, resample, robust scale, window, write."""
    raw = mne.io.read_raw_edf(edf, preload=True)
    raw.filter(L_FREQ, H_FREQ)
    raw.notch_filter(LINE)
    if raw.info["sfreq"] != sfreq:
        raw.resample(sfreq)
    raw.apply_function(robust_scale)
    epochs = mne.make_fixed_length_epochs(raw, duration=LENGTH / sfreq, preload=True)
    windows = epochs.get_data(copy=False).astype(np.float32)
    seconds = LENGTH / sfreq
    rows = [
        {
            "window_start": i * seconds,
            "window_end": (i + 1) * seconds,
            **dict(zip(raw.ch_names, window, strict=True)),
        }
        for i, window in enumerate(windows[:, :, :LENGTH])
    ]
    pd.DataFrame(rows).to_parquet(out, index=False)


def robust_scale(x: NDArray[np.float64]) -> NDArray[np.float64]:
    median = np.median(x)
    spread = 1.4826 * np.median(np.abs(x - median)) + 1e-12
    scaled: NDArray[np.float64] = np.clip((x - median) / spread, -20, 20)
    return scaled


def plan_task(edf: Path, options: WindowOptions | None = None) -> Callable[[], WindowJob]:
    """Plan one recording as the pipelines `clean` and `window` do."""
    file = SourceFile(str(edf.parent), edf.name)
    header = read_edf_header(file)
    rates = [header.sfreq(i) for i in range(len(header.signals))]
    plan = plan_channels([s.label for s in header.signals], [s.dimension for s in header.signals], rates)
    sfreq = rates[plan.picks[0]]
    row = {
        "participant": "bench", "run": "01", "ch_names": list(plan.ch_names), "sfreq": sfreq,
        "n_times": header.n_times(plan.picks[0]), "reference": plan.reference, "montage": plan.montage,
        "missing_channels": list(plan.missing),
    }  # fmt: skip
    opener = partial(open_samples, file, "edf", plan.picks, sfreq)
    clean = partial(clean_recording, opener, row, CleanOptions.model_validate(CORE))
    return partial(cut_windows, clean, options or WindowOptions(window_length=LENGTH))


def process(edf: Path, out: Path, options: WindowOptions | None = None) -> None:
    """Do what a worker of ``process_primary`` does with one recording."""
    plan_task(edf, options)().write(out)


def process_many(edf: Path, folder: Path, n_recordings: int, n_workers: int) -> float:
    """Process one recording under many names through the project's dataset; give the wall seconds."""
    with tempfile.TemporaryDirectory(dir=folder) as out:
        dataset = ParallelPartitionedDataset(
            path=out, dataset=WindowParquetDataset, executor={"kind": "loky", "max_workers": n_workers}
        )
        start = time.perf_counter()
        dataset.save({f"bench_{i:02d}": plan_task(edf) for i in range(n_recordings)})
        return time.perf_counter() - start


def bench_filter(sfreq_out: float, must: str) -> Row:
    x = make_samples(HOUR, 256)
    x32, design = x.astype(np.float32), design_filter(256, sfreq_out, L_FREQ, H_FREQ, (LINE,))
    taken = race(
        {"mne": lambda: mne_filter(x, 256, sfreq_out), "ours": lambda: filter_resample(x32, design)}, 3
    )
    expected, found = mne_filter(x32.astype(float), 256, sfreq_out), filter_resample(x32, design)
    return f"filter + notch + resample, 256 -> {sfreq_out:g} Hz", must, (
        f"{speed(taken)}, relative rms {error(found, expected):.1e}"
    )  # fmt: skip


def bench_read(edf: Path) -> Row:
    file, picks = SourceFile(str(edf.parent), edf.name), range(21)
    taken = race(
        {
            "mne": lambda: mne.io.read_raw_edf(edf, preload=True)._data.astype(np.float32),
            "ours": lambda: read_edf(file, picks),
        },
        9,
    )
    return "EDF -> float32, 1 h", ">= 3x", speed(taken)


def bench_chain(edf: Path, folder: Path, title: str, must: str) -> Row:
    taken = race(
        {
            "mne": lambda: mne_script(edf, folder / "mne.parquet"),
            "ours": lambda: process(edf, folder / "ours.parquet"),
        },
        5,
    )
    return f"EDF -> window parquet, 1 h, {title}", must, speed(taken)


def bench_memory(edf: Path, folder: Path, title: str) -> Row:
    command = [sys.executable, __file__, "--worker", str(edf), str(folder / "worker.parquet")]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return f"peak memory of a worker, {title}", "<= 500 MB", f"{float(done.stdout.split()[-1]):.0f} MB"


def bench_size(edf: Path, folder: Path) -> list[Row]:
    lossless, default = folder / "lossless.parquet", folder / "default.parquet"
    process(edf, lossless, WindowOptions(mantissa_bits=23))
    process(edf, default)
    expected, found = read_signal(lossless)[0], read_signal(default)[0]
    small, whole = default.stat().st_size / expected.nbytes, lossless.stat().st_size / expected.nbytes
    return [
        ("size of raw float32, default", "<= 0.5 at 2e-4", f"{small:.2f} at {error(found, expected):.1e}"),
        ("size of raw float32, lossless", "<= 0.85", f"{whole:.2f}"),
    ]


def bench_workers(edf: Path, folder: Path, n_recordings: int = 24) -> Row:
    before = spin_control()
    one, two = (process_many(edf, folder, n_recordings, n) for n in (1, 2))
    after = spin_control()
    work = f"2 workers against 1, {n_recordings} recordings (wall, start of processes included)"
    found = (
        f"{one / two:.2f}x ({one:.1f} s / {two:.1f} s); spin control {before:.2f} before, {after:.2f} after"
    )
    return work, ">= 1.6x where the control shows >= 1.8", found


def speed(taken: dict[str, float]) -> str:
    return f"{taken['mne'] / taken['ours']:.1f}x ({taken['mne']:.2f} s / {taken['ours']:.3f} s)"


def error(found: NDArray[Any], expected: NDArray[Any]) -> float:
    difference = found.astype(np.float64) - expected
    return float(np.sqrt(np.mean(difference**2) / np.mean(expected.astype(np.float64) ** 2)))


def run_worker(edf: Path, out: Path) -> None:
    process(edf, out)
    # the peak of this program alone: ru_maxrss would still hold that of the process it was started from
    status = Path("/proc/self/status").read_text().splitlines()
    print(next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024)


def measure(folder: Path) -> list[Row]:
    hour = write_recording(folder / "hour.edf", HOUR, 256)
    fast = write_recording(folder / "hour_512.edf", HOUR, 512)
    rows = [bench_filter(200, ">= 10x, <= 1e-5"), bench_filter(256, ">= 7x, <= 1e-5"), bench_read(hour)]
    rows += [
        bench_chain(hour, folder, "256 Hz", ">= 3x"),
        bench_chain(fast, folder, "512 -> 256 Hz", ">= 6x"),
    ]
    rows += bench_size(hour, folder)
    rows.append(bench_memory(hour, folder, "1 h"))
    rows.append(bench_workers(hour, folder))
    day = write_recording(folder / "day.edf", HOUR, 256, repeats=24)
    rows.append(bench_memory(day, folder, "24 h"))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worker", nargs=2, type=Path, metavar=("EDF", "OUT"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    mne.set_log_level("ERROR")
    with threadpool_limits(1):
        if arguments.worker:
            run_worker(*arguments.worker)
            return
        with tempfile.TemporaryDirectory() as folder:
            rows = measure(Path(folder))
    print("| work | must | measured (MNE / ours, CPU) |\n|---|---|---|")
    print("\n".join(f"| {work} | {must} | {found} |" for work, must, found in rows))


if __name__ == "__main__":
    main()
