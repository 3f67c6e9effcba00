import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from eeg_kedro.signal.artefacts import BIT, CellWatcher, QualityOptions, mark_spans, measure_baseline
from eeg_kedro.signal.electrodes import DOUBLE_BANANA, STANDARD_19
from eeg_kedro.signal.filters import design_filter, filter_resample
from eeg_kedro.synthetic.noise import unit_spectrum

SFREQ, SECONDS = 256, 120
OPTIONS = QualityOptions()


def background(n_channels=19, seconds=SECONDS, seed=0, uv=15.0):
    """1/f noise from 0.5 to 50 Hz, partly shared between channels."""
    rng, n = np.random.default_rng(seed), seconds * SFREQ
    freqs = np.fft.rfftfreq(n, 1 / SFREQ)
    shape = np.where((freqs >= 0.5) & (freqs <= 50), np.maximum(freqs, 0.5) ** -0.9, 0)
    bins = rng.standard_normal((n_channels, len(freqs), 2)) @ [1, 1j] * unit_spectrum(shape)
    x = np.fft.irfft(bins, n)
    return np.float32(uv * (0.7 * x + 0.7 * x.mean(axis=0) * np.sqrt(n_channels)))


def watch(samples, names=STANDARD_19, montage="referential", baseline=None, sizes=(), options=OPTIONS):
    watcher = CellWatcher(names, samples.shape[1], SFREQ, montage, baseline, options)
    for block in np.split(samples, np.cumsum(sizes), axis=1):
        watcher.update(block)
    return watcher.cells()


def where(cells, kind):
    return {(int(row), int(second)) for row, second in np.argwhere(cells & BIT[kind])}


def seconds_of(cells, kind):
    return {second for _, second in where(cells, kind)}


def place(name, names=STANDARD_19):
    return names.index(name)


def blink(samples, at, uv=120.0, names=STANDARD_19):
    shape = uv * np.sin(np.pi * np.arange(90) / 90) ** 2
    for name, share in (("FP1", 1.0), ("FP2", 1.0), ("F7", 0.3), ("F8", 0.3), ("F3", 0.2), ("F4", 0.2)):
        samples[names.index(name), int(at * SFREQ) :][:90] += np.float32(share * shape)


def burst(samples, row, second, uv, low=25, high=50):
    design = design_filter(SFREQ, SFREQ, low, high, ())
    noise = np.random.default_rng(1).standard_normal((1, 4 * SFREQ)).astype(np.float32)
    shaped = filter_resample(noise, design)[0, SFREQ : 2 * SFREQ]
    samples[row, second * SFREQ : (second + 1) * SFREQ] += np.float32(uv) * shaped / shaped.std()


def test_quiet_eeg_has_almost_no_artefact():
    assert (watch(background()) != 0).mean() < 0.002


def test_blinks_are_found_over_both_eyes_in_their_second():
    samples = background()
    for at in (10.3, 25.4, 70.2):
        blink(samples, at)
    found = where(watch(samples), "eye")
    assert {(place(eye), second) for eye in ("FP1", "FP2") for second in (10, 25, 70)} <= found
    assert {second for _, second in found} <= {10, 25, 70}


def test_blinks_are_found_in_pairs_of_electrodes_too():
    samples = background(len(DOUBLE_BANANA))
    for i, name in enumerate(DOUBLE_BANANA):
        if name.startswith("FP"):
            samples[i, 40 * SFREQ + 70 :][:90] += np.float32(120 * np.sin(np.pi * np.arange(90) / 90) ** 2)
    found = where(watch(samples, DOUBLE_BANANA, "bipolar"), "eye")
    assert {"FP1-F7", "FP2-F8", "FP1-F3", "FP2-F4"} <= {DOUBLE_BANANA[row] for row, second in found}
    assert {second for _, second in found} == {40}


@pytest.mark.parametrize("montage", ["referential", "unknown"])
def test_without_an_electrode_over_each_eye_no_blink_is_claimed(montage):
    samples, names = background(), tuple("X" + name if name == "FP1" else name for name in STANDARD_19)
    blink(samples, 30)
    assert not where(watch(samples, names, montage), "eye")


def test_a_rhythm_over_both_eyes_is_no_blinking():
    samples = background()
    t = np.arange(10 * SFREQ) / SFREQ
    wave = np.float32(90 * np.clip(np.sin(2 * np.pi * 1.5 * t), 0, None))
    samples[[place("FP1"), place("FP2")], 40 * SFREQ : 50 * SFREQ] += wave
    assert seconds_of(watch(samples), "eye") <= {39, 40, 49, 50}  # where it begins and ends


def test_a_burst_of_muscle_is_found_in_its_channel_and_second():
    samples = background()
    burst(samples, place("T4"), 50, 20.0)
    found = where(watch(samples), "muscle")
    assert (place("T4"), 50) in found
    assert found <= {(place("T4"), second) for second in (49, 50, 51)}


def test_muscle_that_never_rests_is_seen_against_a_baseline_without_it():
    clean, noisy = background(), background()
    for second in range(SECONDS):
        burst(noisy, place("T4"), second, 20.0)
    cells = watch(noisy, baseline=measure_baseline(clean, SFREQ, OPTIONS))
    assert (cells[place("T4")] & BIT["muscle"] != 0).mean() > 0.95


def test_cables_that_shake_are_movement():
    samples, rng = background(), np.random.default_rng(3)
    t = np.arange(4 * SFREQ) / (4 * SFREQ)
    swings = rng.standard_normal((19, 1)) * np.sin(np.pi * t) * np.sin(2 * np.pi * 2.3 * t)
    samples[:, 60 * SFREQ : 64 * SFREQ] += np.float32(150 * swings)
    assert {61, 62} & seconds_of(watch(samples), "movement")
    assert seconds_of(watch(samples), "movement") <= set(range(59, 65))


@pytest.mark.parametrize("freq", [1.5, 2.0, 3.0, 5.0, 8.0, 14.0])
def test_a_rhythmic_discharge_is_no_artefact(freq):
    samples = background()
    t = np.arange(20 * SFREQ) / SFREQ
    wave = 120 * np.exp((3 if freq < 10 else 1) * (np.cos(2 * np.pi * freq * t) - 1))
    field = np.linspace(0.3, 1, 19)[:, None]
    samples[:, 40 * SFREQ : 60 * SFREQ] -= np.float32(field * (wave - wave.mean()))
    assert (watch(samples)[:, 40:60] != 0).mean() < 0.01


def test_what_is_larger_than_any_eeg_is_marked_however_usual_it_is():
    samples = background()
    samples[4] *= 600
    cells = watch(samples)
    assert (cells[4] & BIT["amplitude"] != 0).all()
    assert not (np.delete(cells, 4, 0) & BIT["amplitude"]).any()


def test_seconds_that_stand_still_are_flat():
    samples = background()
    samples[:, 30 * SFREQ : 33 * SFREQ] = 7.0
    assert where(watch(samples), "flat") == {(row, second) for row in range(19) for second in (30, 31, 32)}


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 9000), max_size=5))
def test_the_way_samples_arrive_changes_no_cell(sizes):
    samples = background(seconds=40)
    blink(samples, 10)
    assert (watch(samples) == watch(samples, sizes=sizes)).all()


@pytest.mark.parametrize(("n_channels", "n_times"), [(1, 1), (2, 300), (3, 2560), (19, 0)])
def test_small_recordings_have_cells_too(n_channels, n_times):
    samples = background(n_channels, 10)[:, :n_times]
    cells = watch(samples, STANDARD_19[:n_channels])
    assert cells.shape == (n_channels, -(-n_times // SFREQ))


def test_an_all_zero_recording_is_flat_and_nothing_else():
    assert (watch(np.zeros((19, 10 * SFREQ), np.float32)) == BIT["flat"]).all()


def test_spans_found_elsewhere_are_marked_in_every_second_they_touch():
    cells = mark_spans(np.zeros((2, 10), np.uint8), "gap", [(1, 2.5, 4.0), (0, 9.9, 12.0)], 256.0)
    assert where(cells, "gap") == {(1, 2), (1, 3), (0, 9)}


def test_a_pop_without_duration_marks_its_second():
    assert where(mark_spans(np.zeros((1, 5), np.uint8), "pop", [(0, 3.0, 3.0)], 256.0), "pop") == {(0, 3)}


@pytest.mark.parametrize(
    "wrong", [{"eye_uv": 0}, {"muscle_share": 2}, {"movement_ratio": 1}, {"amplitude": 5}]
)
def test_impossible_limits_are_refused(wrong):
    with pytest.raises(ValidationError):
        QualityOptions(**wrong)
