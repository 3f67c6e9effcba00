"""Files no recording claims: a row for each of them too, so that nothing found is passed over in silence."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from eeg_kedro.corpora.bids import COPIES
from eeg_kedro.corpora.folder_listing import OWN_OUTPUT, is_hidden
from eeg_kedro.corpora.layouts import LAYOUTS
from eeg_kedro.corpora.recording import FileReport

RECORDING = re.compile(r".*\.(edf|bdf)", re.IGNORECASE | re.DOTALL)
PACKED = re.compile(r".*\.(edf|bdf)\.(gz|zip|xz|bz2|zst)", re.IGNORECASE | re.DOTALL)
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


def describe_unclaimed(relative: str, layout: str) -> FileReport:
    """Say why a file that became neither recording nor annotation was left out."""
    name = PurePosixPath(relative).name
    if is_hidden(relative):
        return FileReport(relative, "other", "refused", "hidden file; not read")
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
    if SIDECAR.fullmatch(name):
        return FileReport(relative, "sidecar", "refused", f"not used by the layout {layout}")
    if ANNOTATION.fullmatch(name):
        return FileReport(
            relative,
            "annotation",
            "refused",
            "not used: belongs to no recording, or another file is used",
        )
    return FileReport(relative, "other", "refused", "not a recording or an annotation file; not read")


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
