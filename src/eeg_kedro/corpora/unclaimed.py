"""Files no recording claims: a row for each of them too, so that nothing found is passed over in silence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from types import MappingProxyType

from eeg_kedro.corpora.bids import COPIES
from eeg_kedro.corpora.folder_listing import OWN_OUTPUT, is_hidden
from eeg_kedro.corpora.layouts import LAYOUTS
from eeg_kedro.corpora.recording import FileReport
from eeg_kedro.corpora.same_stem import stem_annotated

NOBODY: Mapping[str, str] = MappingProxyType({})
RECORDING = re.compile(r".*\.(edf|bdf)", re.IGNORECASE | re.DOTALL)
PACKED = re.compile(r".*\.(edf|bdf)\.(gz|zip|xz|bz2|zst)", re.IGNORECASE | re.DOTALL)
ARCHIVE = re.compile(r".*\.(zip|tar|tgz|tbz2|txz|7z|rar|(tar\.)?(gz|bz2|xz|zst))", re.IGNORECASE | re.DOTALL)
FOREIGN = re.compile(r".*\.(vhdr|set|fif|gdf|cnt|trc|nwb|mefd)", re.IGNORECASE | re.DOTALL)
# SeizeIT2 keeps ECG, EMG and movement beside the EEG, as BIDS wants it
OTHER_MODALITY = re.compile(r"sub-.*_(ecg|emg|eog|mov|physio|ieeg|meg)\.(edf|bdf)", re.IGNORECASE | re.DOTALL)
ANNOTATION = re.compile(
    r".*(\.(csv|csv_bi|tsv|tse|tse_bi|lbl|lbl_bi|seizures)|-summary\.txt)", re.IGNORECASE | re.DOTALL
)
SIDECAR = re.compile(
    r".*\.json|(.*_)?(channels|electrodes|coordsystem|scans|sessions|participants)\.tsv",
    re.IGNORECASE | re.DOTALL,
)


def describe_unclaimed(relative: str, layout: str, recordings: Mapping[str, str] = NOBODY) -> FileReport:
    """Say why a file that became neither recording nor annotation was left out.

    Parameters
    ----------
    relative : str
        The file.
    layout : str
        Name of the layout that did not claim it.
    recordings : mapping
        Recordings of the corpus by their stems, as `stems_of` gives them.
    """
    name = PurePosixPath(relative).name
    if is_hidden(relative):
        return _hidden(relative)
    if OWN_OUTPUT.search(relative):
        return FileReport(relative, "other", "refused", "written by this project; not read")
    if layout == "bids" and PurePosixPath(relative).parts[0].lower() in COPIES:
        return FileReport(relative, "other", "refused", "a copy or derivative by the BIDS standard; not read")
    own = LAYOUTS[layout].describe
    if own and (row := own(relative)) is not None:
        return row
    if OTHER_MODALITY.fullmatch(name):
        return FileReport(relative, "other", "refused", "not scalp EEG by its BIDS name; not read")
    if RECORDING.fullmatch(name) or PACKED.fullmatch(name) or FOREIGN.fullmatch(name):
        return _lost_recording(relative, layout)
    if ARCHIVE.fullmatch(name):
        return FileReport(
            relative, "other", "refused", "an archive; never opened", "unpack it if it holds recordings"
        )
    if SIDECAR.fullmatch(name):
        return FileReport(relative, "sidecar", "refused", f"not used by the layout {layout}")
    if ANNOTATION.fullmatch(name):
        return FileReport(relative, "annotation", "refused", _why_unused(relative, layout, recordings))
    return FileReport(relative, "other", "refused", "not a recording or an annotation file; not read")


def _hidden(relative: str) -> FileReport:
    name = PurePosixPath(relative).name
    # macOS keeps what its disks cannot hold in ._a_1.edf beside a_1.edf
    if RECORDING.fullmatch(name) is None or name.startswith("._"):
        return FileReport(relative, "other", "refused", "hidden file; not read")
    remedy = "rename it without the dot at its beginning, or remove it"
    return FileReport(
        relative, "recording", "refused", "a hidden EDF or BDF file; not read", remedy, failed=True
    )


def _why_unused(relative: str, layout: str, recordings: Mapping[str, str]) -> str:
    recording = recordings.get(stem_annotated(relative))
    if recording is None:
        return "not used: no recording has its name"
    return f"not used: it has the name of {recording}, but the layout {layout} takes others for it or none"


def describe_skipped(relative: str, reason: str) -> FileReport:
    """Say why something was not even listed as a file; it failed if it is, or may hold, a recording."""
    unread = "cannot be read" in reason
    lost = unread or RECORDING.fullmatch(relative) is not None
    kind = "recording" if lost else "other"
    remedy = "check its permissions, then run again" if unread else "rename or mend it" if lost else ""
    return FileReport(relative, kind, "refused", reason, remedy, failed=lost)


def _lost_recording(relative: str, layout: str) -> FileReport:
    name = PurePosixPath(relative).name
    if layout == "csv" and RECORDING.fullmatch(name):
        reason, remedy = "an EDF or BDF file among signal tables", "read it with corpus.layout=flat"
    elif RECORDING.fullmatch(name):
        reason = f"not named as the layout {layout} expects; allowed: {LAYOUTS[layout].expects}"
        remedy = "rename it, move it out of the corpus, or choose corpus.layout=flat"
    elif PACKED.fullmatch(name):
        reason, remedy = "a packed recording", "unpack it"
    else:
        reason, remedy = "a recording format this project does not read", "convert it to EDF or move it away"
    return FileReport(relative, "recording", "refused", reason, remedy, failed=True)
