"""Siena: ``PN00/PN00-1.edf`` with ``PN00/Seizures-list-PN00.txt``, whose times are those of a clock on the wall."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import NamedTuple

from eeg_kedro.corpora import event_table
from eeg_kedro.corpora.annotation_search import AnnotationSearch
from eeg_kedro.corpora.event_table import Labels
from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.names import clean_name, person_of
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import Candidate, FileReport
from eeg_kedro.corpora.recording_facts import UNKNOWN_LENGTH, RecordingFacts
from eeg_kedro.corpora.siena_times import ClockReader, read_registration, time_seizures
from eeg_kedro.errors import AnnotationError
from eeg_kedro.io.clock_time import read_start_clock
from eeg_kedro.io.siena_text import ListedSeizure, SeizureList, read_seizure_list
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.labels.annotations import AnnotationFile

NAME = re.compile(r"(?P<participant>PN[0-9O]{2})(?P<rest>(?![0-9A-Z]).*)\.edf", re.IGNORECASE)
LIST = re.compile(r"Seizures-list-(?P<participant>PN[0-9O]{2})\.txt", re.IGNORECASE)
SFREQ = 512.0  # Hz; of every recording of the corpus
LONGEST_NUMBER = 6  # digits
LISTED_AS = "listed_as"  # key of Candidate.stated: what the list calls the recording
BESIDE = ("_events.tsv", ".tsv", ".csv_bi")  # of copies that were annotated anew; held against the list


class Key(NamedTuple):
    """A recording, whatever its name looks like: PN10-7.8.9 and PN1O-7.8.9 are one."""

    participant: str
    numbers: tuple[int, ...]

    @property
    def file_name(self) -> str:
        """How the corpus would call the file."""
        return f"{self.participant}-{'.'.join(map(str, self.numbers or (1,)))}.edf"


def recognize(files: FolderListing) -> str:
    """Say why this is Siena; empty if it is not."""
    paths = [PurePosixPath(name) for name in files.visible()]
    lists = sum(1 for path in paths if LIST.fullmatch(path.name))
    # a name like PN01-1.edf alone may be anybody's; in a folder PN01 it is Siena's
    own = [
        path
        for path in paths
        if (key := _key(path.name)) and (files.root / path).parent.name.upper() == key.participant
    ]
    if lists:
        return f"{lists} lists named like Seizures-list-PN00.txt"
    return f"{len(own)} files like PN00/PN00-1.edf" if own else ""


def list_candidates(files: FolderListing, options: IngestOptions) -> Iterator[Candidate]:
    """List the recordings, and those that a list of this folder names and of which there is no file."""
    search = AnnotationSearch(files, options)
    root = str(files.root)
    recordings: dict[str, list[Candidate]] = defaultdict(list)
    lists: dict[str, SourceFile] = {}
    for relative in files.visible():
        name = PurePosixPath(relative).name
        if match := LIST.fullmatch(name):
            lists.setdefault(_zeros(match["participant"]), SourceFile(root, relative))
        elif key := _key(name):
            recordings[key.participant].append(_candidate(SourceFile(root, relative), key))
    for participant in sorted({*recordings, *lists}):
        own = recordings.get(participant, [])
        name = f"Seizures-list-{participant}.txt"
        found = search.anywhere(own[0].file.relative, name)[:1] if own else ()
        yield from _attribute(own, found[0] if found else lists.get(participant), root, search)


def read_events(candidate: Candidate, facts: RecordingFacts, options: IngestOptions) -> Labels:
    """Label one recording.

    Raises
    ------
    AnnotationError
        If the list cannot be read, or a time of this recording is impossible.
    """
    remarks: list[str] = []

    def read(file: SourceFile, candidate: Candidate) -> AnnotationFile | None:
        if not LIST.fullmatch(file.path.name):
            return event_table.read_annotations(file, candidate)
        listed = read_seizure_list(file)
        mine = _listed_as(listed, candidate.stated.get(LISTED_AS, ()))
        if not mine:
            remarks.append(f"{file.path.name} names other recordings and not this one")
            return None
        reader = ClockReader(candidate.file.path.stem, file.relative, absent=candidate.absent)
        _tell_names(mine, reader)
        start = None if candidate.absent else read_start_clock(candidate.file)
        timed = time_seizures(mine, reader, _length(facts), start)
        remarks.extend((*timed.remarks, *_other_rate(listed, facts)))
        return AnnotationFile(timed.annotations, repairs=timed.repairs)

    labels = event_table.read_events(candidate, facts, options, read)
    return replace(labels, remarks=(*labels.remarks, *remarks))


def describe(relative: str) -> FileReport | None:
    """Say what a file is that is neither recording nor annotation."""
    name = PurePosixPath(relative).name.lower()
    if name == "subject_info.csv":
        reason = (
            "about participants: of it only sex and age band are told, and only if the options ask for them"
        )
        return FileReport(relative, "sidecar", "refused", reason)
    if LIST.fullmatch(name):
        return FileReport(relative, "annotation", "refused", "another list of this participant is used")
    return None


def _candidate(file: SourceFile, key: Key) -> Candidate:
    text = "-".join(map(str, key.numbers)) or "1"
    return Candidate(
        file=file,
        participant=key.participant,
        person=person_of(key.participant),
        run=clean_name(text, file.relative),
        notes=(f"its name is read as {key.file_name}: letter O for zero",) if _has_letter(file) else (),
    )


def _attribute(
    recordings: Sequence[Candidate], file: SourceFile | None, root: str, search: AnnotationSearch
) -> Iterator[Candidate]:
    """Give each recording of one participant the list and the names it has there."""
    if file is None:
        yield from (replace(candidate, annotations=_beside(candidate, search)) for candidate in recordings)
        return
    try:
        listed = read_seizure_list(file)
        names = _names_by_key(listed, recordings)
    except AnnotationError as problem:  # told by each recording; where there is none, by the list itself
        for candidate in recordings or [Candidate(file=file, absent=True)]:
            yield replace(candidate, annotations=(file,), problem=problem)
        return
    for candidate in recordings:
        key = _key(candidate.file.path.name)
        called = names.pop(key, ()) if key else ()
        beside = _beside(candidate, search)
        yield replace(candidate, annotations=(file, *beside), stated={LISTED_AS: called})
    if file.root == root:  # a list elsewhere only serves recordings that are here
        for missing, called in names.items():
            yield _absent(listed, file, missing, called)


def _beside(candidate: Candidate, search: AnnotationSearch) -> tuple[SourceFile, ...]:
    stem = candidate.file.path.stem
    return search.beside(candidate.file.relative, [stem + suffix for suffix in BESIDE])


def _absent(listed: SeizureList, file: SourceFile, key: Key, called: tuple[str, ...]) -> Candidate:
    """Make the candidate of a recording that a list names and nobody has."""
    place = str(PurePosixPath(file.relative).parent / key.file_name)
    candidate = _candidate(SourceFile(file.root, place), key)
    reader = ClockReader(candidate.file.path.stem, file.relative, absent=True)
    try:
        duration = read_registration(_listed_as(listed, called), reader).duration
    except AnnotationError:  # raised again, and told, where its seizures are read
        duration = None
    return replace(
        candidate,
        annotations=(file,),
        stated={LISTED_AS: called},
        absent=True,
        nominal_sfreq=listed.sfreq or SFREQ,
        nominal_duration=duration,
    )


def _names_by_key(listed: SeizureList, recordings: Sequence[Candidate]) -> dict[Key, tuple[str, ...]]:
    """Say which recording each name of the list means; PN01.edf is the one recording that no number names."""
    match = LIST.fullmatch(PurePosixPath(listed.source).name)
    participant = _zeros(match["participant"]) if match else ""
    here = [key for candidate in recordings if (key := _key(candidate.file.path.name))]
    typed = {name: _key(name if name.lower().endswith(".edf") else name + ".edf") for name in listed.names}
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


def _misnamed(what: str, listed: SeizureList, name: str) -> AnnotationError:
    return AnnotationError(
        what, file=listed.source, value=_shown(name), allowed="names such as PN00-1.edf or PN10-7.8.9.edf",
        remedy="correct the line 'File name: ...' of the list",
    )  # fmt: skip


def _key(name: str) -> Key | None:
    match = NAME.fullmatch(name)
    if match is None:
        return None
    numbers = re.findall(r"[0-9]+", re.sub(r"(?<![A-Z])O(?![A-Z])", "0", match["rest"].upper()))
    if any(len(number) > LONGEST_NUMBER for number in numbers):
        return None
    return Key(_zeros(match["participant"]), tuple(map(int, numbers)))


def _zeros(participant: str) -> str:
    return participant.upper().replace("O", "0")


def _has_letter(file: SourceFile) -> bool:
    match = NAME.fullmatch(file.path.name)
    return match is not None and match["participant"].upper() != _zeros(match["participant"])


def _listed_as(listed: SeizureList, names: Sequence[str]) -> list[ListedSeizure]:
    return [seizure for seizure in listed.seizures if seizure.file in names]


def _tell_names(listed: Sequence[ListedSeizure], reader: ClockReader) -> None:
    for name in dict.fromkeys(seizure.file for seizure in listed):
        if name.lower() != f"{reader.recording}.edf".lower():
            reader.tell(f"calls {reader.recording}.edf {_shown(name)}")


def _shown(name: str) -> str:
    """Return what of a typed file name may be quoted; words in it may be anybody's."""
    match = NAME.fullmatch(name)
    if match is None:
        return "(not shown)"
    return match["participant"] + re.sub(r"[^0-9O._-]+", " ", match["rest"])[:40] + ".edf"


def _length(facts: RecordingFacts) -> float | None:
    """Return the length of the whole file in seconds, gaps counted; None where nobody knows."""
    if not facts.sfreq or facts.n_times == UNKNOWN_LENGTH:
        return None
    last = facts.segments[-1] if facts.segments else None
    return last.time_offset + last.n_times / facts.sfreq if last else facts.duration


def _other_rate(listed: SeizureList, facts: RecordingFacts) -> tuple[str, ...]:
    if listed.sfreq is None or abs(listed.sfreq - facts.sfreq) < 0.01:
        return ()
    return (f"{listed.source} states {listed.sfreq:g} Hz, the recording has {facts.sfreq:g} Hz",)
