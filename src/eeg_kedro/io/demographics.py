"""Sex and age band: all that is ever told of a person, and how it is read from what corpora write."""

from __future__ import annotations

import re
from typing import NamedTuple

FEMALE = {"f", "female", "w", "weiblich"}
MALE = {"m", "male", "männlich", "maennlich"}
BAND_YEARS, OPEN_BAND, OLDEST = 5, 90, 120
_AGE = re.compile(r"(\d{1,3}(?:\.\d+)?)(\+?)", re.ASCII)


class Demographics(NamedTuple):
    """What may be told of a participant; empty where nobody asked, nobody knows, or sources disagree."""

    sex: str = ""
    age_band: str = ""


def tell_sex(text: str) -> str:
    """Return ``F`` or ``M`` for the words corpora use; empty for every other word."""
    word = text.strip().lower()
    return "F" if word in FEMALE else "M" if word in MALE else ""


def tell_age_band(text: str) -> str:
    """Return the band of an age in years; empty for what is no age. BIDS writes ``89+`` for all above 89."""
    found = _AGE.fullmatch(text.strip().replace(",", "."))
    if found is None:
        return ""
    return age_band(OPEN_BAND if found[2] and float(found[1]) >= OPEN_BAND - 1 else float(found[1]))


def age_band(years: float) -> str:
    """Return ``0-4``, ``5-9``, ... ``85-89`` or ``90+``; empty for an age nobody has."""
    if not 0 <= years <= OLDEST:
        return ""
    if years >= OPEN_BAND:
        return f"{OPEN_BAND}+"
    first = int(years) // BAND_YEARS * BAND_YEARS
    return f"{first}-{first + BAND_YEARS - 1}"
