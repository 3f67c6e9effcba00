"""Names and kinds of channels, from what recorders write in the label and dimension fields."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

from eeg_kedro.signal.channel_aliases import PREFIXES, REFERENCES
from eeg_kedro.signal.electrodes import ELECTRODES

Kind = Literal["eeg", "bipolar", "aux", "dummy", "unknown"]
AuxKind = Literal["eog", "ecg", "emg", ""]

_AUX = re.compile(
    r"(E[CK]G|[VH]?EOG|EMG|RESP|SPO2|SAO2|PHOTIC|PULSE|PLETH|TEMP|EVENT|ANNOT|TRIG|MARK|[EB]DF ANNOT|ACCEL)"
    r"|(HR|MK|STATUS|DC\d*|FLOW|SNORE|DIG|STI|BPM|IBI|BURSTS|SUPPR|VNS|CHIN|LOC|ROC|LUC|RLC|ACC|GYR)(?![A-Z])"
    r"|.*\b(ACC|GYR)\b"  # SeizeIT2 calls the movement of its EEG sensor `EEG SD ACC X`
)
_AUX_KINDS: tuple[tuple[AuxKind, re.Pattern[str]], ...] = (
    ("ecg", re.compile(r"E[CK]G")),
    # LUC and RLC, left upper and right lower canthus, are the eye electrodes of some TUSZ recordings
    ("eog", re.compile(r"[VH]?EOG|(LOC|ROC|LUC|RLC)(?![A-Z])")),
    ("emg", re.compile(r"EMG|CHIN(?![A-Z])")),
)
_MOVEMENT = re.compile(r".*\b(ACC|GYR)\b")
# micro signs: both of Unicode's, and their UTF-8 bytes read as Latin-1
_VOLT = re.compile(r"\[?\(?(Âµ|Î¼|[numµμ]|micro|milli|nano)? ?v(olts?)?\)?\]?", re.IGNORECASE)
_TYPES = "|".join(alias.written for alias in PREFIXES)
_PREFIX = re.compile(rf"^(?:(?:{_TYPES})(?:[\s_:.]+|-(?=[A-Z])))+(?=[^\s_:.-])")
_BOTH_EARS = re.compile(r"\b([AM])1 ?[+/] ?\1(2)\b")
_DASHES = re.compile("[‐-―−]")
_HYPHEN = re.compile(r"(?<=\w) ?- ?(?=\w)")
_JOINTS = re.compile(r" ?[-:_/] ?| ")
LONGEST = 1000  # characters of a label that are looked at; EDF has room for 16, tables for anything


def clean_channel_name(label: str) -> str:
    """Give the bare uppercase name of a channel label.

    The type prefix (``EEG``) and a reference suffix (``-REF``, ``-LE``, ``-Avg``) go, a second electrode
    stays: ``EEG FP1-REF`` is ``FP1``, ``Fp1-F7`` is ``FP1-F7``. Temporal electrodes keep the name they were
    recorded under (``T3`` stays ``T3``, ``T7`` stays ``T7``), and so does what is only written differently
    (``01``): `channel_renaming` deals with both, and says so.
    """
    return split_reference(label)[0]


def channel_kind(label: str, dimension: str) -> Kind:
    """Tell what a signal is from its label and physical dimension.

    Parameters
    ----------
    label : str
        Label as recorded, or a name.
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
    if _MOVEMENT.match(name):
        return ""
    return next((kind for kind, pattern in _AUX_KINDS if pattern.match(name)), "")


def split_reference(label: str) -> tuple[str, str]:
    """Give the bare name of a label and the reference it names (empty where it names none)."""
    return _split(label[:LONGEST])


def tidy_label(label: str) -> str:
    """Give a label on one line: plain letters for full-width ones, single spaces, hyphens for dashes."""
    return _tidy(label[:LONGEST])


def is_volt(dimension: str) -> bool:
    """Tell whether a physical dimension is a voltage; an empty one is not."""
    return _VOLT.fullmatch(dimension.strip()) is not None


@lru_cache(maxsize=4096)  # a corpus has thousands of files and a few dozen labels
def _split(label: str) -> tuple[str, str]:
    name, found = label, ""
    while True:
        bare, reference = _strip_once(name)
        found = found or reference
        if bare == name:
            return name, found
        name = bare


@lru_cache(maxsize=4096)
def _tidy(label: str) -> str:
    text = unicodedata.normalize("NFKC", label)
    kinds = ((char, unicodedata.category(char)) for char in text)
    text = "".join(" " if kind == "Cc" else char for char, kind in kinds if kind not in ("Cf", "Cs"))
    return " ".join(_DASHES.sub("-", text).split())


def _strip_once(label: str) -> tuple[str, str]:
    """Take type, running number and reference off; what is left may have more of them."""
    name = tidy_label(tidy_label(label).upper())
    name = _PREFIX.sub("", name).rstrip(". ") or name
    name = _join(_BOTH_EARS.sub(r"\g<1>1\g<1>2", _HYPHEN.sub("-", name)))
    stem, _, last = name.rpartition("-")
    if stem and last in REFERENCES:
        return stem, REFERENCES[last]
    # MNE's running number of equal labels
    return (stem, "") if re.fullmatch(r"\d", last) and _is_placed(stem) else (name, "")


def _join(name: str) -> str:
    """Put hyphens where electrodes, or an electrode and a reference, are joined by something else."""
    tokens = _JOINTS.split(name)
    if tokens[0] in ELECTRODES and all(part in ELECTRODES or part in REFERENCES for part in tokens[1:]):
        return "-".join(tokens)
    close = name.replace(" ", "")
    glued = re.sub(rf"^({_TYPES})", "", close)  # EEGFp1
    return next((one for one in (close, glued) if _is_placed(one)), name)


def _is_placed(name: str) -> bool:
    """Tell whether a name is an electrode or a pair of electrodes, whatever reference follows."""
    parts = name.split("-")
    while len(parts) > 1 and parts[-1] in REFERENCES:
        parts.pop()
    return len(parts) <= 2 and all(part in ELECTRODES for part in parts)
