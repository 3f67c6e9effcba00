"""Fingerprint of a lazy partition: function, code, arguments and the stamps of the files it will read.

Equal fingerprints mean equal bytes, so a partition whose recorded fingerprint is unchanged is not made again.
A file counts by size and modification time, not by content: a writer which restores both is not seen.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from enum import Enum
from functools import partial
from pathlib import Path
from types import MethodType
from typing import Any, Protocol, runtime_checkable

import numpy as np
from kedro.io import AbstractDataset
from pydantic import BaseModel

from eeg_kedro.datasets.source_hash import module_code, recording_code
from eeg_kedro.errors import SignalError

Stamp = tuple[int, int]


@runtime_checkable
class StampedFile(Protocol):
    """A file of the user's corpus, as `eeg_kedro.io.source_file.SourceFile`."""

    relative: str

    def stamp(self) -> Stamp:
        """Return size (bytes) and modification time (ns)."""
        ...


@dataclasses.dataclass(frozen=True)
class TaskDescription:
    """What a lazy partition is made of.

    Attributes
    ----------
    fingerprint : str or None
        None for a value that was computed already: it is always written.
    sources : tuple of (StampedFile, Stamp)
        The files that will be read, each with the stamp it had when the work was planned.
    """

    fingerprint: str | None
    sources: tuple[tuple[StampedFile, Stamp], ...] = ()


Sources = list[tuple[StampedFile, Stamp]]


def describe_task(
    task: object, writer: type | None = None, writer_config: Mapping[str, Any] | None = None
) -> TaskDescription:
    """Fingerprint a lazy partition together with the dataset that will write it.

    Raises
    ------
    TypeError
        If an argument has no stable description, so that "unchanged" could not be told.
    SignalError
        If a source file is gone.
    """
    if not callable(task):
        return TaskDescription(None)
    sources: Sources = []
    written = None if writer is None else [_function(writer), _plain(dict(writer_config or {}), sources)]
    body = json.dumps([recording_code(), _plain(task, sources), written], sort_keys=True)
    return TaskDescription(hashlib.sha256(body.encode()).hexdigest()[:32], tuple(sources))


def _plain(value: object, sources: Sources) -> object:
    """Turn `value` into JSON that is equal exactly when the value is; collect the files met on the way."""
    if value is None or (isinstance(value, str | bool | int) and not isinstance(value, Enum)):
        return value
    if isinstance(value, StampedFile) and not isinstance(value, type):
        stamp = value.stamp()
        sources.append((value, stamp))
        return {"file": value.relative, "stamp": list(stamp)}
    for kinds, describe in _DESCRIPTIONS:
        if isinstance(value, kinds):
            return describe(value, sources)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {item.name: _plain(getattr(value, item.name), sources) for item in dataclasses.fields(value)}
        return {"dataclass": _function(type(value)), "fields": fields}
    if callable(value):
        return _function(value)
    raise TypeError(
        f"cannot fingerprint a {_name(type(value))}: give numbers, strings, lists, mappings, pydantic "
        "models, dataclasses, SourceFile (a path does not tell its content) or functools.partial of those"
    )


def _partial(task: partial[Any], sources: Sources) -> object:
    return {
        "call": _plain(task.func, sources),
        "args": _plain(task.args, sources),
        "keywords": _plain(task.keywords, sources),
    }


def _function(function: Any) -> object:
    """Describe what can be found again by its name: a function or class at the top of a module."""
    module = getattr(function, "__module__", None)
    if not isinstance(module, str) or not _is_found(function, module):
        raise TypeError(
            f"cannot fingerprint {function!r}: what surrounds it is hidden; use functools.partial of a "
            "function at the top of a module"
        )
    return {"function": _name(function), "code": module_code(module)}


def _is_found(function: object, module: str) -> bool:
    found: object = sys.modules.get(module)
    for part in str(getattr(function, "__qualname__", "")).split("."):
        found = getattr(found, part, None)
    return found is function


def _method(method: MethodType, sources: Sources) -> object:
    """Describe the lazy load of another dataset by the file it will read."""
    dataset = method.__self__
    path = getattr(dataset, "_filepath", None)
    if not isinstance(dataset, AbstractDataset) or path is None:
        raise TypeError(
            f"cannot fingerprint {_name(method)}: only the load of a dataset with a file can be described"
        )
    try:
        found = Path(str(path)).stat()
    except FileNotFoundError as error:
        raise SignalError("the file is gone", file=Path(str(path)).name, remedy="make it again") from error
    return {_name(method): Path(str(path)).name, "stamp": [found.st_size, found.st_mtime_ns]}


def _array(array: np.ndarray[Any, Any], sources: Sources) -> object:
    if array.dtype.hasobject:
        return _plain(array.tolist(), sources)
    content = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
    return {"array": content, "dtype": array.dtype.str, "shape": list(array.shape)}


def _mapping(mapping: Mapping[Any, Any], sources: Sources) -> object:
    pairs = [[_plain(key, sources), _plain(item, sources)] for key, item in mapping.items()]
    return {"mapping": sorted(pairs, key=lambda pair: json.dumps(pair[0], sort_keys=True))}


def _set(items: set[Any] | frozenset[Any], sources: Sources) -> object:
    return {
        "set": sorted(
            (_plain(item, sources) for item in items), key=lambda item: json.dumps(item, sort_keys=True)
        )
    }


def _name(thing: Any) -> str:
    return f"{thing.__module__}.{thing.__qualname__}"


_DESCRIPTIONS: tuple[tuple[Any, Callable[[Any, Any], Any]], ...] = (
    (Enum, lambda value, sources: {_name(type(value)): _plain(value.value, sources)}),
    (float, lambda value, _: {"float": float(value).hex()}),
    (bytes, lambda value, _: {"bytes": value.hex()}),
    (np.generic, lambda value, sources: _plain(value.item(), sources)),
    (np.ndarray, _array),
    (BaseModel, lambda value, sources: {_name(type(value)): _plain(value.model_dump(), sources)}),
    (partial, _partial),
    (MethodType, _method),
    (Mapping, _mapping),
    ((list, tuple), lambda value, sources: [_plain(item, sources) for item in value]),
    ((set, frozenset), _set),
)
