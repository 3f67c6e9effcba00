"""The layouts there are, and which of them a folder has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from eeg_kedro.corpora import bids, chbmit, csv, flat, tusz
from eeg_kedro.corpora.event_table import Labels, read_events
from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import Candidate
from eeg_kedro.corpora.recording_facts import RecordingFacts
from eeg_kedro.errors import LayoutError


class Layout(NamedTuple):
    """How one layout is recognized, listed and labelled."""

    recognize: Callable[[FolderListing], str]
    list_candidates: Callable[[FolderListing, IngestOptions], Iterator[Candidate]]
    read_events: Callable[[Candidate, RecordingFacts, IngestOptions], Labels]
    expects: str


LAYOUTS: dict[str, Layout] = {
    "tusz": Layout(
        tusz.recognize, tusz.list_candidates, read_events, "edf/train/<subject>/.../<subject>_s001_t000.edf"
    ),
    "chbmit": Layout(chbmit.recognize, chbmit.list_candidates, read_events, "chb01/chb01_03.edf"),
    "bids": Layout(bids.recognize, bids.list_candidates, read_events, "sub-01/eeg/sub-01_..._eeg.edf"),
    "csv": Layout(csv.recognize, csv.list_candidates, read_events, "NAME.csv or NAME.parquet with NAME.json"),
    "flat": Layout(flat.recognize, flat.list_candidates, read_events, "any EDF or BDF files"),
}
ANY_EDF = "flat"


def choose_layout(files: FolderListing, name: str = "auto") -> tuple[str, str]:
    """Choose the layout of a folder, or check the one the user names.

    Parameters
    ----------
    files : FolderListing
        The corpus.
    name : str
        A layout, or ``auto``: then exactly one must be recognized.

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
        return _check(name, seen, files)
    # every EDF corpus is also a folder of EDF files: flat counts only against tables of signals
    named = [key for key in seen if key not in (ANY_EDF, "csv")]
    fitting = named + [key for key in seen if key == "csv" or (key == ANY_EDF and not named)]
    if len(fitting) == 1:
        return fitting[0], seen[fitting[0]]
    raise LayoutError(
        "the folder fits more than one layout" if fitting else "the folder fits no layout",
        file=files.root.name,
        value="; ".join(f"{key}: {seen[key]}" for key in fitting) or files.summary(),
        allowed="; ".join(_expectations()),
        remedy="choose one with corpus.layout, or point corpus.root at one corpus; signal tables without a "
        "sidecar need corpus.layout=csv with ingest.csv_sfreq and ingest.csv_unit",
    )


def _check(name: str, seen: dict[str, str], files: FolderListing) -> tuple[str, str]:
    if name in seen:
        return name, seen[name]
    if name == "csv" and any(file.lower().endswith((".csv", ".tsv", ".parquet")) for file in files.visible()):
        return name, "chosen by the user; rates come from ingest.csv_sfreq"
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
