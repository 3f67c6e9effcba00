"""The whole cleaning chain against MNE scripts that do the same steps: speed, memory, blinks; one table.

Run as ``python benchmarks/clean.py`` from the project's root (some ten minutes, most of them MNE's FastICA;
2 GB of temporary disk). Candidates take turns in one process, one thread for linear algebra, medians of CPU
time. The recording is an hour of fabricated EEG (`recordings.make_clinical`): eyes, heart, muscle, pops,
seizures, mains, P3 flat, T6 noisy. Everyone starts at the EDF and ends at a window parquet.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
import warnings
from functools import partial
from pathlib import Path
from typing import Any

import mne
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from process_primary import LENGTH, robust_scale
from recordings import ELECTRODES, make_clinical, make_samples, plan_clinical, write_samples
from threadpoolctl import threadpool_limits
from timing import race

from eeg_kedro.io.edf_header import read_edf_header
from eeg_kedro.io.samples import open_samples
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.window_parquet import WindowOptions, cut_windows, read_signal, read_window_metadata
from eeg_kedro.signal.channels import plan_channels
from eeg_kedro.signal.cleaning import CleanOptions, clean_recording

HOUR, SFREQ, LINE = 3600, 256, 60.0
WITHOUT_ICLABEL = {"ica": {"label": "rules"}}
Row = tuple[str, str, str]


def mne_script(edf: Path, out: Path, method: str = "fastica", iclabel: bool = False) -> mne.io.BaseRaw:
    """Do what a practitioner writes; ``method`` is MNE's default or ``picard`` tuned as an expert does."""
    raw = read_mne(edf)
    raw.notch_filter(LINE)
    raw.filter(0.5, 50.0)
    raw.info["bads"] = mne.preprocessing.find_bad_channels_lof(raw, n_neighbors=6)
    raw.set_eeg_reference("average")
    ica = fit_mne(raw.copy().filter(1.0, None), method)
    ica.exclude = find_mne(ica, raw, iclabel)
    ica.apply(raw)
    if raw.info["bads"]:
        raw.interpolate_bads()
    raw.apply_function(denoise)
    raw.apply_function(robust_scale)
    write_mne(raw, out)
    return raw


def read_mne(edf: Path) -> mne.io.BaseRaw:
    raw = mne.io.read_raw_edf(edf, preload=True)
    known = {name.upper(): name for name in montage().ch_names}
    raw.rename_channels({label: known[label[4:].removesuffix("-REF")] for label in raw.ch_names})
    return raw.set_montage(montage())


def montage() -> Any:
    names = mne.channels.get_builtin_montages()
    found = next(n for n in ("colin27_1020", "standard_1020") if n in names)
    return mne.channels.make_standard_montage(found)


def fit_mne(raw: mne.io.BaseRaw, method: str) -> mne.preprocessing.ICA:
    tuned: dict[str, Any] = {"fit_params": {"ortho": True, "extended": True}} if method == "picard" else {}
    if method == "infomax":
        tuned = {"fit_params": {"extended": True}}
    ica = mne.preprocessing.ICA(n_components=0.99, method=method, random_state=97, max_iter="auto", **tuned)
    return ica.fit(raw, decim=None if method == "fastica" else 8)


def find_mne(ica: mne.preprocessing.ICA, raw: mne.io.BaseRaw, iclabel: bool) -> list[int]:
    eyes, _ = ica.find_bads_eog(raw, ch_name=["Fp1", "Fp2"])
    muscle, _ = ica.find_bads_muscle(raw)
    if iclabel:
        from mne_icalabel.iclabel import iclabel_label_components

        iclabel_label_components(raw, ica, backend="onnx")
    return sorted({*eyes, *muscle})


def denoise(x: NDArray[np.float64]) -> NDArray[np.float64]:
    import pywt

    coefficients = pywt.wavedec(x, "sym8", level=5)
    limit = np.median(np.abs(coefficients[-1])) / 0.6745 * np.sqrt(2 * np.log(len(x)))
    shrunk = [coefficients[0], *(pywt.threshold(c, limit, "soft") for c in coefficients[1:])]
    result: NDArray[np.float64] = pywt.waverec(shrunk, "sym8")[: len(x)]
    return result


def write_mne(raw: mne.io.BaseRaw, out: Path) -> None:
    seconds = LENGTH / raw.info["sfreq"]
    windows = mne.make_fixed_length_epochs(raw, duration=seconds, preload=True).get_data(copy=False)
    rows = [
        {"window_start": i * seconds, **dict(zip(raw.ch_names, window[:, :LENGTH], strict=True))}
        for i, window in enumerate(windows.astype(np.float32))
    ]
    pd.DataFrame(rows).to_parquet(out, index=False)


def ours(edf: Path, out: Path, **changes: Any) -> None:
    """Do what a worker of ``process_primary`` does with one recording."""
    file = SourceFile(str(edf.parent), edf.name)
    header = read_edf_header(file)
    rates = [header.sfreq(i) for i in range(len(header.signals))]
    plan = plan_channels([s.label for s in header.signals], [s.dimension for s in header.signals], rates)
    row = {
        "participant": "bench", "run": "01", "ch_names": list(plan.ch_names), "aux_kinds": [],
        "sfreq": rates[0], "n_times": header.n_times(plan.picks[0]), "reference": plan.reference,
        "montage": plan.montage, "missing_channels": list(plan.missing),
    }  # fmt: skip
    opener = partial(open_samples, file, "edf", plan.picks, rates[0])
    clean = partial(clean_recording, opener, row, CleanOptions.model_validate(changes))
    cut_windows(clean, WindowOptions(window_length=LENGTH)).write(out)


def bench_chain(edf: Path, folder: Path) -> list[Row]:
    mine = {
        "rules": lambda: ours(edf, folder / "rules.parquet", **WITHOUT_ICLABEL),
        "iclabel": lambda: ours(edf, folder / "iclabel.parquet"),
    }
    tuned = partial(mne_script, edf, folder / "mne.parquet", "picard")
    taken = race(mine | {"tuned": tuned, "tuned iclabel": partial(tuned, iclabel=True)}, 3)
    plain = race({"plain": partial(mne_script, edf, folder / "mne.parquet")}, 1, warmup=0)["plain"]
    return [
        ("whole chain, 1 h, 21 channels, against a plain MNE script whose FastICA converges", ">= 30x",
         ratio(plain, taken["rules"])),
        ("the same against an MNE script with picard-o, decim 8", ">= 5x", ratio(taken["tuned"], taken["rules"])),
        ("both with ICLabel", "", ratio(taken["tuned iclabel"], taken["iclabel"])),
        ("real time, one core (with ICLabel)", ">= 2,000x",
         f"{HOUR / taken['rules']:,.0f}x ({HOUR / taken['iclabel']:,.0f}x)"),
    ]  # fmt: skip


def bench_noise(folder: Path) -> Row:
    """Race on noise with the spectrum of EEG: FastICA makes all its 1,000 iterations there."""
    samples = make_samples(HOUR, SFREQ)
    samples[ELECTRODES.split().index("P3")] = 0.0
    samples[ELECTRODES.split().index("T6")] += 60 * np.random.default_rng(0).standard_normal(samples.shape[1])
    edf = write_samples(folder / "noise.edf", samples, SFREQ)
    mine = race({"rules": lambda: ours(edf, folder / "noise.parquet", **WITHOUT_ICLABEL)}, 3)["rules"]
    plain = race({"plain": partial(mne_script, edf, folder / "mne.parquet")}, 1, warmup=0)["plain"]
    return (
        "the same where it does not converge (noise with the spectrum of EEG)",
        ">= 30x",
        ratio(plain, mine),
    )


def ratio(peer: float, mine: float) -> str:
    return f"{peer / mine:.1f}x ({peer:.2f} s / {mine:.3f} s)"


def bench_memory(edf: Path, folder: Path, title: str, must: str) -> Row:
    command = [sys.executable, __file__, "--worker", str(edf), str(folder / "worker.parquet")]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    peak, seconds = done.stdout.split()[-2:]
    return f"peak memory of a worker, {title}", must, f"{float(peak):.0f} MB ({float(seconds):.1f} CPU-s)"


def run_worker(edf: Path, out: Path) -> None:
    start = time.process_time()
    ours(edf, out)
    # the peak of this program alone: ru_maxrss would still hold that of the process it was started from
    status = Path("/proc/self/status").read_text().splitlines()
    print(next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024)
    print(time.process_time() - start)


def bench_blinks(folder: Path, seed: int) -> Row:
    """Compare what is left of blinks at FP1 and FP2 with what MNE's infomax leaves, same bad channels."""
    seconds = 900
    edf = write_samples(folder / "blinks.edf", make_clinical(seconds, SFREQ, seed), SFREQ)
    during = blink_mask(seed, seconds)
    raw = read_mne(edf)
    raw.notch_filter(LINE)
    raw.filter(0.5, 50.0)
    raw.info["bads"] = ["P3", "T6"]
    raw.set_eeg_reference("average")
    before = raw.get_data(picks=["Fp1", "Fp2"])
    ica = fit_mne(raw.copy().filter(1.0, None), "infomax")
    ica.exclude, _ = ica.find_bads_eog(raw, ch_name=["Fp1", "Fp2"])
    after = ica.apply(raw).get_data(picks=["Fp1", "Fp2"])
    ours(edf, folder / "blinks.parquet", wavelet={"enabled": False}, pops={"enabled": False})
    mine, _ = read_signal(folder / "blinks.parquet", ch_names=["FP1", "FP2"])
    theirs, found = (decibel(x[:, during], before[:, during] * f) for x, f in ((after, 1.0), (mine, 1e6)))
    removed = [
        c["label"]
        for c in read_window_metadata(folder / "blinks.parquet")["ica"]["components"]
        if c["removed"]
    ]
    return (
        f"blinks at FP1 and FP2, 15 min, seed {seed}", "within 0.5 dB of MNE's infomax, or below",
        f"{found:.1f} dB (ours: {', '.join(removed) or 'nothing'}), {theirs:.1f} dB (MNE: {len(ica.exclude)} removed)",
    )  # fmt: skip


def blink_mask(seed: int, seconds: int) -> NDArray[np.bool_]:
    mask = np.zeros(seconds * SFREQ, bool)
    for event in plan_clinical(seconds, SFREQ, seed).happened:
        if event.kind == "blink":
            mask[round(event.onset * SFREQ) : round((event.onset + event.duration) * SFREQ)] = True
    return mask


def decibel(after: NDArray[Any], before: NDArray[Any]) -> float:
    return float(
        10 * np.log10(np.mean(np.square(after, dtype=float)) / np.mean(np.square(before, dtype=float)))
    )


def measure(folder: Path) -> list[Row]:
    hour = make_clinical(HOUR, SFREQ)
    edf = write_samples(folder / "hour.edf", hour, SFREQ)
    part = write_samples(folder / "part.edf", hour[:, : 3000 * SFREQ], SFREQ)
    rows = bench_chain(edf, folder)
    rows.insert(1, bench_noise(folder))
    rows.append(bench_memory(part, folder, "50 min", "<= 700 MB"))
    day = write_samples(folder / "day.edf", hour, SFREQ, repeats=24)
    rows.append(bench_memory(day, folder, "24 h", "<= 900 MB"))
    day.unlink()
    return rows + [bench_blinks(folder, seed) for seed in (4, 5, 8)]


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
