"""Residual blocks of Mamba-2 over a sequence of tokens, in one direction or in both."""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn

from eeg_kedro.models.encoder_options import EncoderOptions
from eeg_kedro.models.mamba2 import Mamba2Mixer

ScanName = Literal["torch", "mamba_ssm"]
NORM_EPS = 1e-5


class ResidualBlock(nn.Module):
    """Add to the tokens what a mixer makes of them: x + dropout(mixer(norm(x))).

    Parameters
    ----------
    options : EncoderOptions
        Width, states, taps, dropout and direction.
    layer : int
        Its number, from 0; with ``direction=alternate`` the odd ones scan from the end to the beginning.
    backend : {"torch", "mamba_ssm"}
        Who computes the scan.
    """

    def __init__(self, options: EncoderOptions, layer: int, backend: ScanName = "torch") -> None:
        super().__init__()
        self.norm = nn.RMSNorm(options.d_model, eps=NORM_EPS)
        self.mixer = Mamba2Mixer(
            options.d_model,
            d_state=options.d_state,
            d_conv=options.d_conv,
            expand=options.expand,
            headdim=options.headdim,
            reverse=options.direction == "alternate" and layer % 2 == 1,
            bidirectional=options.direction == "bidirectional",
            backend=backend,
        )
        self.dropout = nn.Dropout(options.dropout)

    def forward(self, tokens: Tensor, valid: Tensor) -> Tensor:
        """Mix (B, T, D); what stands where ``valid`` (B, T) is False reaches no valid token."""
        mixed: Tensor = self.mixer(self.norm(tokens), valid)
        return tokens + self.dropout(mixed)  # type: ignore[no-any-return]


class Mamba2Backbone(nn.Module):
    """Stack residual blocks of Mamba-2 (Dao & Gu 2024), normed before each block and at the end.

    Parameters
    ----------
    options : EncoderOptions
        Number of blocks and what each is like.
    backend : {"torch", "mamba_ssm"}
        Who computes the scan.
    """

    def __init__(self, options: EncoderOptions, backend: ScanName = "torch") -> None:
        super().__init__()
        blocks = [ResidualBlock(options, layer, backend) for layer in range(options.n_layers)]
        self.layers = nn.ModuleList(blocks)
        self.norm = nn.RMSNorm(options.d_model, eps=NORM_EPS)

    def forward(self, tokens: Tensor, valid: Tensor) -> Tensor:
        """Turn (B, T, D) into (B, T, D); finite numbers must stand where ``valid`` (B, T) is False."""
        for block in self.layers:
            tokens = block(tokens, valid)
        return self.norm(tokens)  # type: ignore[no-any-return]
