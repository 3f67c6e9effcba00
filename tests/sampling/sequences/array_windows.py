"""A window reader and a window source in memory, to stand for files; picklable, for workers."""

from types import SimpleNamespace

import numpy as np

from eeg_kedro.errors import WindowError


class ArrayReader:
    """Runs given as {(participant, run): {channel: samples}}; counts what is asked of it."""

    def __init__(self, runs, sfreq=100.0, window_length=50, interpolated=()):
        self._runs, self._interpolated = runs, interpolated
        self._sfreq = sfreq if isinstance(sfreq, dict) else dict.fromkeys(runs, sfreq)
        self._length = (
            window_length if isinstance(window_length, dict) else dict.fromkeys(runs, window_length)
        )
        self.runs = tuple(sorted(runs))
        self.ch_names = tuple(sorted({name for channels in runs.values() for name in channels}))
        self.asked = []

    def layout(self, participant, run):
        key = participant, run
        self.asked.append(("layout", *key))
        if key not in self._runs:
            raise WindowError("no such run", file="_".join(key))
        n_times = next(iter(self._runs[key].values())).size
        return SimpleNamespace(
            participant=participant, run=run, sfreq=self._sfreq[key], ch_names=tuple(self._runs[key]),
            interpolated_channels=self._interpolated, n_times=n_times, n_tail=n_times % self._length[key],
            window_length=self._length[key],
        )  # fmt: skip

    def read_samples(self, participant, run, start, n_samples, ch_names=None, out=None):
        channels = self._runs[participant, run]
        names = self.ch_names if ch_names is None else tuple(ch_names)
        self.asked.append(("samples", participant, run, start, n_samples, names))
        assert 0 <= start <= start + n_samples <= next(iter(channels.values())).size
        out = np.zeros((len(names), n_samples), np.float32) if out is None else out
        for row, name in zip(out, names, strict=True):
            row[:] = channels[name][start : start + n_samples] if name in channels else 0
        return out, np.array([name in channels for name in names])

    def read_channel(self, participant, run, ch_name):
        self.asked.append(("channel", participant, run, ch_name))
        samples, length = self._runs[participant, run][ch_name], self._length[participant, run]
        return samples[: samples.size // length * length].reshape(-1, length).copy()


class ArrayWindows:
    """A window source over arrays."""

    def __init__(self, samples, labels=None, sfreq=100.0):
        self.samples, self.marks, self.sfreq = samples, labels, sfreq
        self.ch_names = tuple(f"CH{i}" for i in range(samples.shape[1]))
        self.n_samples = samples.shape[2]

    def __len__(self):
        return len(self.samples)

    def gather(self, positions):
        return self.samples[positions], np.arange(len(self.ch_names)) != (positions % 3)[:, None]

    def labels(self, positions):
        return self.marks[positions]


def make_source(n=20, n_channels=3, n_samples=100, dtype=np.float32, sfreq=100.0):
    rng = np.random.default_rng(0)
    samples = (30 * rng.standard_normal((n, n_channels, n_samples))).astype(dtype)
    return ArrayWindows(samples, rng.integers(0, 2, (n, n_samples)).astype(np.uint8), sfreq)


def make_runs(seed=0, **lengths):
    """Runs named p_r with FP1 and C3 each; the first also has T3."""
    rng = np.random.default_rng(seed)
    runs = {}
    for i, (key, n_times) in enumerate(lengths.items()):
        names = ("FP1", "C3", "T3") if i == 0 else ("FP1", "C3")
        runs[tuple(key.split("_"))] = {
            name: rng.standard_normal(n_times).astype(np.float32) for name in names
        }
    return runs
