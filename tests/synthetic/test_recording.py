import dataclasses
import datetime as dt

import numpy as np
import pytest
from scipy.signal import welch

from eeg_kedro.synthetic.electrodes import EARS, STANDARD_19
from eeg_kedro.synthetic.participant import draw_participant
from eeg_kedro.synthetic.recording import compose_brain, compose_recording, plan_recording
from eeg_kedro.synthetic.states import NAMES

SFREQ = 200


def plan(number=0, seconds=240, **given):
    return plan_recording(
        layout="none",
        participant="p",
        run="r",
        number=(number, 0),
        person=draw_participant((5, number), number),
        seed=(5, number, 1),
        seconds=seconds,
        seizure_rate=given.pop("seizure_rate", 0.0),
        time_step=0.01,
        start=dt.datetime(2020, 1, 1),
        **{"sfreq": SFREQ, "faults": ()} | given,
    )


def in_state(course, name):
    planned = plan(seconds=300)
    return dataclasses.replace(
        planned, course=np.full(300, NAMES.index(name), np.int8).tobytes(), happened=()
    )


def band_power(row, low, high):
    freqs, power = welch(row, SFREQ, nperseg=4 * SFREQ)
    return power[(freqs >= low) & (freqs < high)].sum()


@pytest.fixture(scope="module")
def by_state():
    return {name: compose_recording(in_state(None, name)) for name in ("eyes_closed", "eyes_open", "asleep")}


def test_the_same_plan_gives_the_same_samples():
    assert np.array_equal(compose_recording(plan(seconds=60)), compose_recording(plan(seconds=60)))


@pytest.mark.parametrize("sfreq", [128, 250, 400, 512])
def test_any_rate_gives_finite_float32_of_plausible_size(sfreq):
    x = compose_recording(plan(seconds=60, sfreq=sfreq, seizure_rate=10.0))
    assert (x.dtype, x.shape) == (np.float32, (21, 60 * sfreq))
    assert np.all((x.std(axis=1) > 3) & (x.std(axis=1) < 300))


def test_alpha_is_posterior_and_answers_the_eyes(by_state):
    o1, fp1 = STANDARD_19.index("O1"), STANDARD_19.index("FP1")
    alpha = plan().person.alpha_freq
    closed, opened = (by_state[name] for name in ("eyes_closed", "eyes_open"))
    power = [band_power(row, alpha - 1, alpha + 1) for row in (closed[o1], opened[o1], closed[fp1])]
    assert power[0] > 2 * power[1]
    assert power[0] > 2 * power[2]


def test_sleep_slows(by_state):
    delta = {name: band_power(x[STANDARD_19.index("C3")], 0.5, 3) for name, x in by_state.items()}
    assert delta["asleep"] > 2 * delta["eyes_closed"]


def test_the_background_falls_with_frequency(by_state):
    row = by_state["eyes_open"][STANDARD_19.index("C4")]
    assert band_power(row, 1, 3) > band_power(row, 4, 6) > band_power(row, 24, 26)


def test_neighbours_share_their_background_and_distant_electrodes_share_less(by_state):
    x = by_state["eyes_closed"]
    r = np.corrcoef(np.diff(x[[STANDARD_19.index(name) for name in ("F3", "FZ", "O2")]], axis=1))
    assert r[0, 1] > r[0, 2] + 0.1


def test_mains_hum_is_at_the_frequency_of_the_country():
    x = compose_recording(plan(seconds=60, line_freq=50.0))
    freqs, power = welch(x, SFREQ, nperseg=4 * SFREQ)
    assert np.median(freqs[(freqs > 40)][power[:, freqs > 40].argmax(axis=1)]) == pytest.approx(50, abs=0.3)


def test_blinks_show_at_the_forehead():
    planned = plan(seconds=240)
    still = dataclasses.replace(planned, happened=tuple(e for e in planned.happened if e.kind != "blink"))
    difference = compose_recording(planned) - compose_recording(still)
    heights = dict(zip(planned.ch_names, difference.max(axis=1), strict=True))
    assert heights["FP1"] > 50 > 5 * heights["O1"]


def test_everything_that_happened_leaves_a_mark_where_and_when_it_should():
    planned = plan(seconds=600)
    quiet = compose_recording(dataclasses.replace(planned, happened=()))
    for kind in {e.kind for e in planned.happened}:
        event = next(e for e in planned.happened if e.kind == kind)
        mark = np.abs(compose_recording(dataclasses.replace(planned, happened=(event,))) - quiet).max(axis=0)
        seconds = np.flatnonzero(mark > 2) / SFREQ
        assert event.onset - 0.1 <= seconds[0] and seconds[-1] <= event.onset + event.duration + 0.1  # noqa: PT018


def test_a_flat_channel_is_exactly_zero():
    x = compose_recording(dataclasses.replace(plan(seconds=60), bad_channel="P3", fault="flat"))
    assert not x[STANDARD_19.index("P3")].any()


@pytest.mark.parametrize("fault", ["noisy", "loose"])
def test_a_bad_channel_stands_out(fault):
    x = compose_recording(dataclasses.replace(plan(seconds=120), bad_channel="P3", fault=fault))
    assert x[STANDARD_19.index("P3")].std() > 1.5 * np.median(x.std(axis=1))


def test_against_linked_ears_the_ears_mirror_each_other():
    x = compose_recording(plan(seconds=60, reference="ears"))
    assert np.allclose(x[-2], -x[-1], atol=1e-3)


def test_against_the_average_all_electrodes_sum_to_zero():
    x = compose_recording(plan(seconds=60, reference="average", ch_names=STANDARD_19))
    assert np.abs(x.sum(axis=0)).max() < 1e-2


def test_a_bad_channel_is_one_of_the_scalp():
    faulty = [plan(number, seconds=60, faults=("flat", "noisy", "loose")) for number in range(20)]
    assert {bool(p.fault) for p in faulty} == {True, False}
    assert not {p.bad_channel for p in faulty} & {*EARS}


def of_kinds(planned, *kinds):
    return dataclasses.replace(planned, happened=tuple(e for e in planned.happened if e.kind in kinds))


def test_the_brain_alone_does_not_know_of_eyes_mains_or_drift():
    planned = plan(seconds=120)
    brain = compose_brain(of_kinds(planned, "spike", "blink", "saccade"))
    assert np.array_equal(brain, compose_brain(of_kinds(planned, "spike")))
    disturbed = compose_recording(planned)
    assert band_power(brain[0], 59, 61) < 0.1 * band_power(disturbed[0], 59, 61)
    assert band_power(brain[0], 0, 0.2) < band_power(disturbed[0], 0, 0.2)


def test_the_brain_alone_has_its_discharges_and_seizures():
    planned = of_kinds(plan(seconds=240, seizure_rate=30.0), "spike")
    seizure, brain = planned.seizures[0], compose_brain(planned)
    without = compose_brain(dataclasses.replace(planned, seizures=(seizure,), happened=()))
    quiet = compose_brain(dataclasses.replace(planned, seizures=(), happened=()))
    ictal = np.flatnonzero(np.abs(without - quiet).max(axis=0)) / SFREQ
    assert seizure.onset - 1 <= ictal.min() <= ictal.max() <= seizure.stop + 1
    assert np.abs(brain - without).max() > 20
