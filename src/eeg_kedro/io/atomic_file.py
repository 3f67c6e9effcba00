"""Files that are either whole or absent: written aside, then put in place in one step."""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eeg_kedro.errors import DiskFullError

_FULL = (errno.ENOSPC, errno.EDQUOT)
_NAME_BYTES = 200  # leaves room for the affixes below the 255 bytes a file system allows


@contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """Give the name of a hidden part file beside `path`; it takes the place of `path` if all goes well.

    Parameters
    ----------
    path : Path
        The file to make or replace. Its folder is made if it is absent.
    durable : bool
        Wait until the content is on the disk before the name is given: survives a power cut.

    Yields
    ------
    Path
        Where to write; removed again on any error.

    Raises
    ------
    DiskFullError
        If the disk or the quota is full.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    stem = path.name.encode()[:_NAME_BYTES].decode(errors="ignore")
    part = path.with_name(f".{stem}.{secrets.token_hex(6)}.part")
    try:
        yield part
        if durable:
            _flush(part)
        os.replace(part, path)  # noqa: PTH105 - says "atomic" to whoever knows the call
        if durable:
            _flush(path.parent)
    except OSError as error:
        if full := disk_full(error, path):
            raise full from error
        raise
    finally:
        part.unlink(missing_ok=True)


def disk_full(error: BaseException, path: Path) -> DiskFullError | None:
    """Return the typed error if a full disk or quota is what lies behind `error`, else None."""
    link: BaseException | None = error
    met: list[BaseException] = []
    while link is not None and link not in met:  # an error raised from itself would go round for ever
        met.append(link)
        if isinstance(link, DiskFullError):
            # seen further down, where the file had another name
            return DiskFullError(link.what, file=path.name, value=link.value, remedy=link.remedy)
        if isinstance(link, OSError) and link.errno in _FULL:
            free = shutil.disk_usage(path.parent).free
            return DiskFullError(
                "no room left below the data root",
                file=path.name,
                value=f"{free} bytes free",
                remedy="free some space or move the data root (EEG_KEDRO_DATA), then run again: "
                "what is finished stays finished",
            )
        link = link.__cause__ or link.__context__
    return None


def remove_parts(folder: Path) -> None:
    """Remove what killed writers left behind in `folder`."""
    for part in folder.glob(".*.part"):
        part.unlink(missing_ok=True)


def write_json(path: Path, content: object) -> None:
    """Write `content` in one step."""
    # not durable: a record lost in a power cut only means that one recording is done again
    with replacing(path, durable=False) as part:
        part.write_text(json.dumps(content, indent=1, sort_keys=True), encoding="utf-8")


def read_json(path: Path) -> dict[str, Any] | None:
    """Read a JSON object; None if the file is absent or, after a power cut, unreadable."""
    try:
        content = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
