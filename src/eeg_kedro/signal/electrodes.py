"""The 10-05 electrode names (Oostenveld & Praamstra 2001) and the order in which this project writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eeg_kedro.signal.channel_aliases import NEW_NAMES, OLD_NAMES

__all__ = [
    "DOUBLE_BANANA",
    "EARS",
    "ELECTRODES",
    "NEW_NAMES",
    "OLD_NAMES",
    "STANDARD_19",
    "canonical_rank",
    "missing_double_banana",
    "missing_standard",
    "rename_parts",
]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# rows of the 10-05 system from front to back, as named near the midline and at the side (number 7 and above)
_MIDDLE = _words("AFP AF AFF F FFC FC FCC C CCP CP CPP P PPO PO POO")
_SIDE = _words("AFP AF AFF F FFT FT FTT T TTP TP TPP P PPO PO POO")
_SITES = _words("9 9H 7 7H 5 5H 3 3H 1 1H Z 2H 2 4H 4 6H 6 8H 8 10H 10")
_POLES = _words("1 1H Z 2H 2")  # rows of five: FP, O, OI, I

# the standard 19 as the American guideline writes them: left chain, midline, right chain
STANDARD_19 = _words("FP1 F3 C3 P3 O1 F7 T3 T5 FZ CZ PZ FP2 F4 C4 P4 O2 F8 T4 T6")
EARS = ("A1", "A2", "M1", "M2")
DOUBLE_BANANA = _words(
    "FP1-F7 F7-T3 T3-T5 T5-O1 FP2-F8 F8-T4 T4-T6 T6-O2 "
    "FP1-F3 F3-C3 C3-P3 P3-O1 FP2-F4 F4-C4 C4-P4 P4-O2 FZ-CZ CZ-PZ"
)


def _names_front_to_back() -> tuple[str, ...]:
    names = [f"FP{site}" for site in _POLES]
    for middle, side in zip(_MIDDLE, _SIDE, strict=True):
        names += [(side if int("0" + site.strip("HZ")) >= 7 else middle) + site for site in _SITES]
    names += [row + site for row in ("O", "OI", "I") for site in _POLES]
    return (*names, *NEW_NAMES, *EARS)


_TABLE = _names_front_to_back()
ELECTRODES = frozenset(_TABLE)
_RANK = {name: len(STANDARD_19) + place for place, name in enumerate(_TABLE)}
_RANK |= {name: place for place, name in enumerate(STANDARD_19)}
_RANK |= {NEW_NAMES[name]: place for place, name in enumerate(STANDARD_19) if name in NEW_NAMES}


def canonical_rank(name: str) -> int:
    """Tell an electrode's place: the standard 19 first, then the 10-05 table, ears last, strangers behind."""
    return _RANK.get(name, len(_RANK) + len(STANDARD_19))


def missing_standard(names: Sequence[str]) -> tuple[str, ...]:
    """Name the electrodes of the standard 19 that are absent, in the naming the recording itself uses."""
    return _absent(STANDARD_19, names)


def missing_double_banana(names: Sequence[str]) -> tuple[str, ...]:
    """Name the 18 pairs of the double banana that are absent, in the naming the recording itself uses."""
    return _absent(DOUBLE_BANANA, names)


def rename_parts(name: str, table: Mapping[str, str]) -> str:
    """Rename an electrode, or both electrodes of a pair."""
    return "-".join(table.get(part, part) for part in name.split("-"))


def _absent(wanted: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    electrodes = {part for name in names for part in name.split("-")}
    present = {rename_parts(name, OLD_NAMES) for name in names}
    spelling = NEW_NAMES if electrodes & set(OLD_NAMES) else {}
    return tuple(rename_parts(name, spelling) for name in wanted if name not in present)
