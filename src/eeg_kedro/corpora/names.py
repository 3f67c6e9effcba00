"""Names of participants and runs: from the corpus, cleaned, safe as file names."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath

from eeg_kedro.corpora.recording import Candidate
from eeg_kedro.errors import LayoutError

# CHB-MIT case 21 is the child of case 1, a year and a half later
SAME_PERSON = {"chb21": "chb01"}


def clean_name(text: str, file: str) -> str:
    """Return a name of letters, digits and single hyphens; ``+`` becomes ``plus`` (CHB-MIT has 16 and 16+).

    Raises
    ------
    LayoutError
        If nothing is left.
    """
    name = re.sub(r"[^A-Za-z0-9]+", "-", text.replace("+", "plus")).strip("-")
    if not name:
        raise LayoutError(
            "no participant or run in the file name",
            file=file,
            value=text,
            allowed="letters, digits and hyphens (A-Z a-z 0-9 -)",
            remedy="rename the file or set ingest.participant_pattern",
        )
    return name


def person_of(participant: str) -> str:
    """Return the human behind a participant: two cases of one corpus may be one person."""
    return SAME_PERSON.get(participant.lower(), participant)


def named_candidate(candidate: Candidate, pattern: str) -> Candidate:
    """Name a candidate by its file name and ``participant_pattern``.

    A name that does not fit is not raised: it becomes the candidate's ``problem``, so that the others go on.
    """
    try:
        written, run = _names_in(candidate.file.relative, pattern)
        participant = clean_name(written, candidate.file.relative)
    except LayoutError as problem:
        return replace(candidate, problem=problem)
    return replace(
        candidate,
        participant=participant,
        run=run,
        person=person_of(participant),
        participant_as_written=written,
    )


def _names_in(relative: str, pattern: str) -> tuple[str, str]:
    """Return the participant as written and the cleaned run."""
    path = PurePosixPath(relative)
    text = str(path.with_suffix("")) if "/" in pattern else path.stem
    match = re.search(pattern, text)
    if match is None or not match["participant"]:
        raise LayoutError(
            "file name does not fit ingest.participant_pattern",
            file=relative,
            value=text,
            allowed=pattern,
            remedy="rename the file or set ingest.participant_pattern",
        )
    groups = match.groupdict()
    return groups["participant"], clean_name(groups.get("run") or "1", relative)
