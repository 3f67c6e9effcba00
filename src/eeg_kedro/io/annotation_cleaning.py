"""Annotation tables reduced to times, declared labels, channels and confidences; all other text ends here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from eeg_kedro.io.annotation_csv import read_annotation_csv
from eeg_kedro.io.annotation_tsv import read_annotation_tsv
from eeg_kedro.io.atomic_file import replacing
from eeg_kedro.io.deidentify import CleaningOptions
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.telling_text import is_channel_label, is_declared_text
from eeg_kedro.labels.annotations import Annotation

MARK = "removed"


def write_clean_annotations(file: SourceFile, target: Path, options: CleaningOptions) -> tuple[int, int]:
    """Copy a TSV or CSV table of annotations without any text but declared labels and names of channels.

    A label that is not declared becomes ``removed``, so that nobody takes it for background.

    Returns
    -------
    kept, removed : int
        Labels.

    Raises
    ------
    AnnotationError
        If it is no such table.
    """
    is_tsv = file.relative.lower().endswith(".tsv")
    found = (read_annotation_tsv if is_tsv else read_annotation_csv)(file)
    own = dict.fromkeys(options.keep_texts, "other")
    stay = [is_declared_text(one.label, own) for one in found.annotations]
    rows = [
        (one, one.label if stays else MARK, one.channel if is_channel_label(one.channel) else "")
        for one, stays in zip(found.annotations, stay, strict=True)
    ]
    text = _as_tsv(rows, found.duration) if is_tsv else _as_csv(rows, found.duration)
    with replacing(target) as part:
        part.write_text(text, encoding="utf-8")
    return sum(stay), len(stay) - sum(stay)


Row = tuple[Annotation, str, str]


def _as_tsv(rows: Sequence[Row], duration: float | None) -> str:
    stated = () if duration is None else (_text(duration),)
    head = (
        "onset",
        "duration",
        "eventType",
        "confidence",
        "channels",
        *(("recordingDuration",) if stated else ()),
    )
    cells = [
        (_text(one.onset), _text(one.duration), label, _text(one.confidence), channel or "n/a", *stated)
        for one, label, channel in rows
    ]
    return "".join("\t".join(row) + "\n" for row in (head, *cells))


def _as_csv(rows: Sequence[Row], duration: float | None) -> str:
    stated = [] if duration is None else [f"# duration = {_text(duration)} secs"]
    cells = [
        f"{channel or 'TERM'},{_text(one.onset)},{_text(one.offset)},{label},{_text(one.confidence)}"
        for one, label, channel in rows
    ]
    head = ["# version = csv_v1.0.0", *stated, "#", "channel,start_time,stop_time,label,confidence"]
    return "\n".join((*head, *cells)) + "\n"


def _text(value: float) -> str:
    return "n/a" if math.isnan(value) else f"{value:.12g}"
