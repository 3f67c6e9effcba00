"""Windows through an embedder, without gradients and without augmentation: what is measured, and what is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from eeg_kedro.errors import NonFiniteError
from eeg_kedro.training.detection_tokens import DetectorTokens
from eeg_kedro.training.prefetch import one_ahead
from eeg_kedro.training.window_batches import LabelledWindows, Positions, WindowBatch


@torch.no_grad()
def embed_rows(
    embedder: nn.Module,
    windows: LabelledWindows,
    rows: Positions,
    tokens: DetectorTokens,
    batch_size: int,
    change: Callable[[WindowBatch], tuple[Tensor, Tensor]] | None = None,
) -> NDArray[np.float32]:
    """Embed windows.

    Parameters
    ----------
    embedder : Module
        In evaluation mode, on the device of ``tokens``.
    windows : LabelledWindows
        All windows.
    rows : ndarray of int, shape (n,)
        Those to embed.
    tokens : DetectorTokens
        How windows become tokens.
    batch_size : int
        Windows in memory at a time.
    change : callable, optional
        Gives samples and valid channels of a batch otherwise than as they were recorded: an augmented view.

    Returns
    -------
    ndarray of float32, shape (n, E)

    Raises
    ------
    NonFiniteError
        If an embedding is not a number, naming its windows.
    """
    found = [
        embed_batch(embedder, batch.to(tokens.places.device), tokens, change).float().cpu().numpy()
        for batch in _batches(windows, rows, batch_size)
    ]
    if not found:
        return np.zeros((0, 0), np.float32)
    embeddings: NDArray[np.float32] = np.concatenate(found).astype(np.float32, copy=False)
    demand_finite(embeddings, windows, rows)
    return embeddings


def embed_batch(
    embedder: nn.Module,
    batch: WindowBatch,
    tokens: DetectorTokens,
    change: Callable[[WindowBatch], tuple[Tensor, Tensor]] | None = None,
) -> Tensor:
    """Embed the windows of a batch, (B, E)."""
    samples, valid = (batch.samples, batch.valid) if change is None else change(batch)
    cut, valid, real = tokens.cut(samples, valid)
    embedded: Tensor = embedder(cut, tokens.places, valid, real)
    return embedded


def demand_finite(embeddings: NDArray[np.float32], windows: LabelledWindows, rows: Positions) -> None:
    """Raise `NonFiniteError` if an embedding (n, E) is not a number, naming the windows."""
    wrong = ~np.isfinite(embeddings).all(axis=1)
    if wrong.any():
        raise NonFiniteError(
            f"{int(wrong.sum())} of {len(rows)} windows have no finite embedding",
            file=windows.describe(rows[wrong]),
            value="NaN or infinity",
            remedy="look at these recordings with `kedro run --pipelines=inspect`; if they are sound, train the "
            "embedder anew with a lower embed.loop.lr",
        )


def _batches(windows: LabelledWindows, rows: Positions, batch_size: int) -> Iterator[WindowBatch]:
    parts = [rows[at : at + batch_size] for at in range(0, len(rows), batch_size)]
    return one_ahead(windows.read, parts)
