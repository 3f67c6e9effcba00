"""A stream of samples cut into pieces on a grid that only the samples decide, each with its surroundings.

Whatever works on these pieces gives the same numbers however the samples arrive.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Piece:
    """A piece of a recording with what lies around it.

    Attributes
    ----------
    start : int
        Sample of the recording at which the piece begins.
    n : int
        Samples of the piece itself.
    offset : int
        Where in ``samples`` the piece begins; what is before and behind belongs to its neighbors.
    samples : ndarray of float32, shape (n_channels, >= offset + n)
        A view that the next piece overwrites.
    """

    start: int
    n: int
    offset: int
    samples: Samples


class PieceCutter:
    """Collects blocks of any length and gives pieces of ``hop`` samples, at multiples of ``hop``.

    Parameters
    ----------
    hop : int
        Samples per piece; the last may be shorter.
    before, after : int
        Samples around a piece, as far as the recording has them.
    """

    def __init__(self, hop: int, before: int, after: int) -> None:
        self.hop, self.before, self.after = hop, before, after
        self._buffer = np.empty((0, 0), np.float32)
        self._first = 0  # sample of the recording that the buffer begins with
        self._filled = 0
        self._next = 0  # where the next piece starts

    def push(self, block: NDArray[np.floating]) -> Iterator[Piece]:
        """Take the next samples, shape (n_channels, n); give the pieces that are complete with them."""
        if not self._buffer.size:
            self._buffer = np.empty((block.shape[0], self.before + self.hop + self.after), np.float32)
        taken = 0
        while taken < block.shape[1]:
            n = min(self._buffer.shape[1] - self._filled, block.shape[1] - taken)
            self._buffer[:, self._filled : self._filled + n] = block[:, taken : taken + n]
            self._filled, taken = self._filled + n, taken + n
            if self._first + self._filled >= self._next + self.hop + self.after:
                yield self._cut(self.hop)
                self._drop()

    def finish(self) -> Iterator[Piece]:
        """Give the pieces that waited for samples that do not exist."""
        while self._next < self._first + self._filled:
            yield self._cut(min(self.hop, self._first + self._filled - self._next))
            self._drop()

    def _cut(self, n: int) -> Piece:
        stop = min(self._next + n + self.after - self._first, self._filled)
        return Piece(self._next, n, self._next - self._first, self._buffer[:, :stop])

    def _drop(self) -> None:
        self._next += self.hop
        n = min(max(self._next - self.before - self._first, 0), self._filled)
        left = self._filled - n
        for row in self._buffer:
            row[:left] = row[n : self._filled]
        self._first, self._filled = self._first + n, left


def cut_pieces(
    blocks: Iterable[NDArray[np.floating]], hop: int, before: int = 0, after: int = 0
) -> Iterator[Piece]:
    """Cut a stream into pieces; arguments as `PieceCutter`.

    Yields
    ------
    Piece
        In order, the whole stream; each is good until the next is asked for.
    """
    cutter = PieceCutter(hop, before, after)
    for block in blocks:
        yield from cutter.push(block)
    yield from cutter.finish()
