"""Recordings to measure with: noise with the spectrum and amplitude of scalp EEG, as EDF."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from eeg_kedro.synthetic.participant import draw_participant
from eeg_kedro.synthetic.recording import RecordingPlan, compose_recording, plan_recording

ELECTRODES = "FP1 FP2 F3 F4 C3 C4 P3 P4 O1 O2 F7 F8 T3 T4 T5 T6 A1 A2 FZ CZ PZ"
N_SOURCES = 16


def make_samples(seconds: int, sfreq: int, seed: int = 0) -> NDArray[np.float64]:
    """Make microvolts, shape (21, seconds * sfreq): mixed 1/f sources, drift, line noise, amplifier noise."""
    rng = np.random.default_rng(seed)
    n_channels, n_times = len(ELECTRODES.split()), seconds * sfreq
    sources = _one_over_f(rng, N_SOURCES, n_times, sfreq, 1.0)
    samples = 6 * rng.standard_normal((n_channels, N_SOURCES)) @ sources
    samples += 20 * _one_over_f(rng, n_channels, n_times, sfreq, 2.2)
    line = np.sin(2 * np.pi * 60 * np.arange(n_times) / sfreq)
    samples += rng.uniform(2, 8, (n_channels, 1)) * line
    samples += rng.standard_normal(samples.shape)
    return samples


def plan_clinical(seconds: int, sfreq: int, seed: int = 0) -> RecordingPlan:
    """Plan a recording with eyes, muscle, heart, pops, seizures, a noisy T6 and mains at 60 Hz."""
    plan = plan_recording(
        layout="tusz", participant="bench", run="01", number=(0, 0), person=draw_participant((seed, 0), 0),
        seed=(seed, 1), sfreq=sfreq, seconds=seconds, seizure_rate=3.0, time_step=1.0,
        start=datetime(2020, 1, 1), ch_names=ELECTRODES.split(),
    )  # fmt: skip
    return replace(plan, bad_channel="T6", fault="noisy")


def make_clinical(seconds: int, sfreq: int, seed: int = 0) -> NDArray[np.float32]:
    """Render `plan_clinical`, with P3 flat besides; microvolts, shape (21, seconds * sfreq)."""
    samples = compose_recording(plan_clinical(seconds, sfreq, seed))
    samples[ELECTRODES.split().index("P3")] = 0.0
    return samples


def write_recording(path: Path, seconds: int, sfreq: int, repeats: int = 1) -> Path:
    """Write an EDF of 21 channels of noise; ``repeats`` makes it longer without holding it in memory."""
    return write_samples(path, make_samples(seconds, sfreq), sfreq, repeats)


def write_samples(path: Path, samples: NDArray[Any], sfreq: int, repeats: int = 1) -> Path:
    """Write microvolts, shape (21, n), as EDF."""
    import edfio

    limits = {"physical_range": (-3276.8, 3276.7), "digital_range": (-32768, 32767)}
    signals = [
        edfio.EdfSignal(
            np.clip(row, -3200, 3200), sfreq, label=f"EEG {name}-REF", physical_dimension="uV", **limits
        )
        for name, row in zip(ELECTRODES.split(), samples, strict=True)
    ]
    edfio.Edf(signals, data_record_duration=1).write(path)
    if repeats > 1:
        _repeat_records(path, len(signals), samples.shape[1] // sfreq, repeats)
    return path


def _one_over_f(
    rng: np.random.Generator, n_rows: int, n_times: int, sfreq: int, exponent: float
) -> NDArray[np.float64]:
    amplitude = np.maximum(fft.rfftfreq(n_times, 1 / sfreq), 0.3) ** (-exponent / 2)
    spectrum = rng.standard_normal((n_rows, amplitude.size, 2)) @ np.array([1, 1j]) * amplitude
    rows: NDArray[np.float64] = fft.irfft(spectrum, n=n_times, axis=1)
    rows /= rows.std(axis=1, keepdims=True)
    return rows


def _repeat_records(path: Path, n_signals: int, n_records: int, repeats: int) -> None:
    header_bytes = 256 * (n_signals + 1)
    whole = path.read_bytes()
    header = whole[:236] + f"{n_records * repeats:<8d}".encode() + whole[244:header_bytes]
    with path.open("wb") as file:
        file.write(header)
        for _ in range(repeats):
            file.write(whole[header_bytes:])
