"""The learning rate as a pure function of the step: nothing to save, nothing to restore."""

from __future__ import annotations

import math

from eeg_kedro.training.loop_options import LoopOptions


def warmup_steps(total: int, share: float) -> int:
    """Return over how many of the steps the learning rate rises."""
    return min(total, math.ceil(total * share))


def learning_rate(step: int, total: int, options: LoopOptions) -> float:
    """Return the learning rate of a step: a linear rise, then half a cosine (Loshchilov and Hutter 2017).

    Parameters
    ----------
    step : int
        From 0 to ``total - 1``, over all epochs.
    total : int
        Steps of all epochs.
    options : LoopOptions
        ``lr`` (reached at the end of the rise), ``warmup_share`` and ``final_lr_share``.

    Returns
    -------
    float
        Above 0 at every step, unless ``final_lr_share`` is 0: then 0 after the last.
    """
    rise = warmup_steps(total, options.warmup_share)
    if step < rise:
        return options.lr * (step + 1) / rise
    done = (step - rise) / max(1, total - rise)
    lowest = options.final_lr_share
    return options.lr * (lowest + (1 - lowest) * 0.5 * (1 + math.cos(math.pi * done)))
