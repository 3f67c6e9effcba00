"""Names and kinds of channels, from what recorders write in the label and dimension fields."""

from __future__ import annotations

import re
from typing import Literal

from eeg_kedro.signal.electrodes import ELECTRODES

Kind = Literal["eeg", "bipolar", "aux", "dummy", "unknown"]
AuxKind = Literal["eog", "ecg", "emg", ""]

# what stands behind the hyphen when a label names its reference instead of a second electrode
REFERENCES = {
    "REF": "REF", "LE": "LE", "AVG": "AVG", "AVE": "AVG", "AV": "AVG", "AR": "AVG", "CAR": "AVG",
    "AA": "LE", "A1A2": "LE", "A1+A2": "LE", "M1M2": "LE", "M1+M2": "LE", "CS2": "CS2", "VREF": "REF",
}  # fmt: skip
_AUX = re.compile(
    r"(E[CK]G|[VH]?EOG|EMG|RESP|SPO2|SAO2|PHOTIC|PULSE|PLETH|TEMP|EVENT|ANNOT|TRIG|MARK|[EB]DF ANNOT)"
    r"|(HR|MK|STATUS|DC\d*|FLOW|SNORE|DIG|STI|BPM|IBI|BURSTS|SUPPR|VNS|CHIN|LOC|ROC|ACC|GYR)(?![A-Z])"
)
_AUX_KINDS: tuple[tuple[AuxKind, re.Pattern[str]], ...] = (
    ("ecg", re.compile(r"E[CK]G")),
    ("eog", re.compile(r"[VH]?EOG|(LOC|ROC)(?![A-Z])")),
    ("emg", re.compile(r"EMG|CHIN(?![A-Z])")),
)
_VOLT = re.compile(r"[numµμ]?v", re.IGNORECASE)
_PREFIX = re.compile(r"^(EEG|POL)[\s_]+(?=\S)")


def clean_channel_name(label: str) -> str:
    """Give the bare uppercase name of a channel label.

    The type prefix (``EEG``) and a reference suffix (``-REF``, ``-LE``, ``-Avg``) go, a second electrode
    stays: ``EEG FP1-REF`` is ``FP1``, ``Fp1-F7`` is ``FP1-F7``. Temporal electrodes keep the name they were
    recorded under (``T3`` stays ``T3``, ``T7`` stays ``T7``).
    """
    return split_reference(label)[0]


def channel_kind(label: str, dimension: str) -> Kind:
    """Tell what a signal is from its label and physical dimension.

    Parameters
    ----------
    label : str
        Label as recorded.
    dimension : str
        Physical dimension as recorded; an empty one says nothing, one that is no voltage makes it ``aux``.

    Returns
    -------
    {"eeg", "bipolar", "aux", "dummy", "unknown"}
        ``eeg``: one 10-05 electrode or A1/A2/M1/M2; ``bipolar``: a pair of them; ``dummy``: a placeholder
        such as ``-`` or ``.``; ``aux``: ECG, EOG, respiration, trigger and the like.
    """
    name = clean_channel_name(label)
    if not re.search(r"[A-Z0-9]", name) or re.fullmatch(r"-+\d*", name):
        return "dummy"
    if _AUX.match(name) or (dimension.strip() and not is_volt(dimension)):
        return "aux"
    parts = name.split("-")
    if len(parts) <= 2 and all(part in ELECTRODES for part in parts):
        return "eeg" if len(parts) == 1 else "bipolar"
    return "unknown"


def aux_kind(label: str) -> AuxKind:
    """Tell whether a signal that is no EEG shows the eyes, the heart or muscles; empty for all else."""
    name = clean_channel_name(label)
    return next((kind for kind, pattern in _AUX_KINDS if pattern.match(name)), "")


def split_reference(label: str) -> tuple[str, str]:
    """Give the bare name of a label and the reference it names (empty where it names none)."""
    name = re.sub(r"\s+", " ", label.replace("\0", " ")).strip().upper()
    name = _PREFIX.sub("", name).rstrip(".").strip() or name
    name = re.sub(r"(?<=\w) ?- ?(?=\w)", "-", name)
    stem, _, last = name.rpartition("-")
    return (stem, REFERENCES[last]) if stem and last in REFERENCES else (name, "")


def is_volt(dimension: str) -> bool:
    """Tell whether a physical dimension is a voltage; an empty one is not."""
    return _VOLT.fullmatch(dimension.strip()) is not None
