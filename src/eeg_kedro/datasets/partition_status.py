"""The folder ``_status`` beside the partitions: who is writing, what was planned, what became of it.

============== ===========================================================================
file           content
============== ===========================================================================
``KEY.json``   ``{state: done | failed, seconds, error, error_type, remedy, fingerprint, size}``
``_plan.json`` ``{KEY: fingerprint}`` of the last save
``_summary.json`` counts of the last save: ``{expected, done, skipped, failed, complete}``
``_run``       token of the last save to begin; whoever holds an older one has lost the folder
============== ===========================================================================
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from eeg_kedro.io.atomic_file import read_json, remove_parts, replacing, write_json

logger = logging.getLogger(__name__)

STATUS_FOLDER = "_status"


class PartitionStatus:
    """Records about the partitions of one folder.

    Parameters
    ----------
    partitions : Path
        The folder of the partitions.
    suffix : str
        How a partition's file name ends, for example ``.parquet``.
    """

    def __init__(self, partitions: Path, suffix: str) -> None:
        self.partitions, self.suffix = partitions, suffix
        self.folder = partitions / STATUS_FOLDER

    def file_of(self, key: str) -> Path:
        """Return the partition's file."""
        return self.partitions / f"{key}{self.suffix}"

    def take_over(self) -> str:
        """Become the only writer and remove what killed writers left behind.

        Returns
        -------
        str
            The token of this run. Workers of an earlier run (orphans of a killed one, tasks still on a
            cluster) find another token than theirs and drop their results; those which looked just before
            the change have a part file by then, which is removed here before anything is planned.
        """
        token = secrets.token_hex(8)
        with replacing(self.folder / "_run", durable=False) as part:
            part.write_text(token, encoding="ascii")
        self.remove_parts()
        return token

    def remove_parts(self) -> None:
        """Remove what writers that were killed left behind."""
        remove_parts(self.partitions)
        remove_parts(self.folder)

    def is_current(self, token: str) -> bool:
        """Tell whether no other run has begun since `token` was given out."""
        try:
            return (self.folder / "_run").read_text(encoding="ascii") == token
        except FileNotFoundError:
            return False

    def plan(self, fingerprints: Mapping[str, str | None]) -> None:
        """Write down what is expected and remove the partitions that no longer are.

        Only what an earlier run planned or recorded is removed, never a file somebody else put there.
        """
        ours = {path.stem for path in self.folder.glob("[!_.]*.json")} | {*(self.planned() or {})}
        stale = sorted(ours - {*fingerprints})
        if stale:
            logger.warning(
                "%s: %d partitions are no longer expected and are removed (another corpus belongs into another "
                "data root: EEG_KEDRO_DATA)", self.partitions.name, len(stale),
            )  # fmt: skip
        for key in stale:
            self.forget(key)
        write_json(self.folder / "_plan.json", dict(fingerprints))

    def planned(self) -> dict[str, str | None] | None:
        """Return ``{key: fingerprint}`` of the last save, or None if there was none."""
        return read_json(self.folder / "_plan.json")

    def forget(self, key: str) -> None:
        """Remove a partition, its record first: a file without a record is made again, never trusted."""
        self._record(key).unlink(missing_ok=True)
        self.file_of(key).unlink(missing_ok=True)

    def write(self, key: str, record: Mapping[str, Any]) -> None:
        """Record what became of a partition."""
        write_json(self._record(key), dict(record))

    def read(self, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Return the records of those `keys` that have one."""
        records = {key: read_json(self._record(key)) for key in keys}
        return {key: record for key, record in records.items() if record is not None}

    def is_done(self, key: str, fingerprint: str | None, record: Mapping[str, Any] | None) -> bool:
        """Tell whether the partition's file is whole and is what `fingerprint` would give."""
        if record is None or record.get("state") != "done" or record.get("fingerprint") != fingerprint:
            return False
        try:
            return self.file_of(key).stat().st_size == record.get("size")
        except FileNotFoundError:
            return False

    def done(self) -> tuple[list[str], dict[str, dict[str, Any]]]:
        """Return the keys that are as planned, sorted, and the records of all that were planned."""
        plan = self.planned() or {}
        records = self.read(sorted(plan))
        return [key for key in records if self.is_done(key, plan[key], records[key])], records

    def write_summary(self, **counts: object) -> None:
        """Write the counts of a save."""
        write_json(self.folder / "_summary.json", counts)

    def summary(self) -> dict[str, Any]:
        """Return the counts of the last save, empty if there was none."""
        return read_json(self.folder / "_summary.json") or {}

    def _record(self, key: str) -> Path:
        return self.folder / f"{key}.json"
