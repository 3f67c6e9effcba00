"""Electrode pops and hardware spikes: what they are, and how they are taken out of the raw samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

Samples = NDArray[np.float32]


class PopOptions(BaseModel):
    """What counts as a pop or a hardware spike."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(default=True, description="find and take out electrode pops and hardware spikes")
    least_uv: float = Field(default=40.0, gt=0, le=1e4, description="smallest step, µV")
    times_usual: float = Field(
        default=8.0, ge=3, le=100, description="smallest step in median differences of its channel, ratio"
    )
    times_around: float = Field(
        default=3.0,
        ge=1.2,
        le=20,
        description="smallest step in largest differences within 60 ms of it, ratio",
    )


@dataclass(frozen=True)
class Pop:
    """A pop or a hardware spike in one channel.

    Attributes
    ----------
    channel : int
        Row of the recording.
    start, stop : int
        Raw samples, half-open: the spike, or the pop until 1 microvolt of it is left.
    kind : {'pop', 'spike'}
        Which it is.
    uv : float
        Height in microvolts, with its sign.
    tau : float
        Time constant of the decay in seconds; 0 for a spike.
    repaired : bool
        Whether `remove_pops` takes it out: a pop only if step and decay describe it.
    rise : float
        Share of the step reached at ``start``; the rest comes one sample later.
    before, after : float
        Microvolts at ``start - 1`` and at ``stop`` of a spike, which the line across it joins.
    """

    channel: int
    start: int
    stop: int
    kind: Literal["pop", "spike"]
    uv: float
    tau: float
    repaired: bool
    rise: float = 1.0
    before: float = 0.0
    after: float = 0.0


def remove_pops(blocks: Iterable[Samples], sfreq: float, pops: Sequence[Pop]) -> Iterator[Samples]:
    """Take pops and spikes out of a stream: bridge spikes, subtract step and decay of pops.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (n_channels, n)
        Consecutive raw samples in microvolts; a read-only block is copied, any other is changed in place.
    sfreq : float
        Sampling rate in Hz.
    pops : sequence of Pop
        From `find_pops` over the same samples; those that are not ``repaired`` stay.

    Yields
    ------
    ndarray of float32, shape (n_channels, n)
        The blocks without them.
    """
    # spikes first: the ends of their bridges were read where pops had not been subtracted
    waiting = sorted((p for p in pops if p.repaired), key=lambda p: (p.start, p.kind == "pop", p.channel))
    current: list[tuple[Pop, NDArray[np.float32]]] = []
    seen, taken = 0, 0
    for block in blocks:
        end = seen + block.shape[1]
        while taken < len(waiting) and waiting[taken].start < end:
            current.append((waiting[taken], shape_pop(waiting[taken], sfreq)))
            taken += 1
        clean = block if not current or block.flags.writeable else block.copy()
        for kind in ("spike", "pop"):
            for pop, shape in current:
                if pop.kind == kind:
                    subtract_pop(clean[pop.channel], seen, pop, shape)
        current = [(pop, shape) for pop, shape in current if pop.stop > end]
        seen = end
        yield clean


def shape_pop(pop: Pop, sfreq: float) -> NDArray[np.float32]:
    """Give the samples of a pop, or of the bridge over a spike, shape (stop - start,)."""
    n = pop.stop - pop.start
    if pop.kind == "spike":
        line = pop.before + (pop.after - pop.before) * np.arange(1, n + 1) / (n + 1)
        return np.asarray(line, np.float32)
    shape = pop.uv * np.exp(-np.arange(n) / (pop.tau * sfreq))
    shape[0] *= pop.rise
    return np.asarray(shape, np.float32)


def subtract_pop(row: NDArray[np.floating], first: int, pop: Pop, shape: NDArray[np.float32]) -> None:
    """Take a pop out of a row that begins at sample ``first``, in place."""
    start, stop = max(pop.start, first), min(pop.stop, first + len(row))
    if stop <= start:
        return
    part = shape[start - pop.start : stop - pop.start]
    if pop.kind == "spike":
        row[start - first : stop - first] = part
    else:
        row[start - first : stop - first] -= part
