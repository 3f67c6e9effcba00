"""Seizures are there for whoever looks for rhythms, and not for whoever measures line length."""

import datetime as dt

import numpy as np
import pytest
from scipy.signal import butter, sosfiltfilt
from scipy.stats import mannwhitneyu

from eeg_kedro.synthetic.participant import draw_participant
from eeg_kedro.synthetic.recording import compose_recording, plan_recording

SFREQ, WINDOW = 200, 4


def measure(number, seconds=300):
    plan = plan_recording(
        layout="none",
        participant="p",
        run="r",
        number=(number, 0),
        person=draw_participant((9, number), number),
        seed=(9, number, 1),
        sfreq=SFREQ,
        seconds=seconds,
        seizure_rate=12.0,
        time_step=0.01,
        start=dt.datetime(2020, 1, 1),
        faults=(),
    )
    filtered = sosfiltfilt(butter(2, (0.5, 50), "band", fs=SFREQ, output="sos"), compose_recording(plan))
    windows = filtered.reshape(len(filtered), -1, WINDOW * SFREQ)
    mask = np.zeros(seconds * SFREQ)
    for seizure in plan.seizures:
        mask[round(seizure.onset * SFREQ) : round(seizure.stop * SFREQ)] = 1
    share = mask.reshape(-1, WINDOW * SFREQ).mean(axis=1)
    power = np.abs(np.fft.rfft(windows * np.hanning(WINDOW * SFREQ))) ** 2
    rhythmic = power[..., 8 : 15 * WINDOW]
    peakedness = np.sort(rhythmic.max(axis=-1) / np.median(rhythmic, axis=-1), axis=0)[-4]
    clear = (share == 0) | (share == 1)
    length = np.abs(np.diff(windows)).mean(axis=(0, 2))
    return {"seizure": share[clear] == 1, "length": length[clear], "peakedness": peakedness[clear]}


@pytest.fixture(scope="module")
def measured():
    return [measure(number) for number in range(16)]


def auroc(measured, what):
    seizure = np.concatenate([one["seizure"] for one in measured])
    score = np.concatenate([one[what] for one in measured])
    return mannwhitneyu(score[seizure], score[~seizure]).statistic / (seizure.sum() * (~seizure).sum())


def test_line_length_alone_does_not_separate(measured):
    assert auroc(measured, "length") < 0.85


def test_looking_for_rhythms_does_better(measured):
    found = auroc(measured, "peakedness")
    assert found > 0.75
    assert found > auroc(measured, "length") + 0.05


def test_people_differ_more_than_states(measured):
    between = np.std([np.log(np.median(one["length"][~one["seizure"]])) for one in measured])
    both = [one for one in measured if one["seizure"].any()]
    effects = [
        np.log(np.median(one["length"][one["seizure"]]) / np.median(one["length"][~one["seizure"]]))
        for one in both
    ]
    assert between > np.median(np.abs(effects))
