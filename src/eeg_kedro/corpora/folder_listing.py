"""What lies below a folder: every file once, in an order that no file system decides."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from eeg_kedro.errors import LayoutError

# folders this project writes, should somebody keep them inside the corpus
OWN_OUTPUT = re.compile(
    r"(^|/)(02_intermediate|03_primary|04_feature|05_model_input|06_models|07_model_output|08_reporting)/"
)


@dataclass(frozen=True)
class FolderListing:
    """The files below a folder, by name only: none was opened.

    Attributes
    ----------
    root : Path
        The folder.
    files : tuple of str
        Every file below it, relative, with forward slashes, sorted; links to nowhere too.
    skipped : tuple of (str, str)
        What was not entered or cannot be a file of a corpus, and why.
    """

    root: Path
    files: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...] = ()

    def visible(self) -> tuple[str, ...]:
        """Return the files that may belong to a corpus: neither hidden nor written by this project."""
        return tuple(name for name in self.files if not is_hidden(name) and not OWN_OUTPUT.search(name))

    def summary(self) -> str:
        """Count the files by suffix, for messages."""
        counts = Counter(PurePosixPath(name).suffix.lower() or "no suffix" for name in self.files)
        return ", ".join(f"{n} {suffix}" for suffix, n in sorted(counts.items())) or "no file"


def is_hidden(relative: str) -> bool:
    """Say whether the file or one of its folders begins with a dot."""
    return any(part.startswith(".") for part in relative.split("/"))


def list_folder(root: Path | str) -> FolderListing:
    """List every file below a folder; links to folders are followed unless they lead back up.

    Raises
    ------
    LayoutError
        If the folder does not exist.
    """
    top = Path(root).expanduser()
    if not top.is_dir():
        raise LayoutError(
            "no such folder" if not top.exists() else "not a folder",
            file=top.name,
            allowed="a folder of recordings",
            remedy="set corpus.root, e.g. kedro run --params=corpus.root=PATH,corpus.layout=NAME",
        )
    files: list[str] = []
    skipped: list[tuple[str, str]] = []
    for relative, reason in _walk(top):
        if reason:
            skipped.append((relative, reason))
        else:
            files.append(relative)
    return FolderListing(top, tuple(sorted(files)), tuple(sorted(skipped)))


def _walk(top: Path) -> Iterator[tuple[str, str]]:
    """Yield (relative path, "") for files and (relative path, reason) for what is not entered."""
    stack: list[tuple[Path, str, frozenset[tuple[int, int]]]] = [(top, "", frozenset())]
    while stack:
        folder, prefix, above = stack.pop()
        try:
            status = folder.stat()
            entries = list(os.scandir(folder))
        except OSError as error:
            yield _printable(prefix) or "./", f"folder cannot be read: {error.strerror}"
            continue
        here = (status.st_dev, status.st_ino)
        if here in above:
            yield _printable(prefix), "a link back to a folder above it; not followed"
            continue
        for entry in entries:
            relative = prefix + entry.name
            kind = _kind(entry)
            if kind == "folder" and entry.name.startswith("."):
                yield _printable(relative) + "/", "hidden folder; not searched"
            elif kind == "folder":
                stack.append((Path(entry.path), relative + "/", above | {here}))
            elif kind == "file" and _printable(relative) == relative:
                yield relative, ""
            else:
                yield _printable(relative), kind if kind != "file" else "name is not valid UTF-8"


def _kind(entry: os.DirEntry[str]) -> str:
    try:
        if entry.is_dir():
            return "folder"
        # a link to nowhere is listed: fetching its content makes it a file
        return "file" if entry.is_file() or entry.is_symlink() else "neither a file nor a folder"
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _printable(name: str) -> str:
    """Return the name with bytes that are no text replaced: tables hold text only."""
    return os.fsencode(name).decode("utf-8", "replace")
