"""The encoder: samples of tokens in, D numbers per token out."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from eeg_kedro.models.backbone import Mamba2Backbone, ScanName
from eeg_kedro.models.encoder_options import EncoderOptions
from eeg_kedro.models.encodings import SpatialEncoding, TemporalEncoding
from eeg_kedro.models.transformer import TransformerBackbone

_TOKEN_STD = 0.02  # of the learned mask token at the start, as BERT has it


class EegEncoder(nn.Module):
    """Project tokens, tell them where they stand, and let a backbone relate them to each other.

    Parameters
    ----------
    options : EncoderOptions
        Backbone, direction, sizes, and which encodings are added.
    token_length : int
        L, samples of a token.
    backend : {"torch", "mamba_ssm"}
        Who computes the scan of Mamba-2.
    """

    def __init__(self, options: EncoderOptions, token_length: int, backend: ScanName = "torch") -> None:
        super().__init__()
        width = options.d_model
        self.projection = nn.Linear(token_length, width)
        self.mask_token: nn.Parameter | None = None
        if options.mask_fill == "token":
            self.mask_token = nn.Parameter(torch.randn(width) * _TOKEN_STD)
        self.spatial = SpatialEncoding(width) if options.spatial_encoding else None
        self.temporal = TemporalEncoding(width) if options.temporal_encoding else None
        self.backbone = _make_backbone(options, backend)

    def forward(
        self, tokens: Tensor, positions: Tensor, valid: Tensor, hidden: Tensor | None = None
    ) -> Tensor:
        """Encode sequences of tokens.

        Parameters
        ----------
        tokens : Tensor (B, T, L)
            Samples in units of the training scale; those of hidden and invalid tokens are never looked at,
            whatever they are.
        positions : Tensor (B, 3)
            Electrode of each sequence on the unit sphere.
        valid : Tensor (B, T) bool
            Tokens that are real; the others reach nothing.
        hidden : Tensor (B, T) bool, optional
            Tokens whose samples are taken away: the learned mask token, or zeros, stand in for them.

        Returns
        -------
        Tensor (B, T, D)
            Zeros where a token is not valid.
        """
        if not len(tokens):
            return self._encode_none(tokens, positions, valid)
        embedded = self._embed(tokens, positions, valid, hidden)
        encoded: Tensor = self.backbone(embedded, valid)
        return torch.where(valid.unsqueeze(-1), encoded, 0)

    def _encode_none(self, tokens: Tensor, positions: Tensor, valid: Tensor) -> Tensor:
        """Give (0, T, D) by way of one item without valid tokens.

        The share of a process may be empty: scans refuse that, and the gradients must be zeros, not missing.
        """
        nothing = valid.new_zeros(1, valid.shape[1])
        one = self(tokens.new_zeros(1, *tokens.shape[1:]), positions.new_zeros(1, 3), nothing, nothing)
        return one[:0]  # type: ignore[no-any-return]

    def _embed(self, tokens: Tensor, positions: Tensor, valid: Tensor, hidden: Tensor | None) -> Tensor:
        given = valid if hidden is None else valid & ~hidden
        # only what is given: less to multiply, and 0 * NaN of what is not would be in the gradient of the weight
        rows = given.flatten().nonzero().squeeze(1)
        projected: Tensor = self.projection(tokens.flatten(0, 1).index_select(0, rows))
        # the sum over blocks stays in float32 under autocast
        projected = projected.to(torch.promote_types(projected.dtype, torch.float32))
        blank = self.projection.bias.to(projected.dtype).expand(given.numel(), -1)
        embedded = blank.index_copy(0, rows, projected).view(*given.shape, -1)
        if hidden is not None and self.mask_token is not None:
            embedded = torch.where(hidden.unsqueeze(-1), self.mask_token, embedded)
        if self.spatial is not None:
            embedded = embedded + self.spatial(positions).unsqueeze(1)
        if self.temporal is not None:
            embedded = embedded + self.temporal(valid)
        return torch.where(valid.unsqueeze(-1), embedded, 0)


def _make_backbone(options: EncoderOptions, backend: ScanName) -> nn.Module:
    if options.backbone == "transformer":
        return TransformerBackbone(options)
    return Mamba2Backbone(options, backend)
