import numpy as np
import pandas as pd
import pytest

from eeg_kedro.signal.discharges import DischargeOptions, find_discharges
from eeg_kedro.signal.electrodes import DOUBLE_BANANA

SFREQ = 256
TIMES = np.arange(60 * SFREQ) / SFREQ
OPTIONS = DischargeOptions()


def background(seed, uv=12.0):
    """A minute of 1/f noise between 0.5 and 50 Hz."""
    freqs = np.fft.rfftfreq(TIMES.size, 1 / SFREQ)
    shape = np.where((freqs > 0.5) & (freqs < 50), np.maximum(freqs, 0.5) ** -0.75, 0)
    x = np.fft.irfft(np.fft.rfft(np.random.default_rng(seed).standard_normal(TIMES.size)) * shape, TIMES.size)
    return uv * x / x.std()


def spike(at, uv):
    """A spike of about 60 ms and the slow wave after it."""
    t = TIMES - at + 0.05
    wave = np.exp(-(((t - 0.05) / 0.018) ** 2)) - 0.35 * np.exp(-(((t - 0.09) / 0.02) ** 2))
    return -uv * (wave + 0.45 * np.exp(-(((t - 0.21) / 0.06) ** 2)))


def triangle(at, uv, seconds):
    return uv * np.clip(1 - np.abs(TIMES - at) / (seconds / 2), 0, None)


def search(x):
    return find_discharges(np.asarray(x, np.float32)[np.newaxis], SFREQ, OPTIONS)


@pytest.mark.parametrize("seed", range(5))
def test_planted_spikes_are_found_where_they_are_and_nothing_else(seed):
    at = np.arange(3, 57, 5.3)
    found = search(background(seed) + sum(spike(time, 100) for time in at))
    np.testing.assert_allclose(found.sample / SFREQ, at, atol=0.02)
    assert np.median(found.uv) == pytest.approx(100, rel=0.1)


@pytest.mark.parametrize(("seconds", "spikes"), [(0.03, True), (0.05, True), (0.09, False), (0.12, False)])
def test_duration_tells_spikes_from_sharp_waves(seconds, spikes):
    at = np.arange(4, 56, 6.0)
    found = search(background(1) + sum(triangle(time, 120, seconds) for time in at))
    assert found.is_spike.tolist() == [spikes] * at.size
    np.testing.assert_allclose(np.median(found.seconds), seconds, atol=0.015)


@pytest.mark.parametrize("seed", range(5))
def test_background_has_no_candidate(seed):
    assert search(background(seed)).row.size == 0


@pytest.mark.parametrize("freq", [3.0, 10.0])
def test_a_steady_rhythm_is_no_train_of_spikes(freq):
    assert search(150 * np.sin(2 * np.pi * freq * TIMES)).row.size == 0


def test_blinks_are_too_long():
    blinks = sum(150 * np.exp(-(((TIMES - at) / 0.12) ** 2)) for at in range(3, 58, 4))
    assert search(background(2) + blinks).row.size == 0


def test_a_jump_of_one_sample_is_too_short():
    x = background(3)
    x[3000] += 500
    assert search(x).row.size == 0


def test_polarity_does_not_matter():
    x = background(4) + spike(20.0, 120)
    up, down = search(x), search(-x)
    np.testing.assert_array_equal(up.sample, down.sample)


@pytest.mark.parametrize("n_times", [3, 20, 26, 60])
def test_stretches_too_short_to_look_around_in_have_none(n_times):
    assert search(np.ones(n_times)).row.size == 0


def test_candidates_near_the_ends_are_measured_without_leaving_the_window():
    found = search(background(5) + spike(0.1, 150) + spike(59.9, 150))
    assert found.row.size == 2


def test_real_seizures_and_periodic_discharges_have_more_candidates_than_rhythmic_delta(shared_data):
    consensus = pd.read_csv(shared_data / "iiic/train.csv").set_index("eeg_id")["expert_consensus"]
    counts = {}
    for eeg_id, label in consensus.items():
        eeg = pd.read_parquet(shared_data / f"iiic/train_eegs/{eeg_id}.parquet")
        pairs = [pair.title().split("-") for pair in DOUBLE_BANANA]
        rows = np.array([eeg[first] - eeg[second] for first, second in pairs], np.float32)
        found = find_discharges(rows - rows.mean(axis=1, keepdims=True), 200.0, OPTIONS)
        counts.setdefault("pointed" if label in ("Seizure", "LPD", "GPD") else "smooth", []).append(
            found.row.size
        )
    assert np.median(counts["pointed"]) > 50
    assert np.median(counts["smooth"]) < 5
