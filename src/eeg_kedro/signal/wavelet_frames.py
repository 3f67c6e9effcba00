"""An orthogonal wavelet transform as small matrix products, for what a soft threshold takes off a row.

The filters are PyWavelets' and so are the coefficients; frames of 32 samples times a 32 x 16 matrix are several
times as quick as convolving sample by sample.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
FRAME = 32  # samples of a level that are transformed together; no filter may be longer by more than two


class _Filter:
    """One analysis filter with decimation by two, and its transpose."""

    def __init__(self, taps: NDArray[np.float64]) -> None:
        n_out, self.n_tail = FRAME // 2, len(taps) - 2
        whole = np.zeros((self.n_tail + FRAME, n_out), np.float32)
        for i in range(n_out):  # output i of a frame is the sum of taps[j] * x[2 * i + 1 - j]
            whole[2 * i : 2 * i + len(taps), i] = taps[::-1]
        self._tail, self._body = whole[: self.n_tail].copy(), whole[self.n_tail :].copy()
        self._tail_up, self._body_up = self._tail.T.copy(), self._body.T.copy()

    def analyze(self, x: Samples) -> Samples:
        """Filter and decimate, shape (n,) to (n / 2,)."""
        frames = x.reshape(-1, FRAME)
        out = frames @ self._body
        out[1:] += frames[:-1, FRAME - self.n_tail :] @ self._tail
        return out.reshape(-1)

    def synthesize(self, coefficients: Samples) -> Samples:
        """Apply the transpose, which for an orthogonal wavelet rebuilds the samples, shape (n / 2,) to (n,)."""
        frames = coefficients.reshape(-1, FRAME // 2)
        out = frames @ self._body_up
        out[:-1, FRAME - self.n_tail :] += frames[1:] @ self._tail_up
        return out.reshape(-1)


class WaveletFrames:
    """What soft thresholds take off a row.

    Parameters
    ----------
    wavelet : str
        PyWavelets' name of an orthogonal wavelet.
    level : int
        Levels of the transform.

    Attributes
    ----------
    unit : int
        Rows must begin at, and be as long as, multiples of it.
    margin : int
        Samples at either end of a row whose result leans on what is not there; a multiple of ``unit``.
    """

    def __init__(self, wavelet: str, level: int) -> None:
        import pywt

        described = pywt.Wavelet(wavelet)
        self._low, self._high = (
            _Filter(np.array(taps, np.float64)) for taps in (described.dec_lo, described.dec_hi)
        )
        self.unit = FRAME * int(2 ** (level - 1))
        reach = (int(described.dec_len) - 1) * (int(2**level) - 1)
        self.margin = -(-reach // self.unit) * self.unit

    def taken(self, row: Samples, thresholds: NDArray[np.float32]) -> Samples:
        """Rebuild the coefficients clipped to the thresholds: row minus this is the soft-thresholded row.

        Parameters
        ----------
        row : ndarray of float32, shape (n,)
            Microvolts; ``n`` a multiple of ``unit``.
        thresholds : ndarray of float32, shape (n_levels,)
            Microvolts, the finest level first; at least one above 0.

        Returns
        -------
        ndarray of float32, shape (n,)
            Microvolts; wrong within ``margin`` of both ends.
        """
        depth = int(np.flatnonzero(thresholds)[-1]) + 1
        clipped: list[Samples | None] = []
        for i, threshold in enumerate(thresholds[:depth]):
            detail = None
            if threshold > 0:
                detail = self._high.analyze(row)
                np.clip(detail, -threshold, threshold, out=detail)
            clipped.append(detail)
            if i < depth - 1:
                row = self._low.analyze(row)
        taken: Samples | None = None
        for detail in clipped[::-1]:
            deeper = None if taken is None else self._low.synthesize(taken)
            if detail is None:
                taken = deeper
            else:
                taken = self._high.synthesize(detail)
                taken = taken if deeper is None else np.add(taken, deeper, out=taken)
        assert taken is not None  # noqa: S101 - the deepest level has a threshold
        return taken
