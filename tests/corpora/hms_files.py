"""Folders in the layouts of the HMS competition and of the two IIIC releases, with content we know."""

import csv

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ELECTRODES = [
    "Fp1",
    "F3",
    "C3",
    "P3",
    "F7",
    "T3",
    "T5",
    "O1",
    "Fz",
    "Cz",
    "Pz",
    "Fp2",
    "F4",
    "C4",
    "P4",
    "F8",
    "T4",
    "T6",
    "O2",
]
EEG_COLUMNS = [*ELECTRODES, "EKG"]
CLASSES = ("seizure", "lpd", "gpd", "lrda", "grda", "other")
KAGGLE = [
    "eeg_id",
    "eeg_sub_id",
    "eeg_label_offset_seconds",
    "spectrogram_id",
    "spectrogram_sub_id",
    "spectrogram_label_offset_seconds",
    "label_id",
    "patient_id",
    "expert_consensus",
] + [f"{name}_vote" for name in CLASSES]
IRR = ["eeg_id", "spectrogram_id", "expert_consensus", *(f"{name}_vote" for name in CLASSES), "source_sample"]


def spectrogram_columns(hundredths=lambda freq: int(freq * 100 + 0.5)):
    """Name the columns; 0.1953125 Hz and its multiples are exact in binary, so that int() cuts off right."""
    grid = [step * 0.1953125 for step in range(3, 103)]
    return ["time"] + [f"{chain}_{hundredths(f) / 100:g}" for chain in ("LL", "RL", "LP", "RP") for f in grid]


def cut(eeg_id=1, votes=(3, 0, 0, 0, 0, 0), consensus="Seizure", **cells):
    """Make a row of train.csv; what is not given is what most rows have."""
    row = dict.fromkeys(KAGGLE, 0) | {"spectrogram_id": "", "patient_id": 9, "expert_consensus": consensus}
    row |= {f"{name}_vote": n for name, n in zip(CLASSES, votes, strict=True)}
    return row | {"eeg_id": eeg_id} | cells


class HmsFolder:
    """A folder to fill."""

    def __init__(self, root):
        self.root = root

    def _path(self, relative):
        path = self.root / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def table(self, *rows, name="train.csv", columns=KAGGLE):
        with self._path(name).open("w", newline="") as stream:
            writer = csv.DictWriter(stream, columns, extrasaction="ignore", restval="")
            writer.writeheader()
            writer.writerows(rows)

    def eeg(self, eeg_id=1, n_times=10_000, columns=EEG_COLUMNS, folder="train_eegs", **replaced):
        """Write noise whose column `i` lies around 100 i uV; `replaced` columns are as given."""
        noise = np.random.default_rng(0).normal(0, 10, (n_times, len(EEG_COLUMNS) + 5)).astype(np.float32)
        data = {name: noise[:, i] + 100 * i for i, name in enumerate(columns)} | replaced
        path = self._path(f"{folder}/{eeg_id}.parquet")
        pq.write_table(pa.table(data), path)
        return path

    def spectrogram(
        self, name=5, columns=None, folder="train_spectrograms", n_frames=300, step=2, **replaced
    ):
        columns = columns or spectrogram_columns()
        power = np.ones(n_frames, np.float32)
        data = dict.fromkeys(columns, power) | {"time": np.arange(n_frames) * step + 1} | replaced
        pq.write_table(pa.table(data), self._path(f"{folder}/{name}.parquet"))
