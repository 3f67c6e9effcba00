"""Decoded row groups, the latest used ones, within a fixed number of bytes."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Hashable

import numpy as np
from numpy.typing import NDArray


class RowGroupCache:
    """Blocks of samples by any key; the one that was not used for longest goes first.

    Parameters
    ----------
    n_bytes : int
        Never more is held; a block larger than that is not kept at all.
    """

    def __init__(self, n_bytes: int) -> None:
        self._limit, self.n_bytes = n_bytes, 0
        self._blocks: OrderedDict[Hashable, NDArray[np.float32]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._blocks)

    def get(self, key: Hashable) -> NDArray[np.float32] | None:
        """Return a block, None if it is not held."""
        block = self._blocks.get(key)
        if block is not None:
            self._blocks.move_to_end(key)
        return block

    def make_room(self, shape: tuple[int, int]) -> NDArray[np.float32]:
        """Drop blocks until one of that shape can be kept, and return memory for it.

        The memory is that of a block dropped just now if one had the size: to touch fresh memory costs half as
        much as to decode into it. So nobody may hold on to a block from `get`.
        """
        size, spare = math.prod(shape), None
        while 4 * size <= self._limit < self.n_bytes + 4 * size:
            _, block = self._blocks.popitem(last=False)
            self.n_bytes -= block.nbytes
            spare = block if block.size == size else spare
        return np.empty(shape, np.float32) if spare is None else spare.reshape(shape)

    def put(self, key: Hashable, block: NDArray[np.float32]) -> None:
        """Keep a block for which `make_room` was asked; one larger than the cache is not kept."""
        if self.n_bytes + block.nbytes <= self._limit:
            self._blocks[key] = block
            self.n_bytes += block.nbytes
