"""Components that come in bursts are taken away during their bursts, and only then.

No decomposition separates eyes from brain completely: what is subtracted together with a blink's field is also a
little of the frontal EEG. Blinks fill a tenth of the time; in the rest nothing needs to be subtracted, and the EEG
stays as it was recorded (Castellanos & Makarov 2006 make the same point with wavelets).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.signal.pieces import cut_pieces

Samples = NDArray[np.float32]
CELLS_PER_SECOND = 8
PIECE_SECONDS = 120
QUIET_QUANTILE = 0.3  # of the cells; blinks fill far less than the other seventy percent
REACH = 3  # cells around a burst that belong to it: the slow end of a blink
MOST_OPEN = 0.5  # a source that is in bursts for more of the time is no matter of bursts


@dataclass(frozen=True)
class BurstGate:
    """Which sources are watched for bursts, and where they show.

    Attributes
    ----------
    fields : ndarray of float32, shape (n_channels, n_sources)
        What a source adds to each channel.
    filters : ndarray of float32, shape (n_sources, n_recorded)
        Recorded channels to sources.
    limits : ndarray of float32, shape (n_sources,)
        Root mean square of an eighth of a second above which a source is in a burst.
    sfreq : float
        Hz.
    """

    fields: Samples
    filters: Samples
    limits: Samples
    sfreq: float

    @property
    def cell(self) -> int:
        """Samples of a cell."""
        return max(1, round(self.sfreq / CELLS_PER_SECOND))


def plan_gate(
    fields: NDArray[np.float64], filters: NDArray[np.float64], sample: Samples, sfreq: float, ratio: float
) -> tuple[BurstGate, NDArray[np.bool_]]:
    """Learn how large sources are between their bursts.

    Parameters
    ----------
    fields, filters : ndarray of float64, shapes (n_channels, n_sources) and (n_sources, n_recorded)
        See `BurstGate`.
    sample : ndarray of float32, shape (n_recorded, n)
        Ten minutes or so of the filtered recording, microvolts.
    sfreq : float
        Hz.
    ratio : float
        How many times its usual size a source has in a burst.

    Returns
    -------
    BurstGate
        For the sources that come in bursts.
    ndarray of bool, shape (n_sources,)
        Which those are; the others must be taken away all the time.
    """
    every = BurstGate(
        *(np.asarray(m, np.float32) for m in (fields, filters)), np.zeros(len(filters), np.float32), sfreq
    )
    size = _sizes(every.filters @ sample, every.cell)
    limits = ratio * np.quantile(size, QUIET_QUANTILE, axis=1).astype(np.float32)
    in_bursts = _spread(size > limits[:, None]).mean(axis=1) <= MOST_OPEN
    kept = BurstGate(every.fields[:, in_bursts], every.filters[in_bursts], limits[in_bursts], sfreq)
    return kept, in_bursts


def split_bursts(blocks: Iterator[Samples], gate: BurstGate) -> Iterator[tuple[Samples, Samples]]:
    """Go through a stream and tell what the bursts in it are.

    Parameters
    ----------
    blocks : iterator of ndarray of float32, shape (n_recorded, n)
        Filtered samples, microvolts.
    gate : BurstGate
        Sources and limits.

    Yields
    ------
    samples : ndarray of float32, shape (n_recorded, n)
        The stream; valid until the next is asked for.
    bursts : ndarray of float32, shape (n_channels, n)
        What to take away from the channels, microvolts.
    """
    around = gate.cell * (REACH + 1)
    for piece in cut_pieces(blocks, PIECE_SECONDS * CELLS_PER_SECOND * gate.cell, around, around):
        own = slice(piece.offset, piece.offset + piece.n)
        sources = gate.filters @ piece.samples
        opened = _spread(_sizes(sources, gate.cell) > gate.limits[:, None])
        bursts = gate.fields @ (sources[:, own] * _ramp(opened, gate.cell, sources.shape[1])[:, own])
        yield piece.samples[:, own], bursts


def _sizes(sources: Samples, cell: int) -> Samples:
    """Give the root mean square of every cell, shape (n_sources, n_cells); the last cell may be shorter."""
    power = np.add.reduceat(sources**2, np.arange(0, sources.shape[1], cell), axis=1)
    counts = np.full(power.shape[1], cell)
    counts[-1] = sources.shape[1] - cell * (power.shape[1] - 1)
    return np.asarray(np.sqrt(power / counts), np.float32)


def _spread(opened: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Add the cells around every burst."""
    wide = opened.copy()
    for shift in range(1, REACH + 1):
        wide[:, shift:] |= opened[:, :-shift]
        wide[:, :-shift] |= opened[:, shift:]
    return wide


def _ramp(opened: NDArray[np.bool_], cell: int, n: int) -> Samples:
    """Give the share of a source to take away at every sample: straight lines between the centers of cells."""
    centers = (np.arange(opened.shape[1]) + 0.5) * cell - 0.5
    at = np.arange(n)
    return np.array([np.interp(at, centers, row) for row in opened.astype(np.float32)], np.float32).reshape(
        -1, n
    )
