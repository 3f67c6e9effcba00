"""Components that come in bursts are taken away during their bursts, and only then.

No decomposition separates eyes from brain completely: what is subtracted together with a blink's field is also a
little of the frontal EEG. Blinks fill a tenth of the time; in the rest nothing needs to be subtracted, and the EEG
stays as it was recorded (Castellanos & Makarov 2006 make the same point with wavelets). What goes on for seconds, or
comes again faster than anybody blinks, is no blink but may be a seizure: it is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from eeg_kedro.signal.pieces import cut_pieces

Samples = NDArray[np.float32]
CELLS_PER_SECOND = 8
PIECE_SECONDS = 120
QUIET_QUANTILE = 0.3  # of the cells; blinks fill far less than the other seventy percent
REACH = 3  # cells around a burst that belong to it: the slow end of a blink
WINDOW = 32  # cells: four seconds
MOST_OF_WINDOW = 0.55  # of a window in bursts: blinks of 0.4 s once a second fill less
MOST_BURSTS = 7  # in a window: nobody blinks so often for four seconds
HIGH_SHARE = 0.35  # of the largest cell within two seconds
MOST_BURSTS_IN_HALF = 4
JUMP_SECONDS = 0.03
SHARP = 0.6  # jump over peak: 0.25 to 0.45 for blinks, 1 for epileptic spikes
ONE_WAY = 0.5  # mean over size in loud cells: 0.8 and more for blinks, near 0 for rhythms
AROUND = 2 * WINDOW + REACH + 1  # cells on both sides that decide on one


class Cells(NamedTuple):
    """Root mean square, mean, largest value and largest change within 30 ms of cells, each (n_sources, n_cells)."""

    size: Samples
    mean: Samples
    peak: Samples
    jump: Samples


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
) -> BurstGate:
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
        With limits from the sources' usual size.
    """
    gate = BurstGate(fields.astype(np.float32), filters.astype(np.float32), np.zeros(0, np.float32), sfreq)
    usual = np.quantile(_measure(gate.filters @ sample, gate).size, QUIET_QUANTILE, axis=1)
    return replace(gate, limits=(ratio * usual).astype(np.float32))


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
    around = gate.cell * AROUND
    for piece in cut_pieces(blocks, PIECE_SECONDS * CELLS_PER_SECOND * gate.cell, around, around):
        own = slice(piece.offset, piece.offset + piece.n)
        sources = gate.filters @ piece.samples
        opened = find_bursts(_measure(sources, gate), gate.limits)
        bursts = gate.fields @ (sources[:, own] * _ramp(opened, gate.cell, sources.shape[1])[:, own])
        yield piece.samples[:, own], bursts


def find_bursts(cells: Cells, limits: Samples) -> NDArray[np.bool_]:
    """Tell which cells belong to a burst, shape (n_sources, n_cells).

    Cells around a loud one belong to its burst, with three exceptions. A burst with a jump within 30 ms is no
    movement of a lid: an epileptic spike is. Bursts that come again faster than anybody blinks are a rhythm. And
    where loud cells fill most of four seconds and do not all point one way, it is a rhythm too: lids push and let go.
    """
    size, mean, peak, jump = cells
    loud = size > limits[:, None]
    # around a large blink the high-pass leaves a shallow trough of a second: it is of the blink, not beside it
    high = loud & (size > HIGH_SHARE * maximum_filter1d(size, WINDOW + 1, axis=1))
    begins = high.copy()
    begins[:, 1:] &= ~high[:, :-1]
    both_ways = np.abs(_sums(np.where(high, mean, 0.0))) < ONE_WAY * _sums(np.where(high, size, 0.0))
    rhythm = (_sums(high) > MOST_OF_WINDOW * WINDOW) & both_ways
    held = _cover(rhythm | (_sums(begins) >= MOST_BURSTS), WINDOW, loud.shape[1])
    held |= _cover(_sums(begins, WINDOW // 2) >= MOST_BURSTS_IN_HALF, WINDOW // 2, loud.shape[1])
    reach = 2 * REACH + 1
    sharp = maximum_filter1d(jump, reach, axis=1) > SHARP * maximum_filter1d(peak, reach, axis=1)
    return _spread(loud & ~held & ~sharp) & ~held


def _cover(found: NDArray[np.bool_], window: int, n_cells: int) -> NDArray[np.bool_]:
    """Mark all cells of the windows found; window w covers cells w - window + 1 to w."""
    covered = np.zeros((len(found), n_cells), bool)
    for shift in range(window):
        covered |= found[:, shift : shift + n_cells]
    return covered


def _sums(cells: NDArray[Any], window: int = WINDOW) -> NDArray[np.float64]:
    """Add up windows that end at each cell, and at those behind the last, shape (n, n_cells + window - 1)."""
    padded = np.pad(cells.astype(np.float64), ((0, 0), (window, window - 1)))
    total = np.cumsum(padded, axis=1)
    return np.asarray(total[:, window:] - total[:, :-window])


def _measure(sources: Samples, gate: BurstGate) -> Cells:
    """Measure every cell; the last may be shorter."""
    starts = np.arange(0, sources.shape[1], gate.cell)
    counts = np.diff(starts, append=sources.shape[1]).astype(np.float32)
    power, total = (np.add.reduceat(x, starts, axis=1) for x in (sources**2, sources))
    lag = max(1, round(JUMP_SECONDS * gate.sfreq))
    jumps = np.zeros_like(sources)
    np.abs(np.subtract(sources[:, lag:], sources[:, :-lag], out=jumps[:, lag:]), out=jumps[:, lag:])
    peak, jump = (np.maximum.reduceat(x, starts, axis=1) for x in (np.abs(sources), jumps))
    return Cells(np.sqrt(power / counts), np.asarray(total / counts, np.float32), peak, jump)


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
