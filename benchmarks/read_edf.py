"""EDF to float32 against MNE: `python benchmarks/read_edf.py` prints one table (bar: 3 times cheaper).

CPU time, both readers interleaved in one process, median of several rounds on a generated file of one hour.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import edfio
import mne
import numpy as np
from numpy.typing import NDArray

from eeg_kedro.io.edf_samples import read_edf
from eeg_kedro.io.source_file import SourceFile

N_CHANNELS, SFREQ, SECONDS, ROUNDS = 21, 256, 3600, 11


def write_recording(path: Path) -> None:
    """Write one hour of noise with the shape of a routine clinical EEG."""
    rng = np.random.default_rng(0)
    signals = [
        edfio.EdfSignal(
            rng.normal(0, 40, SECONDS * SFREQ).clip(-400, 400),
            SFREQ,
            label=f"EEG {i}",
            physical_dimension="uV",
            physical_range=(-400, 400),
        )
        for i in range(N_CHANNELS)
    ]
    edfio.Edf(signals).write(path)


def read_with_mne(path: Path) -> NDArray[np.float32]:
    """Read as a plain MNE script would, then go to float32 (volts)."""
    raw = mne.io.read_raw_edf(path, preload=True, verbose="error")
    samples: NDArray[np.float32] = raw._data.astype(np.float32)
    return samples


def read_with_ours(path: Path) -> NDArray[np.float32]:
    """Read with this package (microvolts)."""
    return read_edf(SourceFile(str(path.parent), path.name), range(N_CHANNELS))


def cpu_seconds(reader: Callable[[Path], NDArray[np.float32]], path: Path) -> float:
    """Time one call."""
    start = time.process_time()
    reader(path)
    return time.process_time() - start


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hour.edf"
        write_recording(path)
        np.testing.assert_allclose(read_with_ours(path), read_with_mne(path) * 1e6, rtol=1e-5, atol=1e-4)
        pairs = [(cpu_seconds(read_with_mne, path), cpu_seconds(read_with_ours, path)) for _ in range(ROUNDS)]
    theirs, ours = median(a for a, _ in pairs), median(b for _, b in pairs)
    print("| EDF to float32, 21 channels, 1 h, 256 Hz | CPU ms | ratio | bar |\n|---|---|---|---|")
    print(f"| MNE read_raw_edf(preload), astype | {theirs * 1e3:.1f} | 1 | |")
    print(f"| eeg_kedro read_edf | {ours * 1e3:.1f} | {median(a / b for a, b in pairs):.1f} | 3 |")


if __name__ == "__main__":
    main()
