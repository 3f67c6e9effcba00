"""Siena: ``PN00/PN00-1.edf`` with ``PN00/Seizures-list-PN00.txt``, whose times are those of a clock on the wall."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from pathlib import PurePosixPath

from eeg_kedro.corpora import event_table
from eeg_kedro.corpora.annotation_search import AnnotationSearch
from eeg_kedro.corpora.event_table import Labels
from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.names import clean_name, person_of
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import Candidate, FileReport
from eeg_kedro.corpora.recording_facts import UNKNOWN_LENGTH, RecordingFacts
from eeg_kedro.corpora.siena_names import (
    LIST,
    Key,
    has_letter,
    key_of,
    names_by_key,
    participant_of_list,
    shown,
)
from eeg_kedro.corpora.siena_times import ClockReader, read_registration, time_seizures
from eeg_kedro.errors import AnnotationError
from eeg_kedro.io.clock_time import read_start_clock
from eeg_kedro.io.siena_text import ListedSeizure, SeizureList, read_seizure_list
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.labels.annotations import AnnotationFile

SFREQ = 512.0  # Hz; of every recording of the corpus
LISTED_AS = (
    "listed_as"  # key of Candidate.stated: what each list calls the recording, or why it cannot be told
)
BESIDE = ("_events.tsv", ".tsv", ".csv_bi")  # of copies that were annotated anew; held against the list
Calls = Mapping[SourceFile, tuple[str, ...] | AnnotationError]


def recognize(files: FolderListing) -> str:
    """Say why this is Siena; empty if it is not."""
    paths = [PurePosixPath(name) for name in files.visible()]
    lists = sum(1 for path in paths if LIST.fullmatch(path.name))
    # a name like PN01-1.edf alone may be anybody's; in a folder PN01 it is Siena's
    own = [
        path
        for path in paths
        if (key := key_of(path.name)) and (files.root / path).parent.name.upper() == key.participant
    ]
    if lists:
        return f"{lists} lists named like Seizures-list-PN00.txt"
    return f"{len(own)} files like PN00/PN00-1.edf" if own else ""


def list_candidates(files: FolderListing, options: IngestOptions) -> Iterator[Candidate]:
    """List the recordings, and those that a list of this folder names and of which there is no file."""
    search = AnnotationSearch(files, options)
    root = str(files.root)
    recordings: dict[str, list[Candidate]] = defaultdict(list)
    lists: dict[str, list[SourceFile]] = defaultdict(list)
    for file in search.matching(LIST):
        lists[participant_of_list(PurePosixPath(file.relative))].append(file)
    for relative in files.visible():
        if key := key_of(PurePosixPath(relative).name):
            recordings[key.participant].append(_candidate(SourceFile(root, relative), key))
    for participant in sorted({*recordings, *lists}):
        own = recordings.get(participant, [])
        found = _nearest_first(lists.get(participant, ()), own, root)
        if own or any(file.root == root for file in found):  # a list elsewhere only serves what is here
            yield from _attribute(own, found, root, search)


def read_events(candidate: Candidate, facts: RecordingFacts, options: IngestOptions) -> Labels:
    """Label one recording.

    Raises
    ------
    AnnotationError
        If the list cannot be read, or a time of this recording is impossible.
    """
    remarks: list[str] = []
    calls: Calls = candidate.stated.get(LISTED_AS, {})
    spoken: list[SourceFile] = []

    def read(file: SourceFile, candidate: Candidate) -> AnnotationFile | None:
        if not LIST.fullmatch(file.path.name):
            return event_table.read_annotations(file, candidate)
        names = calls.get(file, ())
        if isinstance(names, AnnotationError):
            raise copy(names)
        listed = read_seizure_list(file)
        mine = _listed_as(listed, names)
        if not mine:
            if not spoken:
                remarks.append(f"{file.path.name} names other recordings and not this one")
            return None
        spoken.append(file)
        reader = ClockReader(candidate.file.path.stem, file.relative, absent=candidate.absent)
        _tell_names(mine, listed, reader)
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
        notes=(f"its name is read as {key.file_name}: letter O for zero",)
        if has_letter(file.path.name)
        else (),
    )


def _nearest_first(
    lists: Sequence[SourceFile], own: Sequence[Candidate], root: str
) -> tuple[SourceFile, ...]:
    """Order the lists of a participant: beside the recordings, elsewhere by the user's wish, then in the corpus."""
    home = PurePosixPath(own[0].file.relative).parent if own else None
    once = {file.path.resolve(): file for file in reversed(lists)}  # annotations_root may lie in the corpus

    def place(file: SourceFile) -> tuple[int, str]:
        path = PurePosixPath(file.relative)
        if file.root == root and path.parent == home:
            return 0, file.relative
        return (1 if file.root != root else 2), file.relative

    return tuple(sorted(once.values(), key=place))


def _attribute(
    recordings: Sequence[Candidate], lists: Sequence[SourceFile], root: str, search: AnnotationSearch
) -> Iterator[Candidate]:
    """Give each recording of one participant the lists, nearest first, and the names it has in them."""
    called = {file: _names_in(file, recordings) for file in lists}
    first = called[lists[0]] if lists else {}
    if isinstance(first, AnnotationError):  # told by each recording; where there is none, by the list itself
        for candidate in recordings or [Candidate(file=lists[0], absent=True)]:
            yield replace(candidate, annotations=tuple(lists), problem=first)
        return
    for candidate in recordings:
        key = key_of(candidate.file.path.name)
        stated = {file: _called(names, key) for file, names in called.items()}
        annotations = (*lists, *_beside(candidate, search))
        yield replace(candidate, annotations=annotations, stated={LISTED_AS: stated} if lists else {})
    here = {file: names for file, names in called.items() if file.root == root}
    known = {key_of(candidate.file.path.name) for candidate in recordings}
    for missing in dict.fromkeys(key for names in here.values() if isinstance(names, dict) for key in names):
        if missing not in known:
            yield _absent(missing, {file: _called(names, missing) for file, names in here.items()})


def _names_in(
    file: SourceFile, recordings: Sequence[Candidate]
) -> dict[Key, tuple[str, ...]] | AnnotationError:
    keys = [key for candidate in recordings if (key := key_of(candidate.file.path.name))]
    try:
        return names_by_key(read_seizure_list(file), keys)
    except AnnotationError as problem:
        return problem


def _called(
    names: Mapping[Key, tuple[str, ...]] | AnnotationError, key: Key | None
) -> tuple[str, ...] | AnnotationError:
    if isinstance(names, AnnotationError):
        return names
    return names.get(key, ()) if key else ()


def _beside(candidate: Candidate, search: AnnotationSearch) -> tuple[SourceFile, ...]:
    stem = candidate.file.path.stem
    return search.beside(candidate.file.relative, [stem + suffix for suffix in BESIDE])


def _absent(key: Key, calls: Calls) -> Candidate:
    """Make the candidate of a recording that lists name and nobody has."""
    naming = {file: names for file, names in calls.items() if names}
    file, called = next((file, names) for file, names in naming.items() if isinstance(names, tuple))
    candidate = _candidate(
        SourceFile(file.root, str(PurePosixPath(file.relative).parent / key.file_name)), key
    )
    listed = read_seizure_list(file)
    reader = ClockReader(candidate.file.path.stem, file.relative, absent=True)
    try:
        duration = read_registration(_listed_as(listed, called), reader).duration
    except AnnotationError:  # raised again, and told, where its seizures are read
        duration = None
    return replace(
        candidate,
        annotations=tuple(naming),
        stated={LISTED_AS: naming},
        absent=True,
        nominal_sfreq=listed.sfreq or SFREQ,
        nominal_duration=duration,
    )


def _listed_as(listed: SeizureList, names: Sequence[str]) -> list[ListedSeizure]:
    return [seizure for seizure in listed.seizures if seizure.file in names]


def _tell_names(mine: Sequence[ListedSeizure], listed: SeizureList, reader: ClockReader) -> None:
    for name in dict.fromkeys(seizure.file for seizure in mine):
        if line := listed.guessed.get(name):
            reader.tell(
                f"line {line} is no 'File name: ...' and is taken for the name of {reader.recording}.edf"
            )
        if name.lower() != f"{reader.recording}.edf".lower():
            reader.tell(f"calls {reader.recording}.edf {shown(name)}")


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
