"""What lies in an HMS folder: which text tables hold votes, and which parquet files are EEG or spectrograms.

No folder name decides where an id or the columns of a file can: subsets of the competition's 26 GB are laid out in
every way. A parquet file is called by its ``eeg_id`` or ``spectrogram_id``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Literal, NamedTuple

from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.names import clean_name
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.errors import AnnotationConflictError, EegError, SignalError
from eeg_kedro.io.parquet_signals import look_into_parquet
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.spectrogram_columns import is_spectrogram
from eeg_kedro.io.vote_rows import VOTE_COLUMNS
from eeg_kedro.io.vote_table import TableKind, VoteTable, read_vote_table, table_kind
from eeg_kedro.signal.channel_names import channel_kind

ParquetKind = Literal["eeg", "spectrogram", "other"]

_MOST_TABLES = 64  # text files whose first lines are looked at
_LIKELY = ("train", "vote", "label", "test")


class Parquet(NamedTuple):
    """A parquet file and what it is taken for; ``problem``: why it cannot be opened, where it had to be."""

    relative: str
    kind: ParquetKind
    about: str = ""
    problem: EegError | None = None

    @property
    def id(self) -> str:
        """The ``eeg_id`` or ``spectrogram_id`` the file is called by."""
        return PurePosixPath(self.relative).stem


class Tables(NamedTuple):
    """The text tables of a folder.

    Attributes
    ----------
    votes, recordings : tuple of VoteTable
        With and without votes.
    predictions : tuple of SourceFile
        Submissions and the like.
    patients : dict
        ``{eeg_id: patient_id}``, empty where no table names one.
    disputed : dict
        By ``eeg_id``, where two tables name different patients; the first is in `patients`.
    spectrograms : dict
        ``{spectrogram_id: patient_id}``.
    codes : frozenset of str
        The cleaned ids of all patients, in lower case.
    """

    votes: tuple[VoteTable, ...]
    recordings: tuple[VoteTable, ...]
    predictions: tuple[SourceFile, ...]
    patients: dict[str, str]
    disputed: dict[str, AnnotationConflictError]
    spectrograms: dict[str, str]
    codes: frozenset[str]

    def participant(self, eeg_id: str) -> str:
        """Return the code of a recording's participant: its patient, else a code that is no patient's.

        Raises
        ------
        LayoutError
            If nothing is left of the name after cleaning.
        """
        patient = self.patients.get(eeg_id, "")
        code = clean_name(patient or eeg_id, eeg_id)
        while not patient and code.lower() in self.codes:
            code = f"eeg{code}"
        return code

    def dispute(self, eeg_id: str, options: IngestOptions) -> AnnotationConflictError | None:
        """Return why the patient of a recording is not known, where the options do not say that the first counts."""
        return self.disputed.get(eeg_id) if options.annotation_conflict == "error" else None

    @property
    def voted(self) -> set[str]:
        """Every ``eeg_id`` that has rows of votes, unreadable ones too."""
        return {eeg_id for table in self.votes for eeg_id in (*table.rows, *table.flaws)}

    def naming(self, eeg_id: str) -> tuple[SourceFile, ...]:
        """Return the tables of votes on a recording; if there is none, those that could not be read at all."""
        found = [table.file for table in self.votes if eeg_id in table.rows or eeg_id in table.flaws]
        return tuple(found or (table.file for table in self.votes if table.error))


def find_tables(files: FolderListing) -> Iterator[tuple[SourceFile, TableKind]]:
    """Look into the text tables nearest to the root, the likely ones first; opens a bounded number of files."""
    names = [name for name in files.visible() if name.lower().endswith(".csv")]
    for name in sorted(names, key=_likelihood)[:_MOST_TABLES]:
        file = SourceFile(str(files.root), name)
        kind = table_kind(file)
        if kind:
            yield file, kind


def read_tables(files: FolderListing) -> Tables:
    """Read the tables of a folder; what is wrong with one is in it."""
    found = list(find_tables(files))
    votes, recordings = (
        tuple(read_vote_table(file) for file, kind in found if kind == wanted)
        for wanted in ("votes", "recordings")
    )
    patients, disputed = _patients((*votes, *recordings))
    spectrograms: dict[str, str] = {}
    for row in (row for table in (*votes, *recordings) for rows in table.rows.values() for row in rows):
        spectrograms.setdefault(row.spectrogram_id, row.patient_id)
    spectrograms.pop("", None)
    predictions = tuple(file for file, kind in found if kind == "predictions")
    codes = frozenset(clean_name(patient, "").lower() for patient in patients.values() if patient)
    return Tables(votes, recordings, predictions, patients, disputed, spectrograms, codes)


def _patients(tables: Sequence[VoteTable]) -> tuple[dict[str, str], dict[str, AnnotationConflictError]]:
    """Return the first patient that tables name for each recording, and the recordings of which two are named."""
    patients: dict[str, str] = {}
    sources: dict[str, SourceFile] = {}
    disputed: dict[str, AnnotationConflictError] = {}
    for table in tables:
        patients |= dict.fromkeys(table.flaws, "") | patients
        for eeg_id, rows in table.rows.items():
            named, known = rows[0].patient_id, patients.get(eeg_id, "")
            patients[eeg_id] = known or named
            if named and not known:
                sources[eeg_id] = table.file
            elif named and named != known:
                files = sources[eeg_id], table.file
                disputed.setdefault(eeg_id, _two_patients(eeg_id, (known, named), files))
    return patients, disputed


def _two_patients(
    eeg_id: str, patients: tuple[str, str], files: tuple[SourceFile, SourceFile]
) -> AnnotationConflictError:
    return AnnotationConflictError(
        f"two tables name different patients for the recording {eeg_id}",
        file=files[0].relative,
        other_file=files[1].relative,
        value="; ".join(
            f"{patient} in {file.relative}" for patient, file in zip(patients, files, strict=True)
        ),
        allowed="one patient_id per eeg_id",
        remedy="correct the table that is wrong, or set ingest.annotation_conflict=first to use the first",
    )


def sort_parquets(files: FolderListing, tables: Tables) -> Iterator[Parquet]:
    """Say what each parquet file is: by its id, or by its columns where no table names it or two do."""
    for relative in files.visible():
        if not relative.lower().endswith(".parquet"):
            continue
        stem = PurePosixPath(relative).stem
        is_eeg, is_spectrogram_id = stem in tables.patients, stem in tables.spectrograms
        if is_eeg != is_spectrogram_id:
            yield Parquet(relative, "eeg" if is_eeg else "spectrogram")
        else:
            yield _by_columns(SourceFile(str(files.root), relative))


def is_hms_eeg(columns: Sequence[str]) -> bool:
    """Say whether most columns of a table are electrodes, and none belongs to a table of cuts."""
    if {"eeg_id", *VOTE_COLUMNS} & {name.lower() for name in columns}:
        return False
    return 2 * sum(channel_kind(name, "") == "eeg" for name in columns) > len(columns)


def _by_columns(file: SourceFile) -> Parquet:
    try:
        look = look_into_parquet(file)
    except SignalError as problem:
        # its folder is all there is to go by; what may be EEG is not passed over
        lost = "spec" in str(PurePosixPath(file.relative).parent).lower()
        return Parquet(file.relative, "spectrogram" if lost else "eeg", problem=problem)
    if is_spectrogram(look.columns):
        return Parquet(file.relative, "spectrogram")
    if is_hms_eeg(look.columns):
        return Parquet(file.relative, "eeg")
    has_votes = {name.lower() for name in look.columns} >= {*VOTE_COLUMNS}
    what = "votes on cuts whose EEG is not named by eeg_id" if has_votes else "neither EEG nor spectrogram"
    about = f"a table of {look.n_rows} rows and {len(look.columns)} columns, {what}; not used"
    return Parquet(file.relative, "other", about)


def _likelihood(name: str) -> tuple[int, bool, str]:
    path = PurePosixPath(name)
    return len(path.parts), not any(word in path.stem.lower() for word in _LIKELY), name
