"""Windows of microvolts as a detector takes them: in units, cut into tokens, with a mark on those that are real."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from eeg_kedro.training.scaling import to_units


class DetectorTokens:
    """Cuts windows of a detector's channels into tokens.

    Parameters
    ----------
    channels : mapping of str to mapping
        ``center`` and ``spread`` (microvolts) and ``place`` (3 numbers on the unit sphere) of each channel, in the
        order of the samples' second axis.
    token_length : int
        L, samples.
    device : torch.device or str
        Where the tokens are wanted.

    Attributes
    ----------
    places : Tensor (C, 3)
        On the unit sphere.
    """

    def __init__(
        self, channels: Mapping[str, Mapping[str, Any]], token_length: int, device: torch.device | str = "cpu"
    ) -> None:
        told = [*channels.values()]
        self.token_length = token_length
        self._center, self._spread = (
            torch.tensor([[float(one[name])] for one in told], dtype=torch.float32, device=device)
            for name in ("center", "spread")
        )
        self.places = torch.tensor([one["place"] for one in told], dtype=torch.float32, device=device)

    def cut(
        self, samples: Tensor, valid: Tensor, n_samples: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Cut windows into tokens.

        Parameters
        ----------
        samples : Tensor (B, C, N) float32
            Microvolts.
        valid : Tensor (B, C) bool
            Channels that are there.
        n_samples : Tensor (B,) int64, optional
            Samples of each window that are real, from its beginning; all if None.

        Returns
        -------
        tokens : Tensor (B, C, T, L) float32
            Units of the training scale; zeros where there is no channel or no sample. The last token is filled up.
        valid : Tensor (B, C) bool
            As given, on the device.
        real : Tensor (B, T) bool
            Tokens with at least one real sample.
        """
        device = self._center.device
        samples, valid = samples.to(device, torch.float32, copy=True), valid.to(device)
        units = to_units(samples, self._center, self._spread)
        length = units.shape[-1]
        counts = torch.full((len(units),), length) if n_samples is None else n_samples
        counts = counts.to(device).unsqueeze(1)
        there = valid.unsqueeze(-1).expand_as(units)
        if n_samples is not None:
            there = there & (torch.arange(length, device=device) < counts).unsqueeze(1)
        # the center of a channel that is not there, or of a sample that is not, would look like a signal
        units = torch.where(there, units, 0.0)
        n_tokens = -(-length // self.token_length)
        units = functional.pad(units, (0, n_tokens * self.token_length - length))
        starts = torch.arange(n_tokens, device=device) * self.token_length
        tokens = units.view(*units.shape[:2], n_tokens, self.token_length)
        return tokens, valid, starts < counts


def token_shares(masks: NDArray[np.uint8], token_length: int) -> NDArray[np.float32]:
    """Return which share of each token lies in a seizure.

    Parameters
    ----------
    masks : ndarray of uint8, shape (n_windows, n_samples)
        1 in a seizure.
    token_length : int
        Samples of a token; the last one may be shorter.

    Returns
    -------
    ndarray of float32, shape (n_windows, n_tokens)
    """
    first = np.arange(0, masks.shape[1], token_length)
    counts = np.add.reduceat(masks, first, axis=1, dtype=np.int64)
    shares: NDArray[np.float32] = (counts / np.diff(first, append=masks.shape[1])).astype(np.float32)
    return shares
