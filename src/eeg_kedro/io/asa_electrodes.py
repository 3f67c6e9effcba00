"""Electrode positions in ASA files (.elc), as digitizers and MNE's montages write them.

Old files list numbers under ``Positions`` and names under ``Labels``; new ones say ``Fp1 : 1 2 3`` in each
position and may put all labels on one line.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from pathlib import Path

from eeg_kedro.errors import ElectrodeError

Place = tuple[float, float, float]

_MILLIMETERS = {"mm": 1.0, "cm": 10.0, "m": 1000.0}
_HEADING = re.compile(
    r"(positions(?:2d)?|labels|polygons|headshapepoints)\s*:?"
    r"|(?:number|unit)(?:positions?|polygons|headshapepoints?)\b.*|referencelabel\b.*",
    re.IGNORECASE,
)
_COUNT = re.compile(r"NumberPositions\s*=?\s*(\S*)", re.IGNORECASE)
_UNIT = re.compile(r"UnitPosition\s*=?\s*(\S*)", re.IGNORECASE)
_REMEDY = "export the positions again as an ASA electrode file, or leave pretrain.electrode_file empty"


def read_asa(path: str | Path) -> dict[str, Place]:
    """Read where electrodes are.

    Parameters
    ----------
    path : str or Path
        A text file.

    Returns
    -------
    dict of str to (float, float, float)
        Position of each label in millimeters, in the axes and the order of the file; fiducials are among them.

    Raises
    ------
    ElectrodeError
        If the file is missing or no text, has no unit of length or no positions, if a position is not three
        finite numbers, if labels and positions do not go together, or if a label stands twice.
    """
    name = Path(path).name
    lines = _read_lines(Path(path), name)
    header, rows, names = _split(lines, name)
    factor = _read_unit(header, name)
    prefixes, places = _read_positions(rows, factor, name)
    labels = _read_labels(names, len(places), name) or prefixes
    _check(labels, prefixes, places, _read_count(header), name)
    return dict(zip(labels, places, strict=True))


def _read_lines(path: Path, name: str) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _wrong("the electrode file cannot be read", name, error.strerror) from error
    except UnicodeDecodeError as error:
        raise _wrong("the electrode file is no text", name, error.reason) from error
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _split(lines: list[str], name: str) -> tuple[list[str], list[str], list[str]]:
    """Sort lines into settings, rows of positions and rows of labels; what else a file has is left out."""
    sections: dict[str, list[str]] = {"": []}
    section = ""
    for line in lines:
        heading = _HEADING.fullmatch(line)
        if heading is None:
            sections[section].append(line)
        elif heading[1]:
            section = heading[1].lower()
            sections.setdefault(section, [])
        else:
            sections[""].append(line)
    if "positions" not in sections:
        raise _wrong("the electrode file has no line Positions", name, lines[0] if lines else "nothing")
    return sections[""], sections["positions"], sections.get("labels", [])


def _read_unit(header: list[str], name: str) -> float:
    found = [match[1] for line in header if (match := _UNIT.fullmatch(line))]
    if not found or found[0].lower() not in _MILLIMETERS:
        what = "the electrode file names no unit of length"
        raise _wrong(what, name, found[0] if found else "nothing", "UnitPosition mm, cm or m")
    return _MILLIMETERS[found[0].lower()]


def _read_count(header: list[str]) -> str | None:
    """Give the stated number of positions as written; None where none is stated."""
    return next((match[1] for line in header if (match := _COUNT.fullmatch(line))), None)


def _read_positions(rows: list[str], factor: float, name: str) -> tuple[list[str], list[Place]]:
    """Read the labels before colons, if rows have them, and the numbers."""
    prefixes, places = [], []
    for row in rows:
        label, colon, numbers = row.rpartition(":")
        prefixes += [label.strip()] if colon else []
        try:
            x, y, z = (factor * float(word) for word in numbers.split())
        except ValueError as error:
            raise _wrong("a position is not three numbers", name, row) from error
        if not math.isfinite(x + y + z):
            raise _wrong("a position is not finite", name, row)
        places.append((x, y, z))
    return prefixes, places


def _read_labels(rows: list[str], n_places: int, name: str) -> list[str]:
    """Take a label per line where there are as many lines as positions, else one per word."""
    labels = rows if len(rows) == n_places else " ".join(rows).split()
    if labels and len(labels) != n_places:
        what = "the electrode file has not as many labels as positions"
        raise _wrong(what, name, f"{len(labels)} labels", f"{n_places} labels")
    return labels


def _check(
    labels: list[str], prefixes: list[str], places: list[Place], stated: str | None, name: str
) -> None:
    if not places:
        raise _wrong("the electrode file has no positions", name, "nothing")
    if stated is not None and stated != str(len(places)):
        what = "the electrode file states another number of positions than it has"
        raise _wrong(what, name, stated, str(len(places)))
    if len(labels) != len(places):
        what = "some positions of the electrode file have no label"
        raise _wrong(what, name, f"{len(labels)} labels", f"{len(places)} labels")
    if prefixes and prefixes != labels:
        raise _wrong("labels before the positions are not those below Labels", name, prefixes, str(labels))
    twice = [label for label, count in Counter(label.upper() for label in labels).items() if count > 1]
    if twice:
        raise _wrong("a label stands twice in the electrode file", name, ", ".join(twice))


def _wrong(what: str, name: str, value: object, allowed: str = "") -> ElectrodeError:
    return ElectrodeError(what, file=name, value=value, allowed=allowed, remedy=_REMEDY)
