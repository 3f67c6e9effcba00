"""Cells and numbers per second as text for the footer of a window parquet."""

from __future__ import annotations

import base64

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

LEVEL = 9  # cells are mostly zeros; the level costs a millisecond per day of recording


def encode_cells(cells: NDArray[np.uint8]) -> str:
    """Pack cells of any shape into text: base64 of zstd."""
    return _pack(np.ascontiguousarray(cells, np.uint8).tobytes())


def decode_cells(text: str, n_channels: int) -> NDArray[np.uint8]:
    """Unpack what `encode_cells` packed, shape (n_channels, n_cells); ``""`` gives no cells."""
    raw = _unpack(text)
    return np.frombuffer(raw, np.uint8).reshape(n_channels, -1 if n_channels else 0).copy()


def encode_seconds(values: NDArray[np.floating] | list[float]) -> str:
    """Pack one number per second into text: float32, zstd, base64."""
    return _pack(np.ascontiguousarray(values, "<f4").tobytes())


def decode_seconds(text: str) -> NDArray[np.float32]:
    """Unpack what `encode_seconds` packed, shape (n_seconds,)."""
    return np.frombuffer(_unpack(text), "<f4").astype(np.float32)


def _pack(raw: bytes) -> str:
    packed = pa.Codec("zstd", LEVEL).compress(raw, asbytes=True)
    # the length stands before the bytes: the codec wants to know it
    return f"{len(raw)}:{base64.b64encode(packed).decode()}"


def _unpack(text: str) -> bytes:
    if not text:
        return b""
    size, _, packed = text.partition(":")
    raw: bytes = pa.Codec("zstd").decompress(base64.b64decode(packed), int(size), asbytes=True)
    return raw
