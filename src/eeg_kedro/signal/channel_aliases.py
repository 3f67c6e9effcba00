"""One table of what recorders write for one and the same thing in a channel label, each row with its source.

Data only. What a row means for a recording is decided in `channel_names` (type, reference, spelling: one label at a
time) and in `channel_renaming` (what depends on the other channels of the recording).
"""

from __future__ import annotations

from typing import NamedTuple


class Alias(NamedTuple):
    """A spelling, what it means, and where it was seen."""

    written: str
    means: str
    source: str


# the type that stands before the name; it goes
PREFIXES = (
    Alias("EEG", "", "EDF+ standard texts (edfplus.info); TUSZ, Siena, Helsinki, Sleep-EDF"),
    Alias("POL", "", "Nihon Kohden's EDF export"),
    Alias("RAW", "", "Muse by Mind Monitor: RAW_TP9"),
)

# what stands behind the electrode when a label names its reference instead of a second electrode
REFERENCE_ALIASES = (
    Alias("REF", "REF", "TUSZ 01_tcp_ar, Helsinki, CHB-MIT chb15"),
    Alias("VREF", "REF", "EGI nets: the vertex electrode"),
    Alias("ORG", "REF", "Persyst: the recorder's own reference"),
    Alias("LE", "LE", "TUSZ 02_tcp_le: linked ears"),
    Alias("LER", "LE", "MASS: linked ears with a resistor"),
    Alias("CLE", "LE", "MASS: computed linked ears"),
    Alias("AA", "LE", "both ears; as AVE"),
    Alias("A1A2", "LE", "OpenNeuro ds005420; A1+A2 and A1/A2 likewise"),
    Alias("M1M2", "LE", "linked mastoids; M1+M2 and M1/M2 likewise"),
    Alias("AVG", "AVG", "SzCORE: Fp1-Avg"),
    Alias("AVE", "AVG", "average; in use, in none of the corpora named here"),
    Alias("AV", "AVG", "average; in use, in none of the corpora named here"),
    Alias("AR", "AVG", "average; in use, in none of the corpora named here"),
    Alias("CAR", "AVG", "common average; as AVE"),
    Alias("CS2", "CS2", "CHB-MIT chb12_27 to 29: second cervical vertebra"),
)

# one place, two names: 10-20 (Jasper 1958) and its modified nomenclature (ACNS guideline 2)
TEMPORAL_ALIASES = (
    Alias("T3", "T7", "TUSZ, Siena, Helsinki, HMS: T3; CHB-MIT, SeizeIT1: T7"),
    Alias("T4", "T8", "the same on the right"),
    Alias("T5", "P7", "the same behind"),
    Alias("T6", "P8", "the same behind on the right"),
)

# the digit zero for the letter O: no electrode is called so
SPELLING_ALIASES = (
    Alias("0Z", "OZ", "typed zero"),
    Alias("P0Z", "POZ", "typed zero, in public channel maps"),
)

# certain only where the rest of the recording leaves nothing else that it could be, a bare 1 or 2 only in its place
NUMBER_ALIASES = (
    Alias("1", "O1", "Siena PN16: channel 5 of the list, between P3 and F7; PN00 has 1 and O1, two things"),
    Alias("01", "O1", "typed zero (Siena; SzCORE reads it so)"),
    Alias("2", "O2", "as 1, on the right"),
    Alias("02", "O2", "as 01, on the right"),
)

# electrodes before O1 and O2 in the chains: in P3-01 the second part can be nothing else
BEFORE_OCCIPITAL = {"01": ("P3", "T5", "P7"), "02": ("P4", "T6", "P8")}

# what stands before and behind O1 and O2 in the orders of recorders: only there is a bare number one of them
OCCIPITAL_PLACES = {
    "O1": (("P3", "F7"), ("P4", "O2"), ("T5", "FZ")),  # Siena, by pairs of both sides, HMS
    "O2": (("P4", "F8"), ("O1", "F7")),
}

REFERENCES = {alias.written: alias.means for alias in REFERENCE_ALIASES}
NEW_NAMES = {alias.written: alias.means for alias in TEMPORAL_ALIASES}
OLD_NAMES = {new: old for old, new in NEW_NAMES.items()}
SPELLINGS = {alias.written: alias.means for alias in SPELLING_ALIASES}
NUMBERS = {alias.written: alias.means for alias in NUMBER_ALIASES}
