"""Inventory and events of a corpus of 7,000 recordings against MNE and pandas: seconds, memory, and ``auto``.

Run as ``python benchmarks/ingest.py`` from the project's root (a minute, 300 MB of temporary disk: the recordings
are headers of their full length, the samples holes that take no room). Our side is the whole survey in a process of
its own (every header, both annotation files of each recording compared, names, channels, report); the other side
opens a header with MNE and reads one annotation file with pandas. CPU time, one process.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHANNELS = (
    "FP1 FP2 F3 F4 C3 C4 P3 P4 O1 O2 F7 F8 T3 T4 T5 T6 A1 A2 FZ CZ PZ EKG1 ROC LOC 20 21 22 23 24 25 26 27 28 29 30 "
    "31 32 IBI BURSTS SUPPR"
)
BIPOLAR = "FP1-F7 F7-T3 T3-T5 T5-O1 FP2-F8 F8-T4 T4-T6 T6-O2 A1-T3 T3-C3 C3-CZ CZ-C4 C4-T4 T4-A2"
LABELS = ("fnsz", "gnsz", "cpsz", "tcsz")
SFREQ, PEER_FILES = 256, 300
FIELDS = (
    (16, None),
    (80, ""),
    (8, "uV"),
    (8, "-3276.8"),
    (8, "3276.7"),
    (8, "-32768"),
    (8, "32767"),
    (80, ""),
)


def write_corpus(root: Path, n_recordings: int) -> None:
    """Fabricate a TUSZ copy: headers of true length, ``.csv`` and ``.csv_bi`` beside each."""
    rng = random.Random(0)
    for number in range(n_recordings):
        subject = "aaaaa" + "".join(chr(ord("a") + number // 12 // 26**k % 26) for k in (2, 1, 0))
        split = ("train", "train", "train", "dev", "eval")[number // 12 % 5]
        folder = root / "edf" / split / subject / f"s{number % 12 // 4 + 1:03d}_2011" / "01_tcp_ar"
        folder.mkdir(parents=True, exist_ok=True)
        stem, seconds = f"{subject}_s{number % 12 // 4 + 1:03d}_t{number % 4:03d}", rng.randint(60, 1800)
        _write_header(folder / f"{stem}.edf", CHANNELS.split()[: rng.choice((24, 33, 40))], seconds)
        _write_labels(folder / stem, seconds, rng)


def _write_header(path: Path, names: list[str], seconds: int) -> None:
    fixed = [(8, "0"), (80, "X X X X"), (80, "Startdate X X X X"), (8, "01.01.11"), (8, "00.00.00")]
    fixed += [(8, str(256 * (len(names) + 1))), (44, ""), (8, str(seconds)), (8, "1"), (4, str(len(names)))]
    columns = [[f"EEG {name}-REF" if text is None else text for name in names] for _, text in FIELDS]
    widths = [width for width, _ in FIELDS]
    cells = [(width, cell) for width, column in zip(widths, columns, strict=True) for cell in column]
    cells += [(8, str(SFREQ))] * len(names) + [(32, "")] * len(names)
    header = "".join(text.ljust(width) for width, text in fixed + cells).encode("ascii")
    with path.open("wb") as file:
        file.write(header)
        file.truncate(len(header) + 2 * SFREQ * seconds * len(names))


def _write_labels(stem: Path, seconds: int, rng: random.Random) -> None:
    head = f"# version = csv_v1.0.0\n# bname = {stem.name}\n# duration = {seconds}.0000 secs\n#\n"
    head += "channel,start_time,stop_time,label,confidence\n"
    if rng.random() < 0.6 or seconds < 90:
        per_channel, whole = (f"{name},0.0000,{seconds}.0000,bckg,1.0000" for name in ("TERM", "TERM"))
        rows = [per_channel]
    else:
        start = rng.randint(10, seconds - 70)
        stop, label = start + rng.randint(10, 60), rng.choice(LABELS)
        rows = [f"{pair},{start}.0000,{stop}.0000,{label},1.0000" for pair in BIPOLAR.split()]
        whole = f"TERM,{start}.0000,{stop}.0000,seiz,1.0000"
    stem.with_suffix(".csv").write_text(head + "\n".join(rows) + "\n")
    stem.with_suffix(".csv_bi").write_text(head + whole + "\n")


def survey(root: Path) -> dict[str, float]:
    """Survey the corpus in this process: what it cost, and what it found."""
    from eeg_kedro.corpora.folder_listing import list_folder
    from eeg_kedro.corpora.layouts import choose_layout
    from eeg_kedro.corpora.options import IngestOptions
    from eeg_kedro.corpora.survey import survey_corpus

    start = time.process_time()
    listing = list_folder(root)
    listed = time.process_time()
    layout, _ = choose_layout(listing, "auto")
    chosen = time.process_time()
    found = survey_corpus(listing, layout, IngestOptions.model_validate({}))
    done = time.process_time()
    status = Path("/proc/self/status").read_text().splitlines()
    peak = next((int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM")), float("nan"))
    return {
        "list": listed - start,
        "auto": chosen - listed,
        "survey": done - chosen,
        "peak_mb": peak,
        "recordings": len(found.inventory),
        "events": len(found.events),
        "failed": int(found.report["failed"].sum()),
    }


def time_peer(root: Path) -> float:
    """Give the CPU seconds that MNE and pandas take for one recording, from some hundred of them."""
    import mne
    import pandas as pd

    files = sorted(root.rglob("*.edf"))
    some = files[:: max(len(files) // PEER_FILES, 1)]
    mne.io.read_raw_edf(some[0], preload=False, verbose="ERROR")
    start = time.process_time()
    for file in some:
        mne.io.read_raw_edf(file, preload=False, verbose="ERROR")
        pd.read_csv(file.with_suffix(".csv"), comment="#")
    return (time.process_time() - start) / len(some)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recordings", type=int, default=7000)
    parser.add_argument("--survey", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.survey:
        print(json.dumps(survey(Path(options.survey))))
        return
    root = Path(tempfile.mkdtemp())
    try:
        write_corpus(root, options.recordings)
        command = [sys.executable, __file__, "--survey", str(root)]
        ours = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        peer = time_peer(root) * options.recordings
    finally:
        shutil.rmtree(root)
    total = ours["list"] + ours["auto"] + ours["survey"]
    print(f"{ours['recordings']:.0f} recordings, {ours['events']:.0f} events, {ours['failed']:.0f} failed")
    print(f"{'work':<46}{'must':>12}{'measured':>14}")
    print(f"{'inventory and events, CPU seconds':<46}{'< 60':>12}{total:>14.1f}")
    print(f"{'auto, CPU seconds':<46}{'< 2':>12}{ours['auto']:>14.2f}")
    print(f"{'peak memory, MB':<46}{'< 300':>12}{ours['peak_mb']:>14.0f}")
    print(f"{'MNE header + pandas table, CPU seconds':<46}{'-':>12}{peer:>14.1f}")
    print(f"{'ratio':<46}{'-':>12}{peer / total:>13.1f}x")


if __name__ == "__main__":
    main()
