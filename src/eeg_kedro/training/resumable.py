"""Whether a checkpoint may be continued: only by the run it is of."""

from __future__ import annotations

import json
import platform
import reprlib
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import torch

from eeg_kedro.errors import CheckpointError
from eeg_kedro.training.checkpoint_files import Checkpoint

_ABSENT = "nothing"


def describe_environment(device: torch.device) -> dict[str, Any]:
    """Return what may change the last bits of a result, although it changes nothing else."""
    return {
        "torch": str(torch.__version__),  # a class of its own, which weights_only refuses
        "threads": torch.get_num_threads(),
        "device": device.type,
        "machine": platform.machine(),
    }


def check_resumable(
    checkpoint: Checkpoint,
    about: Mapping[str, Any],
    *,
    ignoring: Collection[str] = ("parameters",),
    device: torch.device | None = None,
    pipeline: str = "pretrain",
) -> list[str]:
    """Refuse to go on with another configuration, other data, batch or world size.

    Parameters
    ----------
    checkpoint : Checkpoint
        Where to go on.
    about : mapping
        What is asked for now.
    ignoring : collection of str
        Dotted keys that may differ; what lies below them too.
    device : torch.device, optional
        Where it would go on; None: not compared.
    pipeline : str
        Whose parameters ``tag`` and ``resume`` are, for the message.

    Returns
    -------
    list of str
        Sentences on what is no reason to refuse, but makes the result not bit-exact: another version of torch,
        other threads, another device.

    Raises
    ------
    CheckpointError
        If anything else differs; names every difference as ``key: then -> now``.
    """
    if changes := list_changes(checkpoint.about, about, ignoring):
        raise CheckpointError(
            "the last checkpoint is of another run",
            file=checkpoint.name,
            value="; ".join(changes),
            remedy=f"undo the change, or set {pipeline}.tag (another model beside this one), or "
            f"{pipeline}.resume=never (start over)",
        )
    return _inexact(checkpoint.trainer["environment"], device)


def list_changes(
    before: Mapping[str, Any], after: Mapping[str, Any], ignoring: Collection[str] = ()
) -> list[str]:
    """Return every difference between two descriptions, as ``dotted.key: then -> now``."""
    then, now = dict(_leaves(before)), dict(_leaves(json.loads(json.dumps(dict(after)))))
    keys = [key for key in sorted({*then, *now}) if not _covered(key, ignoring)]
    return [_change(key, then, now) for key in keys if then.get(key, _ABSENT) != now.get(key, _ABSENT)]


def _inexact(then: Mapping[str, Any], device: torch.device | None) -> list[str]:
    now = describe_environment(device or torch.device(then["device"]))
    return [
        f"resumed with {key} {now[key]} instead of {value}: not bit-exact"
        for key, value in then.items()
        if now[key] != value
    ]


def _leaves(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _covered(key: str, names: Collection[str]) -> bool:
    return any(key == name or key.startswith(f"{name}.") for name in names)


def _change(key: str, then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    old, new = then.get(key, _ABSENT), now.get(key, _ABSENT)
    if isinstance(old, list) and isinstance(new, list):
        gone, come = [x for x in old if x not in new], [x for x in new if x not in old]
        return f"{key}: without {reprlib.repr(gone)}, with {reprlib.repr(come)}"
    return f"{key}: {reprlib.repr(old)} -> {reprlib.repr(new)}"
