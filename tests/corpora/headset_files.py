"""Files as Mind Monitor and the OpenBCI GUI write them, with known content and known losses."""

from datetime import datetime, timedelta

import numpy as np

START = datetime(2024, 5, 1, 23, 59, 50)
BANDS = ("Delta", "Theta", "Alpha", "Beta", "Gamma")
ELECTRODES = ("TP9", "AF7", "AF8", "TP10")
MUSE_HEADER = ",".join(
    [
        "TimeStamp",
        *(f"{band}_{name}" for band in BANDS for name in ELECTRODES),
        *(f"RAW_{name}" for name in ELECTRODES),
        "AUX_RIGHT,Accelerometer_X,HeadBandOn,HSI_TP9,Battery,Elements",
    ]
)


def stamp(seconds):
    return (START + timedelta(seconds=float(seconds))).isoformat(sep=" ", timespec="milliseconds")


def burst_times(n_times, sfreq=256.0, size=12):
    """Give stamps of packets that arrive late by up to 50 ms and all at once."""
    late = np.random.default_rng(0).uniform(0, 0.05, n_times // size + 1)
    return np.array([row // size * size / sfreq + late[row // size] for row in range(n_times)])


def muse_row(seconds, values, end=",55.0,"):
    raw = ",".join(f"{value:.4f}" for value in values)
    return f"{stamp(seconds)},{','.join(['0.1'] * 20)},{raw},800.0,0.01,1,1{end}"


def event_row(seconds, element):
    return stamp(seconds) + "," * MUSE_HEADER.count(",") + element


def muse_table(times, rows=(), end=",55.0,"):
    """Write a row per time; ``rows`` are further lines as (place, text)."""
    lines = [muse_row(t, 800 + np.arange(4) + k % 7, end) for k, t in enumerate(times)]
    for place, text in sorted(rows, reverse=True):
        lines.insert(place, text)
    return "\n".join([MUSE_HEADER, *lines]) + "\n"


OLD_HEADER = """%OpenBCI Raw EEG Data
%Number of channels = {n}
%Sample Rate = {sfreq:.1f} Hz
%First Column = SampleIndex
%Last Column = Timestamp 
%Other Columns = EEG data in microvolts followed by Accel Data (in G) interleaved with Aux Data
"""
OLDEST_HEADER = """%OpenBCI Raw EEG Data
%
%Sample Rate = {sfreq:.1f} Hz
%First Column = SampleIndex
%Other Columns = EEG data in microvolts followed by Accel Data (in G) interleaved with Aux Data
"""
NEW_HEADER = """%OpenBCI Raw EXG Data
%Number of channels = {n}
%Sample Rate = {sfreq:.0f} Hz
%Board = OpenBCI_GUI$BoardCytonSerial
"""


class Board:
    """Samples of a board, its counter and its stamps of arrival, some of them lost."""

    def __init__(self, n_times=2000, n_channels=8, sfreq=250.0, index=None, lost=(), pauses=()):
        self.sfreq, self.n = sfreq, n_channels
        self.index = np.arange(n_times) % 256 if index is None else np.asarray(index)[:n_times]
        late = np.random.default_rng(1).uniform(0, 0.02, n_times)
        self.times = np.maximum.accumulate(np.arange(n_times) / sfreq + late)
        for row, seconds in pauses:
            self.times[row:] += seconds
        self.values = 60_000 + 10 * np.random.default_rng(2).standard_normal((n_times, n_channels)).round(2)
        kept = np.setdiff1d(np.arange(n_times), np.asarray(lost, int))
        self.index, self.times, self.values = self.index[kept], self.times[kept], self.values[kept]

    def _rows(self, tails, separator=", "):
        for index, values, tail in zip(self.index, self.values, tails, strict=True):
            yield separator.join([str(int(index)), *(f"{v:.2f}" for v in values), *tail])

    def _epochs(self):
        return 1.7e9 + self.times

    def new(self, names=True):
        columns = ["Sample Index", *(f"EXG Channel {k}" for k in range(self.n)), "Accel Channel 0", "Other"]
        columns += ["Timestamp", "Marker Channel", "Timestamp (Formatted)"]
        tails = [("0.04", "0.0", f"{t:.6f}", "0.0", stamp(t - 1.7e9)) for t in self._epochs()]
        head = NEW_HEADER.format(n=self.n, sfreq=self.sfreq) + (", ".join(columns) + "\n" if names else "")
        return head + "\n".join(self._rows(tails)) + "\n"

    def old(self):
        tails = [("0.01", "0.00", "1.00", stamp(t - 1.7e9)[11:], f"{1000 * t:.0f}") for t in self._epochs()]
        return OLD_HEADER.format(n=self.n, sfreq=self.sfreq) + "\n".join(self._rows(tails)) + "\n"

    def oldest(self):
        body = "\n".join(self._rows([("0.01", "0.00", "1.00")] * len(self.index)))
        return OLDEST_HEADER.format(sfreq=self.sfreq) + body + "\n"
