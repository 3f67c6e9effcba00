"""Finding the annotation files of a recording: beside it, or below another folder the user names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from eeg_kedro.corpora.folder_listing import FolderListing, list_folder
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.errors import LayoutError
from eeg_kedro.io.source_file import SourceFile


class AnnotationSearch:
    """Looks files up by name; upper and lower case are one (``.CSV_BI`` from a Windows disk).

    Parameters
    ----------
    files : FolderListing
        The corpus.
    options : IngestOptions
        ``annotations_root`` names the other folder, if any.

    Raises
    ------
    LayoutError
        If ``annotations_root`` is not a folder.
    """

    def __init__(self, files: FolderListing, options: IngestOptions) -> None:
        self._corpus = _ByName(files)
        self._elsewhere = (
            _ByName(_list_elsewhere(options.annotations_root)) if options.annotations_root else None
        )

    def beside(self, relative: str, names: Iterable[str]) -> tuple[SourceFile, ...]:
        """Return those of ``names`` that lie in the folder of ``relative``, else below the other folder."""
        folder = PurePosixPath(relative).parent
        found = []
        for name in names:
            file = self._corpus.at(str(folder / name))
            if file is None and self._elsewhere:
                file = self._elsewhere.at(str(folder / name)) or self._elsewhere.only(name)
            if file is not None:
                found.append(file)
        return tuple(found)

    def anywhere(self, relative: str, name: str) -> tuple[SourceFile, ...]:
        """Return the file called ``name``: beside ``relative``, below the other folder, or in the corpus."""
        beside = self.beside(relative, [name])
        file = beside[0] if beside else self._corpus.only(name)
        return (file,) if file else ()

    def matching(self, pattern: re.Pattern[str]) -> tuple[SourceFile, ...]:
        """Return every file, here and elsewhere, whose name matches the whole pattern, sorted."""
        places = [self._corpus, *([self._elsewhere] if self._elsewhere else [])]
        return tuple(file for place in places for file in place.matching(pattern))


class _ByName:
    """A listing, searchable by path and by name in lower case."""

    def __init__(self, files: FolderListing) -> None:
        self._root = str(files.root)
        self._paths: dict[str, str] = {}
        self._names: dict[str, list[str]] = defaultdict(list)
        for relative in files.visible():
            self._paths.setdefault(relative.lower(), relative)
            self._names[PurePosixPath(relative).name.lower()].append(relative)

    def at(self, relative: str) -> SourceFile | None:
        found = self._paths.get(relative.lower())
        return None if found is None else SourceFile(self._root, found)

    def only(self, name: str) -> SourceFile | None:
        """Return the one file of that name; of several, none: which one is meant is not ours to guess."""
        found = self._names.get(name.lower(), [])
        return SourceFile(self._root, found[0]) if len(found) == 1 else None

    def matching(self, pattern: re.Pattern[str]) -> list[SourceFile]:
        names = sorted(name for name in self._names if pattern.fullmatch(name))
        return [SourceFile(self._root, relative) for name in names for relative in self._names[name]]


def _list_elsewhere(root: str) -> FolderListing:
    if not Path(root).expanduser().is_dir():
        raise LayoutError(
            "ingest.annotations_root is not a folder",
            value=Path(root).name,
            allowed="a folder with annotation files, absolute or from where kedro is run; or empty",
            remedy="correct or empty ingest.annotations_root",
        )
    return list_folder(root)
