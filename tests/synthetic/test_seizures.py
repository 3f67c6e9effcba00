import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import spectrogram

from eeg_kedro.synthetic.electrodes import STANDARD_19
from eeg_kedro.synthetic.participant import SYNDROMES, draw_participant
from eeg_kedro.synthetic.seizures import FOCAL, draw_seizures, recruitment, render_seizure

SFREQ = 256
SILENT = np.zeros(1000, np.float32)


def person_with(syndrome, seed=0):
    drawn = (draw_participant((seed, number), number) for number in range(12))
    return next(person for person in drawn if person.has_epilepsy and person.syndrome == syndrome)


def seizure_of(syndrome, seed=0):
    rng = np.random.default_rng(seed)
    return draw_seizures(rng, person_with(syndrome, seed), 600, 0.001, 1, 0.01)[0]


def render(seizure):
    x = np.zeros((19, 600 * SFREQ), np.float32)
    render_seizure(x, SFREQ, STANDARD_19, seizure, SILENT)
    return x


@settings(max_examples=80, deadline=None)
@given(
    number=st.integers(0, 20),
    seconds=st.integers(60, 7200),
    rate=st.floats(0.1, 30),
    step=st.sampled_from([1.0, 0.01, 0.0001]),
    seed=st.integers(0, 1000),
)
def test_seizures_fit_keep_apart_and_lie_on_the_grid_of_the_annotations(number, seconds, rate, step, seed):
    person = draw_participant((seed, number), number)
    seizures = draw_seizures(np.random.default_rng(seed), person, seconds, rate, 1, step)
    assert bool(seizures) == person.has_epilepsy
    assert all(6 <= s.duration <= 180 and s.stop <= seconds for s in seizures)
    assert all(b.onset - a.stop >= 28 for a, b in pairwise(seizures))
    times = np.array([[s.onset, s.stop] for s in seizures])
    assert np.allclose(times / step, np.round(times / step), atol=1e-6)


def test_no_rate_means_no_seizure_even_where_one_is_asked_for():
    assert draw_seizures(np.random.default_rng(0), person_with("temporal"), 600, 0.0, 1, 0.01) == ()


def test_the_rate_is_the_mean_count_per_hour_of_long_recordings():
    rng = np.random.default_rng(0)
    counts = [len(draw_seizures(rng, person_with("absence"), 36_000, 3.0, 0, 0.01)) for _ in range(30)]
    assert np.mean(counts) == pytest.approx(30, rel=0.1)


@pytest.mark.parametrize("syndrome", SYNDROMES)
def test_the_discharge_slows_down(syndrome):
    seizure = seizure_of(syndrome)
    row = render(seizure)[STANDARD_19.index(seizure.focus)]
    ictal = row[round(seizure.onset * SFREQ) : round(seizure.stop * SFREQ)]
    freqs, _, power = spectrogram(ictal, SFREQ, nperseg=512, noverlap=256, nfft=2048)
    peaks = freqs[power.argmax(axis=0)]
    assert peaks[1] > peaks[-2]
    assert peaks[-2] == pytest.approx(seizure.freq_end, abs=0.25 * seizure.freq_end + 0.4)


@pytest.mark.parametrize("syndrome", FOCAL)
def test_a_focal_seizure_begins_at_its_focus_and_spreads(syndrome):
    delays = recruitment(seizure_of(syndrome), STANDARD_19)
    assert delays[STANDARD_19.index(seizure_of(syndrome).focus)] == 0
    assert np.nanmax(delays) > 0
    assert np.isnan(delays).any() or np.nanmax(delays) > 5


def test_an_absence_is_everywhere_at_once():
    assert np.all(recruitment(seizure_of("absence"), STANDARD_19) == 0)


def test_an_electrode_is_quiet_before_the_discharge_arrives():
    seizure = dataclasses.replace(seizure_of("temporal"), spread_start=0.6, spread_end=1.5)
    x = render(seizure)
    late = int(np.nanargmax(recruitment(seizure, STANDARD_19)))
    start, arrival = (
        round(t * SFREQ)
        for t in (seizure.onset, seizure.onset + np.nanmax(recruitment(seizure, STANDARD_19)))
    )
    before = x[late, start : start + (arrival - start) // 2]
    assert before.std() < 0.2 * x[late, arrival:].max()


def test_nothing_is_added_outside_the_seizure():
    seizure = seizure_of("generalized")
    x = render(seizure)
    assert not x[:, : round(seizure.onset * SFREQ)].any()
    assert not x[:, round(seizure.stop * SFREQ) :].any()


def test_the_focus_reaches_the_planned_amplitude():
    seizure = seizure_of("temporal")
    row = render(seizure)[STANDARD_19.index(seizure.focus)]
    seconds = row.reshape(-1, SFREQ).std(axis=1)
    assert 0.5 * seizure.amplitude < seconds.max() < 1.8 * seizure.amplitude
