"""Rounding of float32 samples, so that they compress to half their size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MANTISSA_BITS = 23
EVERY = 128  # samples between two that are looked at to learn the typical size


def round_samples(samples: NDArray[np.float32], bits: int) -> None:
    """Round one channel's samples in place to ``bits`` bits of a typical sample, half to even.

    The step is that of ``bits`` mantissa bits at the channel's median amplitude. Samples below it keep the same
    step, for their finer bits would only be noise to store; samples far above it keep ``bits + 1`` mantissa bits.
    Against the plain cut of the mantissa this is a fifth more exact at the same size. The median (not the mean
    power) decides, so an electrode pop does not coarsen the quiet signal around it.

    Parameters
    ----------
    samples : ndarray of float32, shape (n_times,), contiguous
        Finite values in any unit.
    bits : int
        1 to 23; 23 changes nothing.
    """
    if bits == MANTISSA_BITS:
        return
    sizes = np.abs(samples[::EVERY])
    typical = float(np.partition(sizes, sizes.size // 2)[sizes.size // 2])
    if 1e-30 < typical < 1e30:  # beyond, the sums below could leave the range of float32
        # a float32 of this size has no bits below the step, so adding it rounds, half to even
        magnet = np.float32(1.5 * 2.0**MANTISSA_BITS * 2.0 ** (np.floor(np.log2(typical)) - bits))
        samples += magnet
        samples -= magnet
    round_mantissa(samples, bits + 1)


def round_mantissa(samples: NDArray[np.float32], bits: int) -> None:
    """Round samples in place to ``bits`` mantissa bits, half to even.

    The relative error is at most ``2 ** -(bits + 1)``. A value too large to round up becomes the largest that
    ``bits`` bits can hold, never infinity.

    Parameters
    ----------
    samples : ndarray of float32, contiguous
        Finite values.
    bits : int
        1 to 23; 23 changes nothing.
    """
    drop = MANTISSA_BITS - bits
    if drop == 0:
        return
    largest = np.float32((2 - 2.0**-bits) * 2.0**127)
    np.clip(samples, -largest, largest, out=samples)
    # the bits of a float count up like an integer: a carry out of the mantissa rightly lands in the exponent
    words = samples.view(np.uint32)
    odd = words >> np.uint32(drop)
    odd &= np.uint32(1)
    words += odd
    words += np.uint32((1 << (drop - 1)) - 1)
    words &= np.uint32((0xFFFFFFFF << drop) & 0xFFFFFFFF)
