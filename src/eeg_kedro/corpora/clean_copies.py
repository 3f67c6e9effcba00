"""De-identified copies of all recordings of a folder: what is copied, under which name, and a report of it."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path, PurePosixPath
from typing import Any

from eeg_kedro.corpora.annotation_search import AnnotationSearch
from eeg_kedro.corpora.code_key import CodeKey
from eeg_kedro.corpora.copy_target import CopyTarget
from eeg_kedro.corpora.folder_listing import FolderListing, is_hidden, list_folder
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.errors import DiskFullError, EegError, LayoutError
from eeg_kedro.io.annotation_cleaning import write_clean_annotations
from eeg_kedro.io.atomic_file import replacing
from eeg_kedro.io.deidentify import CleanCopy, CleaningOptions, is_clean_copy, write_clean_copy
from eeg_kedro.io.source_file import SourceFile

REPORT_NAME = "deidentify_report.csv"
RECORDING = re.compile(r".*\.(edf|bdf)", re.IGNORECASE | re.DOTALL)
PACKED = re.compile(r".*\.(edf|bdf)\.(gz|zip|xz|bz2|zst)", re.IGNORECASE | re.DOTALL)
CHECK_TARGET = "check that the target folder can be written, then run again"
TABLES = (".csv", ".csv_bi", "_events.tsv", ".tsv")


@dataclass(frozen=True)
class CopyReport:
    """What became of one file; a row of the report in the target folder.

    Attributes
    ----------
    file : str
        Its name in the target, below that folder; never the name of a source that was renamed.
    status : str
        copied | already there | refused | not copied
    failed : bool
        A recording that is not in the target, though it should be.
    """

    file: str
    status: str
    reason: str = ""
    remedy: str = ""
    failed: bool = False
    n_signals: int = 0
    n_records: int = 0
    patient: int = 0
    recording: int = 0
    start: int = 0
    labels: int = 0
    other_fields: int = 0
    annotations_kept: int = 0
    annotations_removed: int = 0


def deidentify_folder(
    source: str | Path,
    target: str | Path,
    options: CleaningOptions,
    *,
    key: CodeKey | None = None,
    with_annotations: bool = False,
    overwrite: bool = False,
) -> Iterator[CopyReport]:
    """Copy every EDF and BDF file below a folder without what it tells of a person; nothing else is copied.

    Parameters
    ----------
    source, target : path
        Neither inside the other; the source is only read.
    options : CleaningOptions
        What may stay.
    key : CodeKey, optional
        Gives the copies coded names; without one they keep their own, which may be people's names.
    with_annotations : bool
        Copy the annotation tables beside the recordings too: times, declared labels, channels, confidences.
    overwrite : bool
        Replace files of the target.

    Yields
    ------
    CopyReport
        One per file of the source, as soon as it is done; a file that fails stops no other. With a key,
        files that are not copied are one row per suffix.

    Raises
    ------
    LayoutError
        If the source is no folder, one folder is inside the other, also through a link of the source, or the key is
        inside one of them.
    """
    listing = list_folder(source)
    into = CopyTarget(listing.root, Path(target), listing.files)
    search = AnnotationSearch(listing, IngestOptions.model_validate({}))
    copied: set[str] = set()
    if key:
        into.demand_key_apart(key.path)
        key.assign(listing, [name for name in listing.files if _is_recording(name)])
    for relative in listing.files:
        if not _is_recording(relative):
            continue
        name = key.code_of(relative) if key else relative
        file = SourceFile(str(listing.root), relative)
        row = _copy_recording(file, into, name, options, overwrite=overwrite)
        yield row
        copied.add(relative)
        if with_annotations and not row.failed:
            for table in search.beside(relative, _table_names(relative)):
                copied.add(table.relative)
                yield _copy_table(table, into, (relative, name), options, overwrite=overwrite)
    yield from _describe_others(listing, copied, coded=key is not None)


def write_report(rows: Sequence[CopyReport], target: str | Path) -> Path:
    """Write the report into the target folder."""
    path = Path(target).expanduser() / REPORT_NAME
    with replacing(path) as part, part.open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, [column.name for column in fields(CopyReport)], lineterminator="\n")
        table.writeheader()
        table.writerows(asdict(row) for row in rows)
    return path


def tell_row(row: CopyReport) -> str:
    """Say in a line of a table what became of a file."""
    fields_changed = row.patient + row.recording + row.start + row.labels + row.other_fields
    counts = (
        f"{row.n_signals} signals, {row.n_records} records, {fields_changed} fields cleaned, "
        f"{row.annotations_removed} annotation texts removed, {row.annotations_kept} kept"
    )
    told = (
        counts if row.n_signals else f"{row.annotations_kept} labels kept, {row.annotations_removed} removed"
    )
    said = [told] if row.status == "copied" else []
    return f"{row.status:<13}  {row.file:<40}  {'; '.join(filter(None, [*said, row.reason, row.remedy]))}".rstrip()


def count_rows(rows: Sequence[CopyReport]) -> str:
    """Count what became of the files, for the last line of the table."""
    counts = Counter(row.status for row in rows)
    told = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    return f"{told or 'no file found'}; {sum(row.failed for row in rows)} recordings failed"


def _is_recording(relative: str) -> bool:
    return RECORDING.fullmatch(relative) is not None and not is_hidden(relative)


def _copy_recording(
    file: SourceFile, target: CopyTarget, name: str, options: CleaningOptions, *, overwrite: bool
) -> CopyReport:
    try:
        path = target.path_of(name)
        if path.exists() and not overwrite:
            return _already_there(file, path, name, options)
        copy = write_clean_copy(file, path, options)
    except EegError as error:
        return CopyReport(name, "refused", error.reason, error.remedy, failed=True)
    except OSError as error:
        return CopyReport(name, "refused", f"cannot be written: {error.strerror}", CHECK_TARGET, failed=True)
    counts: dict[str, Any] = {"n_signals": copy.n_signals, "n_records": copy.n_records, **copy.changed}
    return CopyReport(name, "copied", _left_out(copy), **counts)


def _already_there(file: SourceFile, path: Path, name: str, options: CleaningOptions) -> CopyReport:
    if is_clean_copy(file, path, options):
        return CopyReport(name, "already there")
    what = "another file of this name is in the target, or a copy made with other options"
    return CopyReport(name, "refused", what, "remove it, or replace it with --overwrite", failed=True)


def _left_out(copy: CleanCopy) -> str:
    told = []
    if copy.n_records_left_out:
        told.append(f"{copy.n_records_left_out} data records beyond the header's number are left out")
    if copy.n_bytes_left_out:
        told.append(f"{copy.n_bytes_left_out} bytes before or after the data records are left out")
    if copy.end_unchecked:
        told.append(
            "the header does not say how many data records there are: all whole ones are copied, and whether the last "
            "hold anything else than samples could not be checked"
        )
    return "; ".join(told)


def _table_names(recording: str) -> list[str]:
    stem = PurePosixPath(recording).stem
    short = [stem[: -len("_eeg")] + "_events.tsv"] if stem.lower().endswith("_eeg") else []
    return [*(stem + suffix for suffix in TABLES), *short]


def _copy_table(
    table: SourceFile,
    target: CopyTarget,
    names: tuple[str, str],
    options: CleaningOptions,
    *,
    overwrite: bool,
) -> CopyReport:
    recording, copy = names
    name = table.relative
    if recording != copy:
        suffix = next(end for end in sorted(TABLES, key=len, reverse=True) if name.lower().endswith(end))
        name = str(PurePosixPath(copy).with_suffix("")) + suffix
    try:
        path = target.path_of(name)
        if path.exists() and not overwrite:
            return CopyReport(name, "not copied", "a file of this name is in the target", "use --overwrite")
        kept, removed = write_clean_annotations(table, path, options)
    except (LayoutError, DiskFullError) as error:
        return CopyReport(name, "not copied", error.reason, error.remedy)
    except EegError as error:  # the reason may quote a cell
        return CopyReport(name, "not copied", f"no table of annotations: {error.what}")
    except OSError as error:
        return CopyReport(name, "not copied", f"cannot be written: {error.strerror}", CHECK_TARGET)
    return CopyReport(name, "copied", annotations_kept=kept, annotations_removed=removed)


def _describe_others(listing: FolderListing, copied: set[str], *, coded: bool) -> Iterator[CopyReport]:
    others: dict[str, str] = {name: _why_not(name) for name in listing.files if name not in copied}
    others |= dict(listing.skipped)
    if not coded:
        for name, why in sorted(others.items()):
            yield CopyReport(name, "not copied", why, failed=_is_lost(name, why))
        return
    for suffix, names in _by_suffix(others).items():
        why = "; ".join(sorted({others[name] for name in names}))
        lost = any(_is_lost(name, others[name]) for name in names)
        yield CopyReport(
            f"*{suffix}", "not copied", f"{len(names)} names of files left out here: {why}", failed=lost
        )


def _by_suffix(names: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in sorted(names):
        suffix = PurePosixPath(name).suffix.lower()
        # what stands behind the last dot may be a name as well
        shown = (
            suffix
            if re.fullmatch(r"\.(tsv|csv|csv_bi|txt|json|gz|zip|seizures|edf|bdf|pdf|xlsx?)", suffix)
            else ""
        )
        found.setdefault(shown, []).append(name)
    return found


def _why_not(name: str) -> str:
    if is_hidden(name):
        return "hidden; not read"
    if PACKED.fullmatch(name):
        return "a packed recording: unpack it first"
    return "not an EDF or BDF file: other files may hold names anywhere"


def _is_lost(name: str, why: str) -> bool:
    packed_or_not = RECORDING.fullmatch(name) or PACKED.fullmatch(name)
    return "cannot be read" in why or (packed_or_not is not None and not is_hidden(name))
