"""Windows in which a seizure is a rhythm of 5 Hz, and recordings made of the same."""

import numpy as np

RATE, SECONDS, CHANNELS = 64.0, 20, 3


def make_signal(n_seconds, in_seizure, seed=0, rate=RATE, channels=CHANNELS):
    """Noise of 10 microvolts, and where ``in_seizure`` (n_seconds,) a rhythm of 60."""
    n = int(np.ceil(n_seconds * rate))
    rng, t = np.random.default_rng(seed), np.arange(n) / rate
    gate = np.asarray(in_seizure, float)[np.minimum(t.astype(int), len(in_seizure) - 1)]
    return (10 * rng.standard_normal((channels, n)) + gate * 60 * np.sin(10 * np.pi * t)).astype(np.float32)


class RhythmWindows:
    """A window source; ``masks`` (n, seconds) are its truth."""

    ch_names, sfreq, n_samples = ("C3", "C4", "CZ"), RATE, int(RATE * SECONDS)

    def __init__(self, n=12, masks=None):
        if masks is None:
            masks = np.arange(SECONDS) >= np.random.default_rng(1).integers(4, 16, n)[:, None]
        self.masks = np.asarray(masks, np.uint8)
        self.samples = np.stack([make_signal(SECONDS, mask, seed) for seed, mask in enumerate(self.masks)])
        self.there = np.ones((len(self.masks), CHANNELS), bool)

    def __len__(self):
        return len(self.masks)

    def gather(self, positions):
        return self.samples[positions].copy(), self.there[positions]

    def valid(self, positions):
        return self.there[positions]

    def labels(self, positions):
        return np.repeat(self.masks[positions], int(RATE), axis=1)
