"""A torch DataLoader that leaves no trace in the global random state and can go on in the middle of an epoch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import torch
from torch.utils.data import DataLoader, Dataset

from eeg_kedro.sampling.orders.batches import EpochBatches
from eeg_kedro.sampling.orders.permutations import check_at_least


def make_loader(
    dataset: Dataset[Any],
    batches: EpochBatches,
    *,
    num_workers: int = 0,
    collate: Callable[[Any], Any] | None = None,
    prefetch: int = 2,
    start_method: Literal["spawn", "forkserver", "fork"] = "spawn",
    pin_memory: bool = False,
) -> DataLoader[Any]:
    """Return a loader of the batches from where they were sought to, to the end of their epoch.

    Before each epoch: ``batches.seek(epoch)``, then iterate; to resume: ``batches.seek(epoch, step)`` with the
    number of steps that were trained, never with what a worker has fetched ahead.

    The data sets of this package draw no random numbers, so a resumed epoch is the same for any number of workers.
    What is drawn for an item (masks, augmentation) should be seeded by epoch and position for the same reason.

    Workers are possible and off: a batch gathered in the main process was 8 to 20 times faster than one that
    comes through shared memory. They pay where an item costs much more than its transport, as a window decoded
    from far storage. They stay alive between epochs with their copy of ``dataset``: one with other windows
    needs another loader.

    Parameters
    ----------
    dataset : Dataset
        One of this package, or any with ``__getitems__``.
    batches : EpochBatches
        Which items, in which order.
    num_workers : int
        Processes that fetch; 0: this one.
    collate : callable, optional
        Makes a batch of what ``dataset.__getitems__`` gives; ``dataset.collate`` if it has one, else nothing:
        the batch is one already.
    prefetch : int
        Batches each worker fetches ahead.
    start_method : {"spawn", "forkserver", "fork"}
        How workers begin. A fork of a process with threads, which torch and object stores have, may hang.
    pin_memory : bool
        Whether batches go to page-locked memory, for a GPU.
    """
    check_at_least("num_workers", num_workers, 0)
    return DataLoader(
        dataset,
        batch_sampler=batches,  # type: ignore[arg-type]  # torch says lists; any sequence of numbers will do
        collate_fn=collate or getattr(dataset, "collate", None) or _as_it_is,
        num_workers=num_workers,
        prefetch_factor=prefetch if num_workers else None,
        persistent_workers=num_workers > 0,
        multiprocessing_context=start_method if num_workers else None,
        pin_memory=pin_memory,
        # without one of its own, each iteration draws from the global generator, and a training that was
        # resumed differs from one that was not
        generator=torch.Generator(),
    )


def _as_it_is(batch: Any) -> Any:
    return batch
