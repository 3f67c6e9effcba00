"""A candidate after its header and annotations were read: facts and labels, or why it was refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from eeg_kedro.corpora.event_table import Labels
from eeg_kedro.corpora.layouts import LAYOUTS
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import Candidate
from eeg_kedro.corpora.recording_facts import RecordingFacts, absent_facts, cut_segments, read_facts
from eeg_kedro.errors import EegError, LayoutError, SignalError

Name = tuple[str, str]  # participant and run, in lower case


@dataclass(frozen=True)
class Outcome:
    """What became of one candidate, or of one segment of it."""

    candidate: Candidate
    facts: RecordingFacts | None = None
    labels: Labels = field(default_factory=Labels)
    error: EegError | None = None

    @property
    def whole_run(self) -> str:
        """Name of the run before its segment was added to it."""
        number = self.facts.segment if self.facts else 0
        return self.candidate.run.removesuffix(f"-seg{number}") if number else self.candidate.run


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
        return Outcome(candidate, facts, error=_as_told(candidate, error))


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
    """Refuse recordings that would share a name; some disks take upper and lower case for one.

    Segments carry the name of the file's run too: of two files with one name, none is taken, gaps or not, and
    none of their segments.
    """
    sharing: dict[Name, dict[str, str]] = defaultdict(dict)
    for outcome in outcomes:
        for key in _keys(outcome):
            sharing[key][outcome.candidate.file.relative] = _told(outcome.candidate)
    others: dict[tuple[str, Name], set[str]] = defaultdict(set)
    for outcome in outcomes:
        others[_recording(outcome)] |= _others(outcome, sharing)
    return [
        replace(outcome, error=_namesake_error(outcome, sorted(namesakes)))
        if not outcome.error and (namesakes := others[_recording(outcome)])
        else outcome
        for outcome in outcomes
    ]


def _recording(outcome: Outcome) -> tuple[str, Name]:
    """Return what all segments of one recording share."""
    candidate = outcome.candidate
    return candidate.file.relative, (candidate.participant.lower(), outcome.whole_run.lower())


def _told(candidate: Candidate) -> str:
    """Return the file that a recording is, or that tells of one which is not here."""
    files = candidate.annotations if candidate.absent else ()
    return next(iter(files), candidate.file).relative


def _keys(outcome: Outcome) -> set[Name]:
    if outcome.error:
        return set()
    participant = outcome.candidate.participant.lower()
    return {(participant, outcome.candidate.run.lower()), (participant, outcome.whole_run.lower())}


def _others(outcome: Outcome, sharing: Mapping[Name, Mapping[str, str]]) -> set[str]:
    own = outcome.candidate.file.relative
    return {told for key in _keys(outcome) for name, told in sharing[key].items() if name != own}


def _namesake_error(outcome: Outcome, others: Sequence[str]) -> LayoutError:
    return LayoutError(
        f"participant and run are those of {', '.join(others)} too",
        file=outcome.candidate.file.relative,
        value=f"{outcome.candidate.participant}_{outcome.whole_run}",
        allowed="one file for each participant and run",
        remedy="rename or remove one; in the layouts flat and csv an ingest.participant_pattern with a slash "
        "sees the folders too; a folder of annotations alone is named with ingest.annotations_root",
    )
