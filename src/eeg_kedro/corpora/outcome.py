"""A candidate after its header and annotations were read: facts and labels, or why it was refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from eeg_kedro.corpora.event_table import Labels
from eeg_kedro.corpora.layouts import LAYOUTS
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import Candidate
from eeg_kedro.corpora.recording_facts import RecordingFacts, absent_facts, cut_segments, read_facts
from eeg_kedro.errors import EegError, LayoutError, SignalError


@dataclass(frozen=True)
class Outcome:
    """What became of one candidate."""

    candidate: Candidate
    facts: RecordingFacts | None = None
    labels: Labels = field(default_factory=Labels)
    error: EegError | None = None


def survey_recording(candidate: Candidate, layout: str, options: IngestOptions) -> list[Outcome]:
    """Read header and annotations of one recording; what is wrong with them becomes the outcome's error.

    Returns
    -------
    list of Outcome
        One; of a file with gaps one per segment, with a run name of its own.
    """
    if candidate.problem:
        return [Outcome(candidate, error=candidate.problem)]
    try:
        facts = absent_facts(candidate) if candidate.absent else read_facts(candidate, options)
    except (EegError, OSError) as error:
        return [Outcome(candidate, error=_as_told(candidate, error))]
    return [_label(_name_segment(candidate, part), part, layout, options) for part in cut_segments(facts)]


def _label(candidate: Candidate, facts: RecordingFacts, layout: str, options: IngestOptions) -> Outcome:
    try:
        return Outcome(candidate, facts, LAYOUTS[layout].read_events(candidate, facts, options))
    except (EegError, OSError) as error:
        return Outcome(candidate, error=_as_told(candidate, error))


def _name_segment(candidate: Candidate, facts: RecordingFacts) -> Candidate:
    return replace(candidate, run=f"{candidate.run}-seg{facts.segment}") if facts.segment else candidate


def _as_told(candidate: Candidate, error: EegError | OSError) -> EegError:
    if isinstance(error, EegError):
        return error
    return SignalError(
        "cannot be read",
        file=candidate.file.relative,
        value=error.strerror,
        remedy="check permissions and the disk, then run again",
    )


def refuse_namesakes(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Refuse recordings that would share a name; some disks take upper and lower case for one."""
    sharing: dict[tuple[str, str], list[str]] = defaultdict(list)
    for outcome in outcomes:
        if not outcome.error:
            sharing[_key(outcome.candidate)].append(outcome.candidate.file.relative)
    return [
        replace(outcome, error=_namesake_error(outcome.candidate, sharing[_key(outcome.candidate)]))
        if not outcome.error and len(sharing[_key(outcome.candidate)]) > 1
        else outcome
        for outcome in outcomes
    ]


def _key(candidate: Candidate) -> tuple[str, str]:
    return candidate.participant.lower(), candidate.run.lower()


def _namesake_error(candidate: Candidate, files: Sequence[str]) -> LayoutError:
    others = ", ".join(name for name in files if name != candidate.file.relative)
    return LayoutError(
        f"participant and run are those of {others} too",
        file=candidate.file.relative,
        value=f"{candidate.participant}_{candidate.run}",
        allowed="one file for each participant and run",
        remedy="rename or remove one; in the layouts flat and csv an ingest.participant_pattern with a slash "
        "sees the folders too",
    )
