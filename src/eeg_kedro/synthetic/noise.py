"""Coloured noise whose spectrum changes over time, by overlap-add of short independent pieces."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft

_PIECES_AT_ONCE = 64  # keeps the working set near the size of the second-level cache times a few


def count_pieces(n_times: int, n_piece: int) -> int:
    """Count the half-overlapping pieces that cover ``n_times`` samples, both borders included."""
    return -(-n_times // (n_piece // 2)) + 1


def add_noise(
    x: NDArray[np.float32],
    rng: np.random.Generator,
    mixing: NDArray[np.float32],
    spectra: NDArray[np.float32],
    choice: NDArray[np.intp],
    gains: NDArray[np.float32],
) -> None:
    """Add mixed Gaussian noise to a recording, in place.

    Pieces overlap by half under a sine window, whose squares sum to one: power is constant where the spectrum
    is, and changes smoothly where it changes. Memory and time per sample do not depend on the length.

    Parameters
    ----------
    x : ndarray, shape (n_channels, n_times)
        Microvolts.
    rng : Generator
        Source of randomness.
    mixing : ndarray, shape (n_channels, n_sources)
        Microvolts at an electrode per unit of a source.
    spectra : ndarray, shape (n_spectra, n_sources or 1, n_piece // 2 + 1)
        Amplitude per frequency bin; see `unit_spectrum`.
    choice : ndarray of int, shape (n_pieces,)
        Which spectrum each piece has; ``n_pieces`` as `count_pieces` says.
    gains : ndarray, shape (n_sources, n_pieces)
        Amplitude of each source in each piece.
    """
    n_channels, n_times = x.shape
    hop = spectra.shape[-1] - 1
    n_sources = mixing.shape[1]
    window = np.sin(np.pi * (np.arange(2 * hop) + 0.5) / (2 * hop)).astype(np.float32)
    left_over = np.zeros((n_channels, hop), np.float32)
    for start in range(0, len(choice), _PIECES_AT_ONCE):
        pieces = slice(start, start + _PIECES_AT_ONCE)
        n = len(choice[pieces])
        raw = rng.standard_normal((n_sources, n, 2 * (hop + 1)), dtype=np.float32).view(np.complex64)
        raw *= spectra[choice[pieces]].transpose(1, 0, 2) * gains[:, pieces, None]
        pieces_in_time = fft.irfft(raw, n=2 * hop, axis=-1, overwrite_x=True)
        pieces_in_time *= window
        mixed = (mixing @ pieces_in_time.reshape(n_sources, -1)).reshape(n_channels, n, 2, hop)
        mixed[:, 0, 0] += left_over
        mixed[:, 1:, 0] += mixed[:, :-1, 1]
        left_over = mixed[:, -1, 1].copy()
        # the very first hop holds a rising flank only, so the recording begins one hop later
        first = (start - 1) * hop
        a, b = max(first, 0), min(first + n * hop, n_times)
        x[:, a:b] += mixed[:, :, 0].reshape(n_channels, -1)[:, a - first : b - first]


def unit_spectrum(amplitude: NDArray[np.float64]) -> NDArray[np.float32]:
    """Scale amplitudes so that noise made from them has unit variance, last axis = frequency bins.

    ``irfft`` of n / 2 + 1 independent complex bins of variance 2 a**2 has the variance 4 sum(a**2) / n**2.
    """
    n = 2 * (amplitude.shape[-1] - 1)
    power = 4.0 * np.sum(amplitude[..., 1:-1] ** 2, axis=-1, keepdims=True) / n**2
    return np.asarray(amplitude / np.sqrt(power), np.float32)
