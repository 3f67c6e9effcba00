import numpy as np

from eeg_kedro.signal.ica import Ica
from eeg_kedro.signal.rhythm_guard import keep_rhythms

SFREQ = 64.0


def rhythm_in_three_components(share):
    """Noise in eight channels; 3 Hz for 20 s in the first, of which each of three components takes a share."""
    rng = np.random.default_rng(0)
    at = np.arange(int(60 * SFREQ)) / SFREQ
    seizure = 50 * np.sin(2 * np.pi * 3 * at) * ((at > 20) & (at < 40))
    samples = rng.standard_normal((8, len(at)))
    samples[0] += seizure
    unmixing = np.zeros((3, 8))
    unmixing[:, 0] = 1.0
    mixing = np.zeros((8, 3))
    mixing[0] = share
    return samples.astype(np.float32), Ica(unmixing, mixing, 1, True, 8, len(at))


def test_one_component_that_costs_little_may_go():
    samples, ica = rhythm_in_three_components(0.05)
    assert keep_rhythms(samples, SFREQ, ica, [0], 0.7) == ()


def test_removals_that_add_up_are_judged_together():
    samples, ica = rhythm_in_three_components(0.06)
    kept = keep_rhythms(samples, SFREQ, ica, [0, 1, 2], 0.7)
    assert len(kept) == 2
    assert (kept[0].channel, 18 <= kept[0].second <= 40) == (0, True)
    assert kept[0].loss_db > 0.7


def test_noise_may_go_whatever_it_costs():
    samples, ica = rhythm_in_three_components(0.9)
    noise = np.random.default_rng(1).standard_normal(samples.shape).astype(np.float32)
    assert keep_rhythms(noise, SFREQ, ica, [0], 0.7) == ()
