"""Finding the annotation files of a recording: beside it, and below another folder the user names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from eeg_kedro.corpora.folder_listing import FolderListing, list_folder
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.errors import AnnotationConflictError, LayoutError
from eeg_kedro.io.source_file import SourceFile


@dataclass(frozen=True)
class UnclearFile(SourceFile):
    """One of several files of the name that was looked for: which one is meant is not ours to guess.

    Attributes
    ----------
    told : str
        What reports call it.
    namesakes : tuple of str
        What they call all of them.
    """

    told: str = ""
    namesakes: tuple[str, ...] = ()


def shown_name(file: SourceFile, root: str) -> str:
    """Return the name of a file for people: below the corpus, or below the other folder's name."""
    return file.relative if file.root == root else f"{Path(file.root).name}/{file.relative}"


def demand_clear(file: SourceFile) -> None:
    """Refuse a file that is one of several of its name.

    Raises
    ------
    AnnotationConflictError
        Naming them.
    """
    if isinstance(file, UnclearFile):
        raise AnnotationConflictError(
            f"{len(file.namesakes)} files of this name",
            file=file.told,
            other_file=next(name for name in file.namesakes if name != file.told),
            value=", ".join(file.namesakes),
            allowed="one, or one beside the recording that is spelled as the recording is",
            remedy="remove or rename all but one",
        )


class AnnotationSearch:
    """Looks files up by name; a name that is spelled the same wins over another case (``.CSV_BI`` from Windows).

    Parameters
    ----------
    files : FolderListing
        The corpus.
    options : IngestOptions
        ``annotations_root`` names the other folder, if any; it may lie in the corpus.

    Raises
    ------
    LayoutError
        If ``annotations_root`` is not a folder.
    """

    def __init__(self, files: FolderListing, options: IngestOptions) -> None:
        self._corpus = _ByName(str(files.root), files.visible(), str(files.root))
        self._elsewhere = _search_elsewhere(files, options) if options.annotations_root else None

    def beside(self, relative: str, names: Iterable[str]) -> tuple[SourceFile, ...]:
        """Return those of ``names`` that lie in the folder of ``relative``, and those below the other folder.

        Below the other folder a file lies at the same path, or anywhere, if it is not at that of another
        recording. Several files that fit alike come as `UnclearFile`.
        """
        folder = PurePosixPath(relative).parent
        found: list[SourceFile] = []
        for name in names:
            found += self._corpus.at(str(folder / name))
            if self._elsewhere:
                found += self._elsewhere.at(str(folder / name)) or self._anybodys(relative, name)
        return tuple(dict.fromkeys(found))

    def anywhere(self, relative: str, name: str) -> tuple[SourceFile, ...]:
        """Return the files called ``name``: beside ``relative`` and below the other folder, else in the corpus."""
        return self.beside(relative, [name]) or tuple(self._corpus.named(name))

    def matching(self, pattern: re.Pattern[str]) -> tuple[SourceFile, ...]:
        """Return every file, here and elsewhere, whose name matches the whole pattern, sorted."""
        places = [self._corpus, *([self._elsewhere] if self._elsewhere else [])]
        return tuple(dict.fromkeys(file for place in places for file in place.matching(pattern)))

    def serves(self, relative: str) -> bool:
        """Say whether a file of the corpus lies below the other folder, which serves recordings and adds none."""
        return bool(
            self._elsewhere and self._elsewhere.prefix and relative.startswith(self._elsewhere.prefix)
        )

    def _anybodys(self, relative: str, name: str) -> list[SourceFile]:
        """Return files of that name below the other folder, but for those at the place of another recording."""
        assert self._elsewhere is not None  # noqa: S101 - asked only where there is one
        recording = PurePosixPath(relative).name
        if len(self._corpus.places(recording)) > 1:  # several have that name: it may be anybody's
            return []
        theirs = [
            place
            for place in self._elsewhere.places(name)
            for home in (place, place.removeprefix(self._elsewhere.prefix))
            if (at := str(PurePosixPath(home).parent / recording)) != relative and self._corpus.at(at)
        ]
        return self._elsewhere.named(name, without=theirs)


class _ByName:
    """Files of one folder, searchable by path below ``prefix`` and by name."""

    def __init__(self, root: str, names: Iterable[str], corpus: str, prefix: str = "") -> None:
        self.prefix = prefix
        self._root, self._corpus = root, corpus
        self._paths: dict[str, list[str]] = defaultdict(list)
        self._names: dict[str, list[str]] = defaultdict(list)
        for relative in names:
            if relative.startswith(prefix):
                self._paths[relative[len(prefix) :].lower()].append(relative)
                self._names[PurePosixPath(relative).name.lower()].append(relative)

    def at(self, relative: str) -> list[SourceFile]:
        return self._one_of(self._paths.get(relative.lower(), []), lambda _: self.prefix + relative)

    def places(self, name: str) -> list[str]:
        return self._names.get(name.lower(), [])

    def named(self, name: str, without: Iterable[str] = ()) -> list[SourceFile]:
        others = {*without}
        left = [relative for relative in self.places(name) if relative not in others]
        return self._one_of(left, lambda relative: str(PurePosixPath(relative).with_name(name)))

    def matching(self, pattern: re.Pattern[str]) -> list[SourceFile]:
        names = sorted(name for name in self._names if pattern.fullmatch(name))
        return [SourceFile(self._root, relative) for name in names for relative in self._names[name]]

    def _one_of(self, found: list[str], asked: Callable[[str], str]) -> list[SourceFile]:
        """Return the file that is spelled as asked for, or the only one; all of them if that is unclear."""
        best = [relative for relative in found if relative == asked(relative)] or found
        if len(best) < 2:
            return [SourceFile(self._root, relative) for relative in best]
        told = [shown_name(SourceFile(self._root, relative), self._corpus) for relative in best]
        return [
            UnclearFile(self._root, relative, name, tuple(told))
            for relative, name in zip(best, told, strict=True)
        ]


def _search_elsewhere(files: FolderListing, options: IngestOptions) -> _ByName:
    """Index ``annotations_root``; a part of the corpus keeps the names it has there."""
    top = Path(options.annotations_root).expanduser()
    if not top.is_dir():
        raise LayoutError(
            "ingest.annotations_root is not a folder",
            value=options.annotations_root,
            allowed="a folder with annotation files, absolute or from where kedro is run; or empty",
            remedy="correct or empty ingest.annotations_root",
        )
    inside = top.resolve()
    root = files.root.resolve()
    if inside.is_relative_to(root):
        below = str(PurePosixPath(inside.relative_to(root))) + "/"
        prefix = "" if inside == root else below
        return _ByName(str(files.root), files.visible(), str(files.root), prefix)
    listing = list_folder(top)
    return _ByName(str(listing.root), listing.visible(), str(files.root))
