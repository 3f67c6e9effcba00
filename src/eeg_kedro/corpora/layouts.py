"""The layouts there are, and which of them a folder has."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

from eeg_kedro.corpora import (
    bids,
    chbmit,
    csv,
    flat,
    helsinki,
    hms,
    muse,
    openbci,
    seizeit,
    siena,
    tusz,
)
from eeg_kedro.corpora.event_table import Labels, read_events
from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import Candidate, FileReport
from eeg_kedro.corpora.recording_facts import RecordingFacts
from eeg_kedro.errors import LayoutError

CHBMIT_CASE = re.compile(r"chb[0-9]{2}")


def _all_chbmit(files: FolderListing) -> bool:
    return all(CHBMIT_CASE.fullmatch(label) for label in bids.subjects(files))


class Layout(NamedTuple):
    """How one layout is recognized, listed and labelled.

    Attributes
    ----------
    recognize : callable
        Says why a folder is of this layout; empty if it is not. Looks at names, and opens few files.
    list_candidates : callable
        Lists its recordings, and those of which only annotations are there (``absent``).
    read_events : callable
        Labels one recording, or one segment of it.
    expects : str
        What its files are called, for messages.
    refines : tuple of str
        Layouts of which it is a special case: a folder that fits both is this one.
    owns_bids : callable or None
        Says whether all BIDS files of a folder are its own; where they are not, it does not win over ``bids``.
    describe : callable or None
        Says of a file that became neither recording nor annotation what it is; None: it does not know it.
    read_votes : callable or None
        Reads votes of experts, one row per labelled cut, columns of ``VOTE_COLUMNS``; what is wrong with a file
        is told in its report.
    """

    recognize: Callable[[FolderListing], str]
    list_candidates: Callable[[FolderListing, IngestOptions], Iterator[Candidate]]
    read_events: Callable[[Candidate, RecordingFacts, IngestOptions], Labels]
    expects: str
    refines: tuple[str, ...] = ()
    owns_bids: Callable[[FolderListing], bool] | None = None
    describe: Callable[[str], FileReport | None] | None = None
    read_votes: (
        Callable[[FolderListing, IngestOptions], tuple[list[dict[str, Any]], list[FileReport]]] | None
    ) = None


# special cases before what they are cases of: reports and messages keep this order
LAYOUTS: dict[str, Layout] = {
    "tusz": Layout(
        tusz.recognize,
        tusz.list_candidates,
        read_events,
        "edf/train/<subject>/.../<subject>_s001_t000.edf",
        refines=("flat",),
        describe=tusz.describe,
    ),
    "chbmit": Layout(
        chbmit.recognize,
        chbmit.list_candidates,
        read_events,
        "chb01/chb01_03.edf",
        refines=("bids", "flat"),
        owns_bids=_all_chbmit,
        describe=chbmit.describe,
    ),
    "siena": Layout(
        siena.recognize,
        siena.list_candidates,
        siena.read_events,
        "PN00/PN00-1.edf with PN00/Seizures-list-PN00.txt",
        refines=("flat",),
        describe=siena.describe,
    ),
    "seizeit": Layout(
        seizeit.recognize,
        seizeit.list_candidates,
        seizeit.read_events,
        "sub-001/ses-01/eeg/sub-001_ses-01_task-szMonitoring_run-01_eeg.edf, or NAME.edf with NAME_a1.tsv",
        refines=("bids", "flat"),
        owns_bids=seizeit.is_second,
        describe=seizeit.describe,
    ),
    "bids": Layout(
        bids.recognize, bids.list_candidates, read_events, "sub-01/eeg/sub-01_..._eeg.edf", refines=("flat",)
    ),
    "helsinki": Layout(
        helsinki.recognize,
        helsinki.list_candidates,
        helsinki.read_events,
        "eeg1.edf ... eeg79.edf with annotations_2017_A_fixed.csv, _B, _C",
        refines=("flat",),
        describe=helsinki.describe,
    ),
    "hms": Layout(
        hms.recognize,
        hms.list_candidates,
        hms.read_events,
        "train.csv with train_eegs/<eeg_id>.parquet",
        refines=("csv",),
        describe=hms.describe,
        read_votes=hms.read_votes,
    ),
    "muse": Layout(
        muse.recognize, muse.list_candidates, read_events, "CSV files of Mind Monitor", refines=("csv",)
    ),
    "openbci": Layout(
        openbci.recognize,
        openbci.list_candidates,
        read_events,
        "OpenBCI_GUI-....txt",
        refines=("csv",),
        describe=openbci.describe,
    ),
    "csv": Layout(csv.recognize, csv.list_candidates, read_events, "NAME.csv or NAME.parquet with NAME.json"),
    "flat": Layout(flat.recognize, flat.list_candidates, read_events, "any EDF or BDF files"),
}


def choose_layout(
    files: FolderListing, name: str = "auto", options: IngestOptions | None = None
) -> tuple[str, str]:
    """Choose the layout of a folder, or check the one the user names.

    Parameters
    ----------
    files : FolderListing
        The corpus.
    name : str
        A layout, or ``auto``: then exactly one must be recognized.
    options : IngestOptions, optional
        Where the annotation files of a named layout are, should they lie elsewhere.

    Returns
    -------
    name, why : str

    Raises
    ------
    LayoutError
        If the folder is empty, is not what the layout expects, fits none or fits two.
    """
    if not files.files:
        raise LayoutError(
            "the corpus folder holds no file", file=files.root.name, allowed="; ".join(_expectations()),
            remedy="set corpus.root to the folder of recordings",
        )  # fmt: skip
    if name not in LAYOUTS and name != "auto":
        raise LayoutError("unknown layout", value=name, allowed=", ".join(["auto", *LAYOUTS]))
    seen = {key: why for key, layout in LAYOUTS.items() if (why := layout.recognize(files))}
    if name != "auto":
        return _check(name, seen, files, options or IngestOptions.model_validate({}))
    covered = {
        general for key in seen for general in LAYOUTS[key].refines if _wins(key, general, seen, files)
    }
    fitting = [key for key in seen if key not in covered]
    if len(fitting) == 1:
        return fitting[0], seen[fitting[0]]
    if fitting:
        raise LayoutError(
            "the folder fits more than one layout",
            file=files.root.name,
            value="; ".join(f"{key}: {seen[key]}" for key in fitting),
            allowed="one corpus",
            remedy="choose one with corpus.layout, or point corpus.root at one corpus",
        )
    raise LayoutError(
        "the folder fits no layout",
        file=files.root.name,
        value=files.summary(),
        allowed="; ".join(_expectations()),
        remedy="docs/corpora.md shows how each layout lies on disk; signal tables without a sidecar need "
        "corpus.layout=csv with ingest.csv_sfreq and ingest.csv_unit",
    )


def _wins(special: str, general: str, seen: Collection[str], files: FolderListing) -> bool:
    """Say whether a special case is all there is: beside a foreign BIDS corpus it is one of two."""
    owns = LAYOUTS[special].owns_bids
    return general != "bids" or general not in seen or owns is None or owns(files)


def _check(
    name: str, seen: Mapping[str, str], files: FolderListing, options: IngestOptions
) -> tuple[str, str]:
    if name in seen:
        return name, seen[name]
    if name == "csv" and any(file.lower().endswith((".csv", ".tsv", ".parquet")) for file in files.visible()):
        return name, "chosen by the user; rates come from ingest.csv_sfreq"
    if name == "muse" and any(file.lower().endswith(".csv") for file in files.visible()):
        return name, "chosen by the user; no table looked at has Mind Monitor's header row"
    # its annotation files may lie elsewhere, or its recordings outside the folders that tell them
    if any(not candidate.absent for candidate in LAYOUTS[name].list_candidates(files, options)):
        return name, "chosen by the user; recordings are named as it expects"
    fits = f", fits {', '.join(seen)}" if seen else ""
    raise LayoutError(
        f"not the layout {name}",
        file=files.root.name,
        value=files.summary() + fits,
        allowed=LAYOUTS[name].expects,
        remedy="choose another corpus.layout (auto looks for itself) or correct corpus.root",
    )


def _expectations() -> list[str]:
    return [f"{name}: {layout.expects}" for name, layout in LAYOUTS.items()]
