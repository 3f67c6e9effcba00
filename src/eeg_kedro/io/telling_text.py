"""Which text of a recording is technical and may stay, and which may be about a person.

Nothing here looks for names: what is not known to be technical is taken for telling.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from eeg_kedro.errors import UnknownLabelError
from eeg_kedro.io.physical_unit import microvolt_factor
from eeg_kedro.labels.seizure_labels import NO_EXTRA, label_kind
from eeg_kedro.signal.electrodes import ELECTRODES


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CHANNEL_WORDS = _words(
    """
    EEG POL REF LE AVG AVE AV AR CAR AA CS2 VREF CE G GND GROUND
    ECG EKG EOG HEOG VEOG EMG ROC LOC CHIN SUBMENTAL LEG TIB ARM AVR AVL AVF II III
    RESP RESPIRATION ORO NASAL ORONASAL FLOW AIRFLOW THORAX THOR ABDOMEN ABDO ABD EFFORT SNORE
    SPO2 SAO2 O2SAT PULSE PLETH RATE HR BPM IBI BURSTS SUPPR TEMP RECTAL ETCO2 CO2 VNS PHOTIC PHOTO
    EVENT EVENTS MARK MARKER MK TRIG TRIGGER DTRIG STATUS STIM STI STIMULUS DIG DC EXT AUX EXG ACC GYR GYRO MAG
    HORIZONTAL VERTICAL LEFT RIGHT UPPER LOWER POSITION BODY CHANNEL CH SIGNAL LIGHT SOUND MIC
    EDF BDF ANNOTATION ANNOTATIONS PG SP LUC LLC RUC RLC X Y Z L R I BTELEFT BTERIGHT CROSSTOP CROSSLEFT BTE SD
    """
)
UNITS = _words(
    "pv v kv % °c c degc celsius °f f degf k bpm 1/min /min mmhg kpa pa ohm kohm mohm ω kω deg ° m/s^2 m/s2 g mg °/s"
    " deg/s t µt ut a ma µa ua s ms min hz khz l/min l ml/s db lux w bit bits boolean a.u. au n/a none"
)
FILTER = re.compile(
    r"(?<![A-Za-z0-9])(?:HP|LP|BP|N|NOTCH)\s?[:=]\s?"
    r"(?:(?:DC|OFF|NONE)(?![A-Za-z0-9])|[-+]?\d{1,4}(?:\.\d{1,7})?\s?(?:[mkMK]?Hz(?![A-Za-z]))?(?![A-Za-z0-9.]))",
    re.IGNORECASE | re.ASCII,
)
# https://www.edfplus.info/specs/edftexts.html, the stages of the older sleep scoring too
STANDARD_TEXTS = frozenset(
    ["recording starts", "recording ends", "lights off", "lights on", "movement time", "eeg arousal"]
    + ["lpd", "gpd", "lrda", "grda", "other"]  # classes that HMS and IIIC vote on; the sixth is seizure
    + [f"sleep stage {stage}" for stage in ("w", "1", "2", "3", "4", "r", "n", "n1", "n2", "n3", "m", "?")]
)
# what sidecars call a reference, beside the names of electrodes
REFERENCE_WORDS = _words(
    """
    AVERAGE MEAN COMMON LINKED EAR EARS EARLOBE EARLOBES MASTOID MASTOIDS NOSE NECK LAPLACIAN BIPOLAR MONOPOLAR
    REFERENTIAL REFERENCE REST CMS DRL AND OF UNKNOWN
    """
)
_CODE = re.compile(r"([A-Z]{1,3})\d{1,3}H?")  # X1, DC07, GR12; longer words must be known
_NUMBERED = re.compile(r"([A-Z]+)\d{1,3}")
_NUMBER = re.compile(r"\d{1,3}")


def is_channel_label(label: str) -> bool:
    """Say whether every word of a signal's label is an electrode, a word of the field, or a short code.

    One number may stand alone (``EEG 27-REF``): two or three of them are as well a date.
    """
    if not re.fullmatch(r"[A-Za-z0-9 .,:;+_/()*#-]*", label):
        return False
    words = [word for word in re.split(r"[^A-Z0-9]+", label.upper()) if word]
    numbers = [word for word in words if _NUMBER.fullmatch(word)]
    return len(numbers) <= 1 and all(word in numbers or _is_channel_word(word) for word in words)


def may_be_channels(text: str, labels: frozenset[str] = frozenset()) -> bool:
    """Say whether a cell names channels: labels of its recording, in lower case in `labels`, or what looks like some.

    Several are joined by commas, semicolons or bars, or stand in a JSON list.
    """
    names = [
        name.strip()
        for name in re.split(r"[,;|]", text.strip().strip("[]").replace('"', "").replace("'", ""))
    ]
    strange = [name for name in names if name.lower() not in labels]
    return text.strip().lower() in labels or is_channel_label(" ".join(strange))


def is_reference(value: object) -> bool:
    """Say whether a sidecar's value for the reference is one: electrodes, or words such as ``linked ears``."""
    if not isinstance(value, str) or not value.strip():
        return False
    rest = re.sub(r"[A-Za-z]+", lambda word: "" if word[0].upper() in REFERENCE_WORDS else word[0], value)
    return is_channel_label(rest) and not re.fullmatch(r"\W*\d+\W*", value)


def is_unit(dimension: str) -> bool:
    """Say whether the text of a dimension field is a unit; blank is."""
    return not dimension or microvolt_factor(dimension) is not None or dimension.lower() in UNITS


def filters_in(prefilter: str) -> str:
    """Return the filters of a prefilter field (``HP:0.1Hz LP:75Hz N:50Hz``), without any other text."""
    return " ".join(FILTER.findall(prefilter))


def is_declared_text(text: str, extra: Mapping[str, str] = NO_EXTRA) -> bool:
    """Say whether the text of an annotation is a label we know, a standard text of EDF+, or the user's own.

    ``label@@channel``, by which EDF+ says where something was seen, is taken apart.
    """
    label, _, channel = text.partition("@@")
    word = label.strip().lower()
    if not is_channel_label(channel):
        return False
    if word in {own.strip().lower() for own in extra} or word in STANDARD_TEXTS:
        return True
    try:
        label_kind(word)
    except UnknownLabelError:
        return False
    return True


def _is_channel_word(word: str) -> bool:
    if word in CHANNEL_WORDS or word in ELECTRODES or _CODE.fullmatch(word):
        return True
    numbered = _NUMBERED.fullmatch(word)
    return numbered is not None and numbered[1] in CHANNEL_WORDS
