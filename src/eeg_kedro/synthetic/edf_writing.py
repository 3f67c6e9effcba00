"""Microvolts to EDF files, through edfio; patient fields are invented and look real."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.synthetic.participant import Participant

if TYPE_CHECKING:
    from edfio import Patient

# conspicuous names: whatever leaks out of a header is found by searching for them
_FIRST = (
    "Wilhelmina",
    "Bartholomew",
    "Ludmilla",
    "Ignatius",
    "Philippa",
    "Thaddeus",
    "Rosalinde",
    "Cornelius",
)
_LAST = (
    "Quillfeather",
    "Zwanenburg",
    "Thistlewood",
    "Oberholzer",
    "Marigoldsen",
    "Vandersloot",
    "Pumpernickle",
)


@dataclass(frozen=True)
class Scale:
    """How an amplifier counts: microvolts and integers at both ends."""

    physical: tuple[float, float]
    digital: tuple[int, int]

    def to_digital(self, row: NDArray[np.float32]) -> NDArray[np.int16]:
        """Quantize microvolts; what is out of range clips, as in an amplifier, shape (n_times,)."""
        (low, high), (least, most) = self.physical, self.digital
        gain = np.float32((most - least) / (high - low))
        counts = row * gain
        counts += np.float32(least - low * gain)
        return np.clip(np.rint(counts, out=counts), least, most, out=counts).astype(np.int16)


DUMMY = Scale((0.0, 1.0), (0, 1))


@dataclass(frozen=True)
class Channel:
    """One EDF signal: its label, scale, unit and samples (``None``: constant zero)."""

    label: str
    scale: Scale
    dimension: str = "uV"
    samples: NDArray[np.float32] | None = None


def write_edf(
    path: Path,
    channels: Sequence[Channel],
    sfreq: int,
    seconds: int,
    *,
    start: dt.datetime,
    patient: Patient,
    prefiltering: str = "",
    with_annotations: bool = False,
) -> None:
    """Write an EDF file (EDF+C when an annotation signal is asked for).

    Parameters
    ----------
    path : Path
        Target.
    channels : sequence of Channel
        Signals in order; all at one rate.
    sfreq, seconds : int
        Hz, s; data records last one second.
    start : datetime
        Clock time of the first sample.
    patient : edfio.Patient
        Patient field; see `invent_patient`.
    prefiltering : str
        Header text.
    with_annotations : bool
        Whether to add an (empty) annotation signal.
    """
    import edfio

    zeros = np.zeros(sfreq * seconds, np.int16)
    signals = [
        edfio.EdfSignal.from_digital(
            zeros if channel.samples is None else channel.scale.to_digital(channel.samples),
            sfreq,
            label=channel.label,
            physical_dimension=channel.dimension,
            physical_range=channel.scale.physical,
            digital_range=channel.scale.digital,
            prefiltering=prefiltering,
        )
        for channel in channels
    ]
    edfio.Edf(
        signals,
        patient=patient,
        recording=edfio.Recording(startdate=start.date()),
        starttime=start.time(),
        data_record_duration=1,
        annotations=() if with_annotations else None,
    ).write(path)


def invent_patient(person: Participant, start: dt.datetime) -> Patient:
    """Invent the patient field of a header: hospital number, sex, date of birth, name (`edfio.Patient`)."""
    import edfio

    rng = np.random.default_rng([*person.seed, 30])
    return edfio.Patient(
        code=f"MRN-{rng.integers(10**6, 10**7)}",
        sex=person.sex,
        birthdate=dt.date(start.year - person.age, int(rng.integers(1, 13)), int(rng.integers(1, 29))),
        name=f"{rng.choice(_LAST)}_{rng.choice(_FIRST)}",
    )
