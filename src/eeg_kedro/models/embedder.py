"""A window as one point: what is learned by comparing windows, and looked at in maps."""

from __future__ import annotations

from torch import Tensor, nn

from eeg_kedro.models.window_encoder import WindowEncoder, pool_mean_max


class Embedder(nn.Module):
    """Pool the tokens of a window (mean and maximum), norm them, and map them to an embedding.

    Parameters
    ----------
    encoder : WindowEncoder
        F numbers per token.
    embedding_size : int
        E.
    projection_size : int
        Of the projection head (Chen et al. 2020), which is used in training only.
    """

    def __init__(self, encoder: WindowEncoder, embedding_size: int, projection_size: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.norm = nn.LayerNorm(2 * encoder.width)
        self.embedding = nn.Linear(2 * encoder.width, embedding_size)
        self.projection = nn.Sequential(
            nn.Linear(embedding_size, embedding_size),
            nn.ReLU(),
            nn.Linear(embedding_size, projection_size),
        )

    def forward(self, tokens: Tensor, places: Tensor, valid: Tensor, real: Tensor | None = None) -> Tensor:
        """Embed windows, (B, C, T, L) -> (B, E); arguments as in `WindowEncoder.forward`.

        Windows of which nothing is there get one and the same finite embedding.
        """
        encoded: Tensor = self.encoder(tokens, places, valid, real)
        there = valid.new_ones(encoded.shape[:2]) if real is None else real
        return self.embedding(self.norm(pool_mean_max(encoded, there)))  # type: ignore[no-any-return]

    def project(self, embedding: Tensor) -> Tensor:
        """Map embeddings (B, E) to where losses compare them, (B, projection_size)."""
        return self.projection(embedding)  # type: ignore[no-any-return]
