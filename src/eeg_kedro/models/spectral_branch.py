"""The power spectrum of each token as features: what a rhythm is, whatever its phase."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from eeg_kedro.models.window_encoder import pool_mean_max

_FLOOR = 1e-2  # power, in units of the training scale squared, at which the logarithm begins to bend


class SpectralBranch(nn.Module):
    """Turn tokens into log power spectra, project them channel by channel, and pool over the channels.

    A linear projection of samples, as the encoder begins with, tells phases apart and must learn that they do not
    matter; with a few participants to learn from it learns their waveforms instead. The power under a Hann window
    does not depend on phase.

    Parameters
    ----------
    token_length : int
        L, samples of a token.
    sfreq : float
        Hz.
    width : int
        Numbers per token of one channel; F = 2 * width.
    highest_hz : float
        Upper end of the spectrum; its lower end is the first bin above 0 Hz.
    """

    window: Tensor

    def __init__(self, token_length: int, sfreq: float, width: int = 32, highest_hz: float = 50.0) -> None:
        super().__init__()
        highest = min(token_length // 2, max(1, round(highest_hz * token_length / sfreq)))
        self._bins = slice(1, highest + 1)
        self.register_buffer("window", torch.hann_window(token_length), persistent=False)
        self.project = nn.Linear(highest, width)
        self.width = 2 * width

    def forward(self, tokens: Tensor, valid: Tensor, real: Tensor | None = None) -> Tensor:
        """Encode windows.

        Parameters
        ----------
        tokens : Tensor (B, C, T, L)
            Samples in units of the training scale.
        valid : Tensor (B, C) bool
            Channels that are there; those of others are never looked at.
        real : Tensor (B, T) bool, optional
            Tokens that are there; all of them if None.

        Returns
        -------
        Tensor (B, T, 2 * width)
            Mean and maximum over channels; zeros where a token is not real, or no channel is there.
        """
        if not len(tokens):  # the transform refuses to do nothing
            return tokens.new_zeros(0, tokens.shape[2], self.width)
        known = valid[:, :, None, None]
        if real is not None:
            known = known & real[:, None, :, None]
        samples = torch.where(known, tokens, 0)
        # spectra stay in float32 under autocast: half precision has no room for their range
        with torch.autocast(tokens.device.type, enabled=False):
            power = torch.fft.rfft(samples.float() * self.window).abs().square()[..., self._bins]
            spectrum = (power + _FLOOR).log()
        pooled = pool_mean_max(nn.functional.gelu(self.project(spectrum)), valid)
        return pooled if real is None else torch.where(real.unsqueeze(-1), pooled, 0)
