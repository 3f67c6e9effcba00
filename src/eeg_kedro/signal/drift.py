"""Slow baseline drift taken off where no high-pass does it: a weighted moving mean, with lines at both ends.

The baseline is the mean under a Hann window of ``seconds``, whose response is below one percent from
``4 / seconds`` Hz on. Half a window from the ends, where it would lose its other side, the baseline goes on as
the straight line that fits the first (or last) whole window under the same weights; that keeps fast waves
there as well. Means of short stretches that stick out are pulled in first, so that a pop does not bend it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from eeg_kedro.errors import SignalError
from eeg_kedro.signal.pieces import cut_pieces

Samples = NDArray[np.float32]
NODES_PER_SECOND = 32.0  # stretches that are averaged: what folds back from near 32 Hz is below 1 %
SETTLE = 8  # nodes from one baseline value to the next; between them it is a straight line
COARSE_SECONDS = 2.0  # stretches whose medians tell the usual level
PULL_IN = 6.0  # median deviations a node may lie off the usual level
PIECE_NODES = 2048


class DriftOptions(BaseModel):
    """How slow a change counts as drift."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(default=True, description="subtract the drift where no high-pass is applied")
    seconds: float = Field(
        default=8.0, ge=4, le=60, description="length of the moving mean, s; keeps 4 / seconds Hz and above"
    )


@dataclass(frozen=True)
class _Grid:
    """Samples per node, nodes per half window and the window, fixed by rate, length and options."""

    stretch: int
    half: int
    weights: NDArray[np.float64]

    @property
    def span(self) -> int:
        return 2 * self.half + 1


def remove_drift(
    blocks: Iterable[Samples], n_times: int, sfreq: float, options: DriftOptions
) -> Iterator[Samples]:
    """Subtract a smooth baseline from a stream.

    Parameters
    ----------
    blocks : iterable of ndarray of float32, shape (n_channels, n)
        Consecutive samples in microvolts.
    n_times : int
        Samples per channel in the whole stream. A recording shorter than the window gets one straight line.
    sfreq : float
        Sampling rate in Hz.
    options : DriftOptions
        Length of the window.

    Yields
    ------
    ndarray of float32, shape (n_channels, n)
        Consecutive samples in microvolts; the next overwrites them.

    Raises
    ------
    SignalError
        If the stream holds more or fewer than ``n_times`` samples.
    """
    if not options.enabled or n_times < 1:
        yield from blocks
        return
    grid = _lay_grid(n_times, sfreq, options.seconds)
    hop = PIECE_NODES * grid.stretch
    # a window on either side, so that the lines at the ends are known in the first and the last piece
    reach = (grid.span + SETTLE + round(COARSE_SECONDS * NODES_PER_SECOND)) * grid.stretch
    seen = 0
    for piece in cut_pieces(blocks, hop, reach, reach):
        first = piece.start - piece.offset
        base = _Baseline(piece.samples, first, n_times, grid)
        yield base.subtract(piece.start, piece.n)
        seen += piece.n
    if seen != n_times:
        raise SignalError(
            "the stream of samples has not the length its source declares",
            value=seen,
            allowed=f"{n_times} samples",
            remedy="run ingest again, the file may have changed since it was surveyed",
        )


def _lay_grid(n_times: int, sfreq: float, seconds: float) -> _Grid:
    stretch = max(round(sfreq / NODES_PER_SECOND), 1)
    half = round(seconds * sfreq / stretch / 2)
    half = max(min(half, (n_times // stretch - 1) // 2), 0)
    weights = np.hanning(2 * half + 3)[1:-1]
    return _Grid(stretch, half, weights / weights.sum())


class _Baseline:
    """The baseline of a piece and its surroundings, computed from nodes that lie on the recording's grid."""

    def __init__(self, samples: Samples, first: int, n_times: int, grid: _Grid) -> None:
        self.samples, self.first, self.grid = samples, first, grid
        self.node = first // grid.stretch  # pieces begin on nodes
        self.n_nodes = n_times // grid.stretch  # of the recording; a rest shorter than a stretch has none
        self.nodes = _pull_in(self._average(), self.node, self.n_nodes)

    def _average(self) -> NDArray[np.float64]:
        stretch = min(self.grid.stretch, self.samples.shape[1])
        n_nodes = self.samples.shape[1] // stretch
        weights = np.full(stretch, 1.0 / stretch, np.float32)
        nodes = np.empty((len(self.samples), n_nodes))
        for row, averages in zip(self.samples, nodes, strict=True):
            level = row[0]  # an electrode offset would cost single precision its digits
            averages[:] = (row[: n_nodes * stretch] - level).reshape(n_nodes, stretch) @ weights
            averages += level
        return nodes

    def subtract(self, start: int, n: int) -> Samples:
        """Give ``n`` samples from ``start`` without their baseline."""
        grid = self.grid
        last = max(self.n_nodes - 1 - grid.half, grid.half)  # last node with a whole window
        stop_node = (start + n) // grid.stretch + 1
        knots = np.arange(start // grid.stretch // SETTLE * SETTLE, stop_node + SETTLE, SETTLE)
        knots = np.unique(np.clip(np.append(knots, last), grid.half, last))
        levels = self._levels(knots)
        # straight lines between corners that lie on the grid of all pieces
        size = SETTLE * grid.stretch
        at = (np.arange(start, start + n + size, size) + 0.5) / grid.stretch - 0.5
        before, behind = np.minimum(at - grid.half, 0.0), np.maximum(at - last, 0.0)
        slopes = self._slopes(grid.half), self._slopes(last)
        ramp = np.arange(size) / size
        offset = start - self.first
        out = np.empty((len(self.samples), n), np.float32)
        for i, row in enumerate(self.samples):
            corners = np.interp(at, knots, levels[i]) + slopes[0][i] * before + slopes[1][i] * behind
            lines = corners[:-1, np.newaxis] + np.diff(corners)[:, np.newaxis] * ramp
            np.subtract(row[offset : offset + n], lines.ravel()[:n], out=out[i], casting="same_kind")
        return out

    def _levels(self, knots: NDArray[np.intp]) -> NDArray[np.float64]:
        """Weigh the nodes around each knot, shape (n_channels, n_knots)."""
        windows = sliding_window_view(self.nodes, min(self.grid.span, self.nodes.shape[1]), axis=1)
        at = np.clip(knots - self.grid.half - self.node, 0, windows.shape[1] - 1)
        levels = np.empty((len(self.nodes), len(knots)))
        for channel, window in enumerate(windows):
            levels[channel] = np.einsum("ij,j->i", window[at], self.grid.weights[: windows.shape[2]])
        return levels

    def _slopes(self, knot: int) -> NDArray[np.float64]:
        """Fit the straight line of the window around a knot, microvolts per node, shape (n_channels,)."""
        begin = knot - self.grid.half - self.node
        part = self.nodes[:, max(begin, 0) : begin + self.grid.span]
        if begin < 0 or part.shape[1] < self.grid.span or self.grid.half == 0:
            return np.zeros(len(self.nodes))  # not in this piece, which then has no use for it
        way = np.arange(self.grid.span) - self.grid.half
        weights = self.grid.weights * way / np.sum(self.grid.weights * way**2)
        return np.asarray(np.einsum("ij,j->i", part, weights))


def _pull_in(nodes: NDArray[np.float64], first: int, n_nodes: int) -> NDArray[np.float64]:
    """Limit how far a node lies off the line through the medians of 2 s stretches of the recording's grid."""
    size = round(COARSE_SECONDS * NODES_PER_SECOND)
    begin = -first % size
    n = (nodes.shape[1] - begin) // size
    if n < 3:
        return nodes
    stretches = nodes[:, begin : begin + n * size].reshape(len(nodes), n, size)
    medians = np.median(stretches, axis=2)
    centers = begin + (np.arange(n) + 0.5) * size - 0.5
    at = np.arange(nodes.shape[1])
    for row, median, parts in zip(nodes, medians, stretches, strict=True):
        spread = np.median(np.abs(parts - median[:, None]), axis=1)
        usual = np.interp(at, centers, median)
        limit = PULL_IN * np.maximum(np.interp(at, centers, spread), 1.0)
        np.clip(row, usual - limit, usual + limit, out=row)
    return nodes
