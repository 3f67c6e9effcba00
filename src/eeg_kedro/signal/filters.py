"""Band-pass, notch and resampling as one zero-phase FIR in one FFT pass, continuous over a recording.

The FIR is the convolution of MNE's own default designs (``firwin``, Hamming window), so the result equals
``raw.filter``, ``raw.notch_filter`` and ``raw.resample`` one after the other. It is applied by overlap-save:
the recording, extended at both ends by odd reflection, is cut into overlapping segments; each is transformed,
multiplied by the response, cropped (or padded) to the spectrum of the new rate and transformed back. The
segments lie on a grid that only the design decides, so the numbers do not depend on how the samples arrive.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import gcd

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import fft

from eeg_kedro.errors import SignalError
from eeg_kedro.signal.filter_design import FilterDesign, design_filter

__all__ = ["FilterDesign", "design_filter", "filter_resample", "filter_resample_blocks", "resampled_length"]

Samples = NDArray[np.float32]
SIMD_LANES = 4  # rows that pocketfft transforms together
ROWS_AT_ONCE = 8  # per FFT call: whole lanes, and few enough to stay in the cache
FEW_CHANNELS = 32  # up to here, rows that fill no lane cost more than a longer buffer


def resampled_length(n_times: int, design: FilterDesign) -> int:
    """Give the number of samples at the new rate, ``round(n_times * up / down)``."""
    return round(Fraction(n_times * design.up, design.down))


def filter_resample(x: NDArray[np.floating], design: FilterDesign) -> Samples:
    """Filter and resample a whole recording.

    Parameters
    ----------
    x : ndarray, shape (n_channels, n_times)
        Samples in any unit, at ``design.sfreq_in``.
    design : FilterDesign
        What to do, from `design_filter`.

    Returns
    -------
    ndarray of float32, shape (n_channels, n_out)
        The same numbers as `filter_resample_blocks` gives, ``n_out = round(n_times * up / down)``.
    """
    out = np.empty((x.shape[0], resampled_length(x.shape[1], design)), np.float32)
    for place, span, level in _place_spans([x], x.shape[1], design):
        _filter_span(span, level, design, out[:, place])
    return out


def filter_resample_blocks(
    blocks: Iterable[NDArray[np.floating]], n_times: int, design: FilterDesign
) -> Iterator[Samples]:
    """Filter and resample a stream of samples in constant memory.

    Parameters
    ----------
    blocks : iterable of ndarray, shape (n_channels, n)
        Consecutive samples, any number of them at a time; a block may be reused by its maker once the next is
        asked for.
    n_times : int
        Samples per channel in the whole stream.
    design : FilterDesign
        What to do, from `design_filter`.

    Yields
    ------
    ndarray of float32, shape (n_channels, n)
        Consecutive samples at ``design.sfreq_out``.

    Raises
    ------
    SignalError
        If the stream holds more or fewer than ``n_times`` samples.
    """
    for place, span, level in _place_spans(blocks, n_times, design):
        block = np.empty((level.shape[0], place.stop - place.start), np.float32)
        _filter_span(span, level, design, block)
        yield block


def _place_spans(
    blocks: Iterable[NDArray[np.floating]], n_times: int, design: FilterDesign
) -> Iterator[tuple[slice, Samples, Samples]]:
    """Yield where in the output a span of segments belongs, its samples, and the level they stand on."""
    if n_times < 1:
        return
    stream = iter(blocks)
    first = _gather(stream, min(n_times, design.pad + 1))
    level = first[:, :1].astype(np.float32)
    done, n_out = 0, resampled_length(n_times, design)
    n_segments = _segments_per_span(first.shape[0])
    for span in _spans(_extend(first, stream, n_times, design.pad), level, design, n_segments):
        place = slice(done, min(done + n_segments * design.hop_out, n_out))
        if place.stop > place.start:
            yield place, span, level
        done = place.stop


def _gather(stream: Iterator[NDArray[np.floating]], n_wanted: int) -> NDArray[np.floating]:
    """Take blocks until ``n_wanted`` samples are there; reflection needs them before anything comes out."""
    parts: list[NDArray[np.floating]] = []
    missing = n_wanted
    while missing > 0:
        block = next(stream, None)
        if block is None:
            raise _length_error(n_wanted - missing, f"at least {n_wanted}")
        missing -= block.shape[1]
        parts.append(block.copy() if missing > 0 else block)  # its maker may reuse it for the next one
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)


def _extend(
    first: NDArray[np.floating], rest: Iterator[NDArray[np.floating]], n_times: int, pad: int
) -> Iterator[NDArray[np.floating]]:
    """Yield the stream with ``pad`` samples before and behind it.

    Odd reflection as far as the recording reaches (MNE's ``reflect_limited``); beyond that, in recordings
    shorter than half the FIR, the first sample's level.
    """
    reach = min(pad, n_times - 1)
    level = np.repeat(first[:, :1], pad - reach, axis=1)
    yield level
    yield 2 * first[:, :1] - first[:, reach:0:-1]
    seen, ending = 0, []
    for block in _chain(first, rest):
        yield block
        ending.append(block[:, max(n_times - reach - 1 - seen, 0) :].copy())
        seen += block.shape[1]
    if seen != n_times:
        raise _length_error(seen, str(n_times))
    last = np.concatenate(ending, axis=1)
    yield 2 * last[:, -1:] - last[:, -2 : -reach - 2 : -1]
    yield level


def _chain(
    first: NDArray[np.floating], rest: Iterator[NDArray[np.floating]]
) -> Iterator[NDArray[np.floating]]:
    yield first
    yield from rest


def _segments_per_span(n_channels: int) -> int:
    """Give how many segments are transformed together, so that the rows fill whole SIMD lanes."""
    return SIMD_LANES // gcd(n_channels, SIMD_LANES) if n_channels <= FEW_CHANNELS else 1


def _spans(
    pieces: Iterable[NDArray[np.floating]], level: Samples, design: FilterDesign, n_segments: int
) -> Iterator[Samples]:
    """Lay pieces of any length into spans of ``n_segments`` segments; the same buffer is yielded each time.

    The first sample's level is taken off: a large electrode offset would cost the single-precision FFT its
    resolution. `_filter_span` puts back what of it passes the filter.
    """
    advance = n_segments * design.hop
    size = advance + 2 * design.pad
    span, filled = np.zeros((level.shape[0], size), np.float32), 0
    for piece in pieces:
        start = 0
        while start < piece.shape[1]:
            n = min(size - filled, piece.shape[1] - start)
            np.subtract(
                piece[:, start : start + n], level, out=span[:, filled : filled + n], casting="same_kind"
            )
            start, filled = start + n, filled + n
            if filled == size:
                yield span
                span[:, : size - advance] = span[:, advance:]
                filled = size - advance
    span[:, filled:] = 0
    yield span


def _filter_span(span: Samples, level: Samples, design: FilterDesign, out: Samples) -> None:
    """Multiply the spectra of a span's segments by the response; write what wrapping has not touched."""
    gain = design.response  # every value twice: real and imaginary part
    passed = level[:, 0] * (gain[0] * np.float32(design.segment))  # what of the level passes the filter
    # (n_channels, n_segments, segment), a view: neighbors share the samples of both their ends
    n_needed = -(-out.shape[1] // design.hop_out)  # the last span may hold fewer
    segments = sliding_window_view(span, design.segment, axis=1)[:, :: design.hop][:, :n_needed]
    n_channels, n_segments, _ = segments.shape
    at_once = max(1, ROWS_AT_ONCE // n_segments)
    for start in range(0, n_channels, at_once):
        rows = slice(start, start + at_once)
        spectrum = fft.rfft(segments[rows], axis=-1)
        spectrum.view(np.float32)[..., : gain.size] *= gain
        spectrum[..., 0] += passed[rows, np.newaxis]
        whole = fft.irfft(spectrum, n=design.segment_out, axis=-1, overwrite_x=True)
        for i in range(n_segments):
            place = slice(i * design.hop_out, min((i + 1) * design.hop_out, out.shape[1]))
            out[rows, place] = whole[:, i, design.pad_out : design.pad_out + place.stop - place.start]


def _length_error(found: int, expected: str) -> SignalError:
    return SignalError(
        "the stream of samples has not the length its source declares",
        value=found,
        allowed=f"{expected} samples",
        remedy="run ingest again, the file may have changed since it was surveyed",
    )
