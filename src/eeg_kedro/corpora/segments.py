"""The parts of a recording with gaps: numbered, and those that are too short left out and named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from eeg_kedro.errors import SignalError

MOST_NAMED = 100  # gaps or segments in one sentence


class Segment(NamedTuple):
    """A part of a file without a gap.

    Attributes
    ----------
    first_sample, n_times : int
        Where it lies among the stored samples of the kept channels.
    time_offset : float
        Seconds from the file's first sample, gaps counted.
    number : int
        Which part of the file it is, from 1, parts that are left out counted; 0: its place among the others.
    """

    first_sample: int
    n_times: int
    time_offset: float
    number: int = 0


def choose_segments(
    parts: Sequence[Segment], sfreq: float, shortest: float, file: str
) -> tuple[tuple[Segment, ...], tuple[str, ...]]:
    """Give the parts of a file with gaps their numbers and leave out those that are too short.

    A part keeps its number whatever is left out: changing `shortest` renames no run.

    Parameters
    ----------
    parts : sequence of Segment
        What lies between the gaps, in the order of the file; fewer than two are no segments.
    sfreq : float
        Hz.
    shortest : float
        Seconds.
    file : str
        For errors.

    Returns
    -------
    segments : tuple of Segment
    notes : tuple of str
        Where the gaps and the segments are, and what is left out.

    Raises
    ------
    SignalError
        If every part is too short.
    """
    if len(parts) < 2:
        return (), ()
    parts = [part._replace(number=number) for number, part in enumerate(parts, start=1)]
    kept = [part for part in parts if part.n_times >= shortest * sfreq]
    if not kept:
        raise SignalError(
            f"all of the {len(parts)} parts between its gaps are too short",
            file=file,
            value=f"{max(part.n_times for part in parts) / sfreq:g} s at most",
            allowed=f"{shortest:g} s or more",
            remedy="lower ingest.shortest_segment, or leave this recording out of the corpus",
        )
    ends = [part.time_offset + part.n_times / sfreq for part in parts]
    gaps = [f"{b.time_offset - end:g} s at {end:g} s" for end, b in zip(ends, parts[1:], strict=False)]
    notes = [
        f"{len(gaps)} gap{'s' * (len(gaps) > 1)} ({_name_some(gaps)}): "
        f"kept as {len(kept)} segment{'s' * (len(kept) > 1)} ({_name_some(_places(kept, sfreq))})"
    ]
    short = [part for part in parts if part.n_times < shortest * sfreq]
    if short:
        lost = sum(part.n_times for part in short) / sfreq
        notes.append(
            f"{len(short)} shorter than ingest.shortest_segment ({shortest:g} s) left out, "
            f"{lost:g} s in all: {_name_some(_places(short, sfreq))}"
        )
    return tuple(kept), tuple(notes)


def _places(parts: Sequence[Segment], sfreq: float) -> list[str]:
    return [f"seg{part.number}: {part.n_times / sfreq:g} s at {part.time_offset:g} s" for part in parts]


def _name_some(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
