"""The other backbone: a Transformer with attention over all valid tokens, or over those before."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from eeg_kedro.models.encoder_options import EncoderOptions
from eeg_kedro.models.encodings import sinusoids

NORM_EPS = 1e-5


class SelfAttention(nn.Module):
    """Attend with several heads (Vaswani et al. 2017).

    Parameters
    ----------
    d_model, n_heads : int
        Width, and heads that share it.
    """

    def __init__(self, d_model: int, n_heads: int) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.in_proj = nn.Linear(d_model, 3 * d_model)
        self.out_proj = nn.Linear(d_model, d_model)

    def forward(self, tokens: Tensor, seen: Tensor) -> Tensor:
        """Mix (B, T, D); ``seen`` (B, 1, 1 or T, T) bool is True where a token (row) may look at another."""
        parts = self.in_proj(tokens).unflatten(-1, (3, self.n_heads, -1))
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=seen)
        return self.out_proj(mixed.transpose(1, 2).flatten(2))  # type: ignore[no-any-return]


class TransformerBlock(nn.Module):
    """Add attention and then a feed-forward net, each normed before; about as large as a block of Mamba-2.

    Parameters
    ----------
    options : EncoderOptions
        Width, heads and dropout; ``expand * d_model`` is the width of the feed-forward net.
    """

    def __init__(self, options: EncoderOptions) -> None:
        super().__init__()
        width, inner = options.d_model, options.expand * options.d_model
        self.attention_norm = nn.RMSNorm(width, eps=NORM_EPS)
        self.attention = SelfAttention(width, options.n_heads)
        self.feed_forward_norm = nn.RMSNorm(width, eps=NORM_EPS)
        self.feed_forward = nn.Sequential(nn.Linear(width, inner), nn.GELU(), nn.Linear(inner, width))
        self.dropout = nn.Dropout(options.dropout)

    def forward(self, tokens: Tensor, seen: Tensor) -> Tensor:
        """Mix (B, T, D) among the tokens that are seen."""
        tokens = tokens + self.dropout(self.attention(self.attention_norm(tokens), seen))
        return tokens + self.dropout(self.feed_forward(self.feed_forward_norm(tokens)))  # type: ignore[no-any-return]


class TransformerBackbone(nn.Module):
    """Stack Transformer blocks; tokens are told apart by sinusoids of their index.

    Parameters
    ----------
    options : EncoderOptions
        ``direction=causal`` looks back only, every other direction looks both ways.
        ``temporal_encoding=False`` leaves out the sinusoids too.
    """

    def __init__(self, options: EncoderOptions) -> None:
        super().__init__()
        self.causal = options.direction == "causal"
        self.tells_place = options.temporal_encoding
        self.layers = nn.ModuleList([TransformerBlock(options) for _ in range(options.n_layers)])
        self.norm = nn.RMSNorm(options.d_model, eps=NORM_EPS)

    def forward(self, tokens: Tensor, valid: Tensor) -> Tensor:
        """Turn (B, T, D) into (B, T, D); finite numbers must stand where ``valid`` (B, T) is False."""
        if self.tells_place:
            tokens = tokens + sinusoids(tokens.shape[1], tokens.shape[2], tokens)
        seen = seen_tokens(valid, self.causal)
        for block in self.layers:
            tokens = block(tokens, seen)
        return self.norm(tokens)  # type: ignore[no-any-return]


def seen_tokens(valid: Tensor, causal: bool) -> Tensor:
    """Tell which token may look at which, (B, 1, 1 or T, T) bool; none is left without any.

    A row without anything to look at would be a softmax over nothing: not a number, which the gradient carries
    everywhere. An item without a valid token therefore sees all of its tokens, and, looking back only, each
    token sees itself. Neither changes what a valid token is given.
    """
    if not causal:
        return (valid | ~valid.any(1, keepdim=True))[:, None, None, :]
    square = torch.ones(valid.shape[1], valid.shape[1], dtype=torch.bool, device=valid.device)
    itself = torch.eye(valid.shape[1], dtype=torch.bool, device=valid.device)
    return ((square.tril() & valid[:, None, :]) | itself)[:, None]
