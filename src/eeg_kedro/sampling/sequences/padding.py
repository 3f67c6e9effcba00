"""Sequences of different lengths as one tensor, with a mask that says what is real."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from eeg_kedro.errors import ParameterError

NAMES = ("participant", "run", "channel")


def pad_sequences(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Put sequences into one tensor as long as the longest of them.

    Parameters
    ----------
    items : sequence of dict
        ``samples`` (T, L) float32, T differs; ``participant``, ``run``, ``channel``.

    Returns
    -------
    dict
        ``samples`` (B, T, L), zeros behind each sequence's end; ``lengths`` (B,) int64, tokens of each;
        ``mask`` (B, T) bool, True where a token is real; lists ``participant``, ``run``, ``channel``. All of
        them empty if there is no item.

    Raises
    ------
    ParameterError
        If the tokens of two sequences have different lengths.
    """
    sizes = sorted({item["samples"].shape[1] for item in items})
    if len(sizes) > 1:
        raise ParameterError(
            "sequences have tokens of different lengths", value=sizes, remedy="set token_length"
        )
    lengths = torch.tensor([len(item["samples"]) for item in items], dtype=torch.int64)
    longest = int(lengths.max()) if items else 0
    samples = torch.empty((len(items), longest, sizes[0] if sizes else 0))
    for row, item in zip(samples, items, strict=True):
        n_tokens = len(item["samples"])
        row[:n_tokens] = item["samples"]
        row[n_tokens:] = 0
    mask = torch.arange(longest) < lengths[:, None]
    names = {name: [item[name] for item in items] for name in NAMES}
    return {"samples": samples, "lengths": lengths, "mask": mask, **names}
