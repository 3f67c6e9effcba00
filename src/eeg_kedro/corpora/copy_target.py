"""The folder for clean copies: apart from the originals, and never left through a link."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from eeg_kedro.errors import LayoutError


class CopyTarget:
    """Says where a copy goes, so that no original is ever written over.

    Parameters
    ----------
    source, target : Path
        Folders.
    files : iterable of str
        Names of the files below the source.

    Raises
    ------
    LayoutError
        If one folder is inside the other, or a link of the source leads to a file inside the target.
    """

    def __init__(self, source: Path, target: Path, files: Iterable[str] = ()) -> None:
        self.folder = target.expanduser()
        self._source, self._target = source.resolve(), self.folder.resolve()
        if _is_inside(self._source, self._target) or _is_inside(self._target, self._source):
            raise self._mixed("the target is inside the source, or the source inside the target")
        if any(_is_inside((source / name).resolve(), self._target) for name in files):
            raise self._mixed("a link of the source leads to files inside the target")

    def path_of(self, name: str) -> Path:
        """Return the path of a copy.

        Raises
        ------
        LayoutError
            If a folder of its name is a link out of the target: originals may lie there.
        """
        path = self.folder / name
        folder = path.parent.resolve()
        if not _is_inside(folder, self._target) or _is_inside(folder, self._source):
            raise LayoutError(
                "a folder of the target is a link that leads out of it",
                allowed="folders inside the target",
                remedy="remove the link, or choose another --target",
            )
        return path

    def demand_key_apart(self, key: Path) -> None:
        """Refuse a key inside the source or the target.

        Raises
        ------
        LayoutError
            Naming it.
        """
        if {self._source, self._target} & {*key.resolve().parents}:
            raise LayoutError(
                "the key is inside the source or the target",
                value=key.name,
                allowed="a file elsewhere: it leads from the copies back to the people",
                remedy="choose another --key",
            )

    def _mixed(self, what: str) -> LayoutError:
        return LayoutError(
            what,
            value=self._target.name,
            allowed="two folders apart: cleaned copies must not mix with the originals",
            remedy="choose another --target",
        )


def _is_inside(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents
