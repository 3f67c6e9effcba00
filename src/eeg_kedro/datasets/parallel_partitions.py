"""A partitioned dataset that does the lazy work of its partitions in parallel, resumably."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from fsspec.utils import infer_storage_options
from kedro.io import AbstractDataset, DatasetError
from kedro_datasets._typing import TablePreview
from kedro_datasets.partitions import PartitionedDataset

from eeg_kedro.datasets.executors import ExecutorOptions
from eeg_kedro.datasets.partition_save import PartitionSave
from eeg_kedro.datasets.partition_status import PartitionStatus
from eeg_kedro.datasets.partition_worker import Writer
from eeg_kedro.errors import ParameterError

logger = logging.getLogger(__name__)
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SHOWN = ("partition", "state", "seconds", "error", "remedy")


class Partitions(dict[str, Callable[[], Any]]):
    """``{key: load}`` of the finished partitions; `status` tells about all that were expected."""

    def __init__(
        self, loads: Mapping[str, Callable[[], Any]], status: Mapping[str, Mapping[str, Any]]
    ) -> None:
        super().__init__(loads)
        self.status = status


class ParallelPartitionedDataset(PartitionedDataset):  # type: ignore[misc]
    """Save ``{key: functools.partial(...)}`` by calling each in a worker that also writes it.

    Partitions whose fingerprint is unchanged are skipped, those no longer expected are removed, and one that
    fails is recorded under ``_status`` while the others go on: `save` does not raise for it, `summary` tells.
    A run that is killed at any moment leaves whole files only, and the next one does what is missing.

    Parameters
    ----------
    path : str
        Folder of the partitions, on a local or shared disk.
    dataset : str, type or dict
        How one partition is written and loaded.
    filepath_arg : str
        The argument of `dataset` that takes the path.
    filename_suffix : str
        How a partition's file name ends.
    executor : dict, optional
        ``{kind: serial | threads | loky | dask, max_workers, address}``, see `ExecutorOptions`.
    max_failed : float
        Share of partitions that may fail, kept in the summary for whoever judges the run.
    in_flight : int, optional
        Most partitions handed over at a time; two per worker by default.
    allow_absent : bool
        Load nothing, rather than fail, where nothing was ever saved.
    credentials, load_args, metadata : dict, optional
        As in ``PartitionedDataset``.
    """

    def __init__(
        self,
        *,
        path: str,
        dataset: str | type[Any] | dict[str, Any],
        filepath_arg: str = "filepath",
        filename_suffix: str = ".parquet",
        executor: dict[str, Any] | None = None,
        max_failed: float = 0.0,
        in_flight: int | None = None,
        allow_absent: bool = False,
        credentials: dict[str, Any] | None = None,
        load_args: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        if infer_storage_options(path)["protocol"] != "file":
            raise DatasetError(
                f"{type(self).__name__} writes to local or mounted folders only, not to {path!r}"
            )
        super().__init__(
            path=path,
            dataset=dataset,
            filepath_arg=filepath_arg,
            filename_suffix=filename_suffix,
            credentials=credentials,
            load_args=load_args,
            metadata=metadata,
        )
        self._allow_absent = allow_absent
        self._executor = ExecutorOptions(**(executor or {}))
        folder = Path(infer_storage_options(path)["path"]).absolute()
        self._status = PartitionStatus(folder, filename_suffix)
        writer = Writer(self._dataset_type, self._dataset_config, filepath_arg)
        self._save_plan = PartitionSave(self._status, writer, self._executor, in_flight, max_failed)

    def save(self, data: dict[str, Any]) -> None:
        """Make every partition of `data` that is missing or stale.

        Raises
        ------
        DiskFullError
            At once, when there is no room left.
        ParameterError
            If a key cannot be a file name.
        DatasetError
            If another run took over the folder meanwhile.
        TypeError
            If a task cannot be fingerprinted.
        """
        _check_keys(data)
        try:
            self._save_plan.run(data)
        finally:
            self._invalidate_caches()

    def load(self) -> dict[str, Callable[[], Any]]:
        """Return ``{key: load}``, sorted, of the partitions that are as the last save planned them.

        The mapping has an attribute ``status``: ``{key: record}`` of all that were expected, failed ones too.

        Raises
        ------
        DatasetError
            If nothing was ever saved and nothing is there, unless that is allowed.
        """
        self._invalidate_caches()
        if self._status.planned() is None:
            if self._allow_absent and not self._list_partitions():
                return Partitions({}, {})
            return super().load()  # type: ignore[no-any-return]
        done, records = self._status.done()
        if not self._status.summary().get("complete"):
            logger.warning(
                "%s: %d of %d partitions are there", self._path, len(done), len(self._status.planned() or {})
            )
        return Partitions({key: self._dataset_of(key).load for key in done}, records)

    def summary(self) -> dict[str, Any]:
        """Return the last save's expected, done, skipped, failed, complete, max_failed and seconds."""
        return self._status.summary()

    def preview(self, nrows: int = 50) -> TablePreview:
        """Return the status of the partitions for Kedro-Viz, failed ones first."""
        _, records = self._status.done()
        rows = sorted(({"partition": key, **record} for key, record in records.items()), key=_failed_first)[
            :nrows
        ]
        cells = [[row.get(name) for name in _SHOWN] for row in rows]
        return TablePreview({"index": list(range(len(rows))), "columns": list(_SHOWN), "data": cells})

    def _exists(self) -> bool:
        plan = self._status.planned()
        return plan is not None and len(self._status.done()[0]) == len(plan)

    def _describe(self) -> dict[str, Any]:
        return {**super()._describe(), "executor": self._executor.model_dump(exclude_none=True)}

    def _dataset_of(self, key: str) -> AbstractDataset[Any, Any]:
        config = {**deepcopy(self._dataset_config), self._filepath_arg: self._status.file_of(key).as_posix()}
        dataset: AbstractDataset[Any, Any] = self._dataset_type(**config)
        return dataset


def _check_keys(data: Mapping[str, Any]) -> None:
    for key in data:
        if not _KEY.fullmatch(key):
            raise ParameterError(
                "a partition's key cannot be a file name",
                value=key,
                allowed="letters, digits, '.', '_' and '-', not beginning with a mark",
                remedy="clean the names of participant and run",
            )


def _failed_first(row: Mapping[str, Any]) -> tuple[bool, str]:
    return row.get("state") != "failed", str(row["partition"])
