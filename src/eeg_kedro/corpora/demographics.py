"""Sex and age band of participants, where the user asks for them: nothing else about a person leaves `io`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import NamedTuple

from eeg_kedro.corpora.folder_listing import FolderListing, list_folder
from eeg_kedro.corpora.names import clean_name
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.outcome import Outcome
from eeg_kedro.corpora.recording import FileReport
from eeg_kedro.errors import EegError, LayoutError
from eeg_kedro.io.demographics import Demographics
from eeg_kedro.io.edf_patient import read_edf_demographics
from eeg_kedro.io.participant_table import NAMES, read_participant_table
from eeg_kedro.io.source_file import SourceFile

__all__ = ["Demographics", "People", "describe_participants"]

WITH_HEADER = ("edf", "bdf")
Tables = Mapping[str, list[Demographics]]


class People(NamedTuple):
    """What is known of the people of a corpus.

    Attributes
    ----------
    known : mapping
        By file of the recording: an age is that at the recording, and people grow older.
    outcomes : list of Outcome
        Those that were handed over, with a remark where sources disagree.
    files : list of FileReport
        What became of the tables of participants.
    """

    known: Mapping[str, Demographics]
    outcomes: list[Outcome]
    files: list[FileReport]


def describe_participants(
    listing: FolderListing, layout: str, outcomes: Sequence[Outcome], options: IngestOptions
) -> People:
    """Find sex and age band at each recording, as far as the user wants to know them.

    Headers and tables of participants are asked. Where they disagree (on the sex of a participant, on the age
    band of a recording) the value stays empty and the recording gets a remark: which of them is right is not
    ours to guess. Nothing is opened if nobody asked.
    """
    if not (options.keep_sex or options.keep_age_band):
        return People({}, list(outcomes), [])
    tables, files = _read_tables(listing, options)
    told = [_sources(outcome, tables) for outcome in outcomes]
    sexes: dict[str, set[str]] = defaultdict(set)
    for outcome, sources in zip(outcomes, told, strict=True):
        sexes[outcome.candidate.participant.lower()] |= {one.sex for one in sources}
    known, marked = {}, []
    for outcome, sources in zip(outcomes, told, strict=True):
        of_all = sexes[outcome.candidate.participant.lower()] if options.keep_sex else ()
        of_this = {one.age_band for one in sources} if options.keep_age_band else ()
        sex, sex_doubt = _agreed(of_all, "sex of this participant")
        band, band_doubt = _agreed(of_this, "age at this recording")
        known[outcome.candidate.file.relative] = Demographics(sex, band)
        marked.append(_remarked(outcome, (*sex_doubt, *band_doubt)))
    return People(known, marked, files)


def _sources(outcome: Outcome, tables: Tables) -> list[Demographics]:
    """List what the recording's own header and the tables say."""
    facts, candidate = outcome.facts, outcome.candidate
    of_tables = tables.get(candidate.participant.lower(), [])
    if facts is None or candidate.absent or facts.file_format not in WITH_HEADER:
        return of_tables
    return [read_edf_demographics(candidate.file), *of_tables]


def _agreed(values: Iterable[str], what: str) -> tuple[str, tuple[str, ...]]:
    """Return the one value there is; of several none, and a sentence."""
    found = sorted({*values} - {""})
    if len(found) > 1:
        return "", (f"headers and tables disagree on the {what}: left empty",)
    return (found[0] if found else ""), ()


def _remarked(outcome: Outcome, doubts: tuple[str, ...]) -> Outcome:
    if not doubts or outcome.error:
        return outcome
    return replace(outcome, labels=replace(outcome.labels, remarks=(*outcome.labels.remarks, *doubts)))


def _read_tables(listing: FolderListing, options: IngestOptions) -> tuple[Tables, list[FileReport]]:
    """Read every table of participants of the corpus and of the folder with annotations."""
    places = [listing, *([list_folder(options.annotations_root)] if options.annotations_root else [])]
    told: dict[str, list[Demographics]] = defaultdict(list)
    files = []
    for place in places:
        for relative in place.visible():
            if NAMES.fullmatch(PurePosixPath(relative).name):
                try:
                    rows = read_participant_table(SourceFile(str(place.root), relative))
                except EegError as error:
                    row = FileReport(relative, "sidecar", "refused", error.reason, error.remedy)
                else:
                    row = FileReport(
                        relative, "sidecar", "taken", f"sex or age band of {len(rows)} participants"
                    )
                    for code, one in rows:
                        told[_participant(code, relative)].append(one)
                files += [row] if place is listing else []
    return told, files


def _participant(code: str, file: str) -> str:
    """Clean a code as the names of participants are cleaned."""
    try:
        return clean_name(code, file).lower()
    except LayoutError:
        return ""
