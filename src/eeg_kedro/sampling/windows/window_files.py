"""Where the windows of each run are: names of files and partitions taken apart, folders listed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from eeg_kedro.errors import WindowError
from eeg_kedro.io.byte_source import find_filesystem
from eeg_kedro.io.window_reading import WindowFile

RunKey = tuple[str, str]  # participant, run
Place = str | Path | Callable[[], WindowFile]
SUFFIX = ".parquet"
_KEY = re.compile(r"([A-Za-z0-9-]+)_([A-Za-z0-9-]+)")


def split_key(key: str) -> RunKey:
    """Take participant and run out of a partition's key.

    Raises
    ------
    WindowError
        If it is not two names with one ``_`` between them.
    """
    found = _KEY.fullmatch(key)
    if found is None:
        raise WindowError(
            "the name does not tell participant and run",
            file=key,
            allowed="<participant>_<run>, of letters, digits and '-'",
            remedy="keep other files out of the folder of the windows",
        )
    return found[1], found[2]


def list_window_files(url: str | Path, storage_options: Mapping[str, Any] | None) -> dict[RunKey, str | Path]:
    """List the window parquets in a folder, local or behind an fsspec URL; none is opened.

    Raises
    ------
    WindowError
        If there is no such folder, no window file in it, or one whose name tells no run.
    """
    filesystem, path = find_filesystem(url, storage_options)
    try:
        if filesystem is None:
            names = [file.name for file in Path(path).iterdir()]
        else:
            names = [str(file).rstrip("/").rsplit("/", 1)[-1] for file in filesystem.ls(path, detail=False)]
    except OSError:
        names = []
    keys = sorted(name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX) and name[0] != ".")
    if not keys:
        raise WindowError(
            "no window file in the folder",
            file=Path(path).name,
            allowed=f"<participant>_<run>{SUFFIX}",
            remedy="run `kedro run --pipelines=process_primary`, or give the folder where the windows are",
        )
    root = path if filesystem is None else str(url)
    return {split_key(key): _below(root, key + SUFFIX) for key in keys}


def _below(root: str, name: str) -> str | Path:
    return f"{root.rstrip('/')}/{name}" if "://" in root else Path(root) / name


def locate(place: Place, name: str) -> str | Path:
    """Return where a run's windows are, asking Kedro's partition if need be.

    Raises
    ------
    WindowError
        If the partition's file is not there.
    """
    if not callable(place):
        return place
    try:
        return place().path
    except FileNotFoundError as error:
        raise WindowError("the window file is not there", file=name, value=str(error)) from error


def no_such_run(keys: Sequence[RunKey], there: Sequence[RunKey]) -> WindowError:
    """Make the error for runs that are wanted and not ``there``."""
    return WindowError(
        "there are no windows of this run" if len(keys) == 1 else f"{len(keys)} runs have no windows",
        file=listed(["_".join(map(str, key)) for key in keys], 5),
        allowed=f"{len(there)} runs, such as {listed(['_'.join(key) for key in there], 3)}",
        remedy="their files are missing or were changed since: run `kedro run --pipelines=process_primary` (only what "
        "is missing is made again), then `kedro run --pipelines=sample`",
    )


def listed(names: Sequence[str], n: int = 30) -> str:
    """Join the first names of a list and tell how many more there are."""
    more = f" and {len(names) - n} more" if len(names) > n else ""
    return ", ".join(names[:n]) + more
