"""Names of Siena's recordings, as files are called and as lists call them: PN10-7.8.9, PNO6-1, PN11-, PN01."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import PurePosixPath
from typing import NamedTuple

from eeg_kedro.errors import AnnotationError
from eeg_kedro.io.siena_text import SeizureList

NAME = re.compile(r"(?P<participant>PN[0-9O]{2})(?P<rest>(?![0-9A-Z]).*)\.edf", re.IGNORECASE)
LIST = re.compile(r"Seizures-list-(?P<participant>PN[0-9O]{2})\.txt", re.IGNORECASE)
# what follows the participant; "-1 (2)", "-1 2" and "-1 copy" are what file managers call a second copy
NUMBERS = re.compile(r"(?: ?[-_] ?(?P<numbers>(?:[0-9O]{1,6}(?:[.,_-][0-9O]{1,6})*)?))? ?", re.IGNORECASE)


class Key(NamedTuple):
    """A recording, whatever its name looks like: PN10-7.8.9 and PN1O-7.8.9 are one."""

    participant: str
    numbers: tuple[int, ...]

    @property
    def file_name(self) -> str:
        """How the corpus would call the file."""
        return f"{self.participant}-{'.'.join(map(str, self.numbers or (1,)))}.edf"


def key_of(name: str) -> Key | None:
    """Read the name of a file; None if it is no recording of the corpus."""
    match = NAME.fullmatch(name)
    rest = NUMBERS.fullmatch(match["rest"]) if match else None
    if match is None or rest is None:
        return None
    numbers = tuple(map(int, re.findall(r"[0-9]+", _zeros(rest["numbers"] or ""))))
    # the seizures of a file are counted upwards; PN00-1_1.edf is a copy of PN00-1.edf
    if any(later <= number for number, later in pairwise(numbers)):
        return None
    return Key(_zeros(match["participant"]), numbers)


def participant_of_list(file: PurePosixPath) -> str:
    """Return whose list a file is; empty if it is none."""
    match = LIST.fullmatch(file.name)
    return _zeros(match["participant"]) if match else ""


def has_letter(name: str) -> bool:
    """Say whether a participant is typed with the letter O for a zero."""
    match = NAME.fullmatch(name)
    return match is not None and match["participant"].upper() != _zeros(match["participant"])


def names_by_key(listed: SeizureList, here: Sequence[Key]) -> dict[Key, tuple[str, ...]]:
    """Say which recording each name of the list means; PN01.edf is the one recording that no number names.

    Parameters
    ----------
    listed : SeizureList
        Of one participant.
    here : sequence of Key
        The recordings of this participant that the folder holds.

    Raises
    ------
    AnnotationError
        If a name is none of this participant's, or could mean several recordings.
    """
    participant = participant_of_list(PurePosixPath(listed.source))
    typed = {name: _typed_key(name) for name in listed.names}
    names: dict[Key, tuple[str, ...]] = {}
    for name, key in sorted(typed.items(), key=lambda item: item[1] is None or not item[1].numbers):
        if key is None or key.participant != participant:
            raise _misnamed("names a file that is no recording of this participant", listed, name)
        if not key.numbers and key not in here:
            free = [other for other in here if other not in names]
            key = free[0] if len(free) == 1 else key._replace(numbers=(1,))
            if len(free) > 1 or (key in names and not free):
                raise _misnamed(
                    "names a recording without its number, and several could be meant", listed, name
                )
        names[key] = (*names.get(key, ()), name)
    return names


def shown(name: str) -> str:
    """Return what of a typed file name may be quoted; words in it may be anybody's."""
    match = NAME.fullmatch(name)
    if match is None:
        return "(not shown)"
    return match["participant"] + re.sub(r"[^0-9O._-]+", " ", match["rest"])[:40] + ".edf"


def _typed_key(name: str) -> Key | None:
    """Read a name as typed: the suffix may be missing, or words may follow it, as long as they count nothing."""
    stem, suffix, aside = re.split(r"(\.edf|$)", name, maxsplit=1, flags=re.IGNORECASE)
    return None if re.search(r"[0-9]", aside) else key_of(stem.strip() + (suffix or ".edf"))


def _misnamed(what: str, listed: SeizureList, name: str) -> AnnotationError:
    return AnnotationError(
        what, file=listed.source, value=shown(name), allowed="names such as PN00-1.edf or PN10-7.8.9.edf",
        remedy="correct the line 'File name: ...' of the list",
    )  # fmt: skip


def _zeros(text: str) -> str:
    return text.upper().replace("O", "0")
