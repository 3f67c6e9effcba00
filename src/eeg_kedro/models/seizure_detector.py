"""An encoder with a head: windows in, logits out."""

from __future__ import annotations

from typing import Literal, get_args

from torch import Tensor, nn

from eeg_kedro.errors import ParameterError
from eeg_kedro.models.spectral_branch import SpectralBranch
from eeg_kedro.models.window_encoder import WindowEncoder

HeadKind = Literal["dense", "window", "six_class"]


class SeizureDetector(nn.Module):
    """Judge windows; a frozen encoder costs no memory for gradients and keeps its dropout off.

    Parameters
    ----------
    encoder : WindowEncoder
        F numbers per token.
    head : nn.Module
        Of `eeg_kedro.models.detection_heads`, for F numbers per token.
    kind : {"dense", "window", "six_class"}
        What the logits are: (B, T), (B,) or (B, 6).
    spectral : SpectralBranch, optional
        A second look at the same tokens.
    spectral_head : nn.Module, optional
        What it means: its logits are added, so neither look can drown the other.

    Raises
    ------
    ParameterError
        If there is no such kind.
    """

    def __init__(
        self,
        encoder: WindowEncoder,
        head: nn.Module,
        kind: HeadKind,
        spectral: SpectralBranch | None = None,
        spectral_head: nn.Module | None = None,
    ) -> None:
        super().__init__()
        if kind not in get_args(HeadKind):
            raise ParameterError(
                "a detector needs to know what it says",
                value=kind,
                allowed=", ".join(get_args(HeadKind)),
                remedy="name one of them",
            )
        self.encoder, self.head = encoder, head
        self.spectral, self.spectral_head = spectral, spectral_head
        self.kind: HeadKind = kind

    def forward(self, tokens: Tensor, places: Tensor, valid: Tensor, real: Tensor | None = None) -> Tensor:
        """Return logits; arguments as in `WindowEncoder.forward`."""
        logits: Tensor = self.head(self.encoder(tokens, places, valid, real), real)
        if self.spectral is None or self.spectral_head is None:
            return logits
        return logits + self.spectral_head(self.spectral(tokens, valid, real), real)  # type: ignore[no-any-return]
