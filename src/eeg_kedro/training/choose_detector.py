"""Which of the trained networks is the detector from here on, and where the others are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING

from eeg_kedro.errors import CheckpointError
from eeg_kedro.training.detector_plan import name_detector, name_model_of, primary_variant

if TYPE_CHECKING:
    from eeg_kedro.training.checkpoint import Checkpoint, CheckpointStore
    from eeg_kedro.training.finetune_options import FinetuneOptions


def choose_best_seed(
    store: CheckpointStore,
    options: FinetuneOptions,
    pretrained: str,
    on_notice: Callable[[str], None] | None = None,
) -> Checkpoint:
    """Return the seed with the smallest validation loss, or the first where nobody validated, under the common name.

    Parameters
    ----------
    store : CheckpointStore
        All that were trained.
    options : FinetuneOptions
        Which networks and seeds; the detector is the pretrained one, else the one from scratch, else EEGNet.
    pretrained : str
        Name of the pretrained model.
    on_notice : callable, optional
        Told, as a sentence, which seed it is.

    Raises
    ------
    CheckpointError
        If one of them was not trained.
    """
    variant = primary_variant(options)
    found = [
        find_checkpoint(store, name_detector(variant, pretrained, seed, options.tag))
        for seed in options.seeds
    ]
    best = min(found, key=validation_loss)
    name, loss = name_model_of(variant, pretrained, options.tag), validation_loss(best)
    if on_notice is not None:
        reason = f"validation loss {loss:.4f}" if isfinite(loss) else "the first: nobody was validated on"
        on_notice(f"{name} is that of seed {best.about['seed']}, {reason}")
    return replace(best, name=name, about={**best.about, "name": name})


def find_checkpoint(store: CheckpointStore, name: str) -> Checkpoint:
    """Return the last checkpoint of a network.

    Raises
    ------
    CheckpointError
        If there is none of this name, or it is damaged.
    """
    last = store.last(name)
    if last is None:
        raise CheckpointError(
            "no checkpoint of this name",
            file=name,
            allowed=", ".join(store.names()) or "none yet",
            remedy="kedro run --pipelines=finetune",
        )
    return last


def validation_loss(checkpoint: Checkpoint) -> float:
    """Return the smallest validation loss of a training; infinite where nobody was validated on."""
    return float(checkpoint.trainer["progress"]["best"])
