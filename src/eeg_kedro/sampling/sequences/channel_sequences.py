"""Every channel of every run as one sequence of tokens: what the pretraining of seed 001 sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from eeg_kedro.errors import ParameterError
from eeg_kedro.sampling.orders.permutations import check_at_least
from eeg_kedro.sampling.sequences.padding import pad_sequences

if TYPE_CHECKING:
    from eeg_kedro.io.window_layout import WindowLayout
    from eeg_kedro.sampling.windows.window_reader import WindowReader

RunKey = tuple[str, str]


@dataclass(frozen=True)
class _Items:
    """What the footers tell: run and channel of each item; tokens and left-over samples of each run."""

    run: NDArray[np.intp]
    channel: tuple[str, ...]
    token_length: int
    n_tokens: NDArray[np.int64]
    dropped: NDArray[np.int64]
    too_short: tuple[RunKey, ...]


class ChannelSequences(Dataset[dict[str, Any]]):
    """Sequences of one channel over a whole run: ``samples`` (T, L) float32 microvolts, in order of time.

    The complete windows of a run lie end to end, so they are cut anew into tokens of ``token_length`` samples.
    What does not fill a token at the end, the recording's tail with it, is left out: `dropped_samples` says how
    much. Runs shorter than one token are left out and named in `too_short`. Footers are read when the length
    is first asked for, and once; the sequences when they are asked for.

    An item has ``participant``, ``run`` and ``channel`` beside its samples; batches are collated by `collate`.

    Parameters
    ----------
    reader : WindowReader
        Where the windows are.
    runs : sequence of (participant, run)
        Runs to use: for pretraining those of training, or it has seen the people it is tested on. ``reader.runs``
        are all.
    ch_names : sequence of str, optional
        Channels to use, where a run has them; all that each run has if None.
    token_length : int, optional
        Samples of a token; the length of the stored windows if None, as in seed 001.
    max_tokens : int, optional
        Tokens after which a sequence is cut: it keeps its first ones. No more than these are read.
    include_interpolated : bool
        Whether to use channels that cleaning made from their neighbours: a model can copy them from those.

    Raises
    ------
    ParameterError
        At once if a number is below 1; with the footers if there is nothing to use, a channel no run has, or
        runs of different rates or (without ``token_length``) window lengths.
    WindowError
        With the footers, if a run is not there or its file is broken.
    """

    collate: Callable[[Sequence[dict[str, Any]]], dict[str, Any]] = staticmethod(pad_sequences)

    def __init__(
        self,
        reader: WindowReader,
        runs: Sequence[RunKey],
        ch_names: Sequence[str] | None = None,
        token_length: int | None = None,
        max_tokens: int | None = None,
        include_interpolated: bool = True,
    ) -> None:
        for name, value in (("token_length", token_length), ("max_tokens", max_tokens)):
            check_at_least(name, 1 if value is None else value, 1)
        self._reader = reader
        self.runs: tuple[RunKey, ...] = tuple(runs)
        self._ch_names = None if ch_names is None else tuple(ch_names)
        self._token_length, self._max_tokens = token_length, max_tokens
        self._include_interpolated = include_interpolated

    def __len__(self) -> int:
        return self._items.run.size

    @property
    def token_length(self) -> int:
        """Samples of a token (L)."""
        return self._items.token_length

    @property
    def blocks(self) -> NDArray[np.intp]:
        """Number in ``runs`` of each item's run, (n_items,): blocks for `orders.block_order`."""
        return self._items.run

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each item, (n_items,)."""
        return self._items.n_tokens[self._items.run]

    @property
    def dropped_samples(self) -> NDArray[np.int64]:
        """Samples at the end of each item's recording that fill no token, (n_items,); not what is cut off."""
        return self._items.dropped[self._items.run]

    @property
    def too_short(self) -> tuple[RunKey, ...]:
        """Runs without one whole token; they have no item."""
        return self._items.too_short

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: Sequence[int] | NDArray[np.integer]) -> list[dict[str, Any]]:
        """Return the items of these indices, in their order; those of one run are read one after another."""
        chosen = np.asarray(indices, np.intp)
        if chosen.size and not 0 <= chosen.min() <= chosen.max() < len(self):
            raise IndexError(f"index beyond the {len(self)} sequences")
        by_run = np.argsort(self._items.run[chosen], kind="stable").tolist()
        found = {place: self._read(int(chosen[place])) for place in by_run}
        return [found[place] for place in range(chosen.size)]

    def _read(self, index: int) -> dict[str, Any]:
        run = int(self._items.run[index])
        names, channel = self.runs[run], self._items.channel[index]
        n_tokens, length = int(self._items.n_tokens[run]), self.token_length
        if self._max_tokens == n_tokens:
            samples = self._reader.read_samples(*names, 0, n_tokens * length, ch_names=[channel])[0]
        else:
            samples = self._reader.read_channel(*names, channel)
        tokens = samples.reshape(-1)[: n_tokens * length].reshape(n_tokens, length)
        about = {"participant": names[0], "run": names[1], "channel": channel}
        return {"samples": torch.from_numpy(tokens), **about}

    @cached_property
    def _items(self) -> _Items:
        layouts = [self._reader.layout(*run) for run in self.runs]
        self._check_channels(layouts)
        length = self._token_length or _shared(layouts, "window_length", "set token_length")
        _shared(layouts, "sfreq", "choose runs of one rate, or clean them to one with clean.sfreq")
        n_times = np.array([layout.n_times for layout in layouts], np.int64)
        whole = n_times - np.array([layout.n_tail for layout in layouts], np.int64)
        n_tokens = whole // length
        long_enough = np.flatnonzero(n_tokens)
        channels = [self._channels_of(layouts[run]) for run in long_enough]
        if not any(channels):
            raise _nothing_left(whole, length)
        return _Items(
            np.repeat(long_enough, [len(names) for names in channels]),
            tuple(name for names in channels for name in names),
            length,
            np.minimum(n_tokens, self._max_tokens or n_tokens),
            n_times - n_tokens * length,
            tuple(self.runs[run] for run in np.flatnonzero(n_tokens == 0)),
        )

    def _channels_of(self, layout: WindowLayout) -> list[str]:
        left_out = () if self._include_interpolated else layout.interpolated_channels
        asked = layout.ch_names if self._ch_names is None else self._ch_names
        return [name for name in asked if name in layout.ch_names and name not in left_out]

    def _check_channels(self, layouts: Sequence[WindowLayout]) -> None:
        known = {name for layout in layouts for name in layout.ch_names}
        if layouts and (unknown := [name for name in self._ch_names or () if name not in known]):
            raise ParameterError(
                "no run has this channel",
                value=unknown[0],
                allowed=", ".join(sorted(known)),
                remedy="leave it out of ch_names",
            )


def _shared(layouts: Sequence[WindowLayout], name: str, remedy: str) -> Any:
    """Return what all runs share, and refuse what they do not: one batch could not hold both."""
    values: Iterator[Any] = (getattr(layout, name) for layout in layouts)
    found = sorted(set(values))
    if len(found) > 1:
        raise ParameterError(f"runs differ in {name}", value=found[:5], allowed="one value", remedy=remedy)
    return found[0] if found else 1


def _nothing_left(whole: NDArray[np.int64], length: int) -> ParameterError:
    longest = int(whole.max(initial=0))
    return ParameterError(
        "no sequence to train on",
        value=f"{whole.size} runs, the longest of {longest} samples in complete windows",
        allowed=f"at least one run with a chosen channel and a token of {length} samples",
        remedy="a smaller token_length or other runs or channels; if the split is empty, see report_sampling",
    )
