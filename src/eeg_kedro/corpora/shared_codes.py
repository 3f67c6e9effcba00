"""One code for two participants: what the paths of a corpus give away, told before anybody is split or counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from eeg_kedro.corpora.outcome import Outcome
from eeg_kedro.corpora.recording import Candidate
from eeg_kedro.errors import LayoutError

# in these a participant has one folder: a second one is another corpus, or another person
ONE_FOLDER = ("bids", "seizeit", "chbmit", "siena")
MOST_NAMED = 3


def refuse_shared_codes(outcomes: Sequence[Outcome], layout: str) -> list[Outcome]:
    """Refuse the recordings of a participant who seems to be two.

    Three signs are looked for: names in the corpus that differ and become one code (``Müller`` and ``Möller``), a
    second folder of a participant in a layout that has one for each, and an official split on both sides.

    Parameters
    ----------
    outcomes : sequence of Outcome
        All recordings.
    layout : str
        Name of their layout.
    """
    signs: list[tuple[str, Callable[[Candidate], str], str]] = [
        ("names in the corpus that become one participant", _written, "rename one of them"),
        (
            "official splits hold the same participant",
            _split,
            "correct the folders: nobody may be on two sides",
        ),
    ]
    if layout in ONE_FOLDER:
        remedy = "point corpus.root at one corpus, or give the participants codes of their own"
        signs.append(("folders hold the same participant", _home, remedy))
    checked = list(outcomes)
    for what, of, remedy in signs:
        told = _more_than_one([o.candidate for o in checked if not o.error], of)
        checked = [
            replace(o, error=_error(o.candidate, what, told[_key(o.candidate)], remedy))
            if not o.error and _key(o.candidate) in told
            else o
            for o in checked
        ]
    return checked


def _more_than_one(candidates: Iterable[Candidate], of: Callable[[Candidate], str]) -> dict[str, list[str]]:
    """Give the participants for whom ``of`` gives several values, and these."""
    found: dict[str, set[str]] = defaultdict(set)
    for candidate in candidates:
        if value := of(candidate):
            found[_key(candidate)].add(value)
    return {key: sorted(values) for key, values in found.items() if len(values) > 1}


def _key(candidate: Candidate) -> str:
    return candidate.participant.lower()


def _written(candidate: Candidate) -> str:
    return candidate.participant_as_written.lower()


def _split(candidate: Candidate) -> str:
    return candidate.split


def _home(candidate: Candidate) -> str:
    """Return the folder of a participant: down to ``sub-<label>`` in BIDS, else where the file lies.

    Events without a recording are no home: they may lie in a folder of annotations.
    """
    if candidate.absent:
        return ""
    folders = PurePosixPath(candidate.file.relative).parts[:-1]
    for depth, name in enumerate(folders, start=1):
        if name.lower().startswith("sub-"):
            return "/".join(folders[:depth])
    return "/".join(folders) or "."


def _error(candidate: Candidate, what: str, values: list[str], remedy: str) -> LayoutError:
    more = "" if len(values) <= MOST_NAMED else f" and {len(values) - MOST_NAMED} more"
    return LayoutError(
        f"{len(values)} {what}: {', '.join(values[:MOST_NAMED])}{more}",
        file=candidate.file.relative,
        value=candidate.participant,
        allowed="one code for each participant",
        remedy=remedy,
    )
