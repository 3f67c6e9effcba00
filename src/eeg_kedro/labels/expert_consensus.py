"""Seizures by the consensus of experts who each marked every second."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.labels.annotations import Annotation

Consensus = Literal["majority", "unanimous", "any"]
NOT_ANNOTATED = 2  # beside 0, no seizure, and 1, seizure


class Votes(NamedTuple):
    """What the experts said of each second; shapes (n_seconds,)."""

    seizure: NDArray[np.int64]
    asked: NDArray[np.int64]


def count_votes(marks: list[NDArray[np.uint8]]) -> Votes:
    """Count for each second the experts who marked it as seizure, and those who annotated it at all.

    Parameters
    ----------
    marks : list of ndarray of uint8, shape (n,)
        One per expert: 0, 1 or `NOT_ANNOTATED` per second; a shorter one was not annotated to the end.
    """
    length = max((expert.size for expert in marks), default=0)
    table = np.full((len(marks), length), NOT_ANNOTATED, np.uint8)
    for row, expert in zip(table, marks, strict=True):
        row[: expert.size] = expert
    return Votes((table == 1).sum(axis=0), (table != NOT_ANNOTATED).sum(axis=0))


def seizure_seconds(votes: Votes, consensus: Consensus) -> NDArray[np.bool_]:
    """Say which seconds are seizure.

    Parameters
    ----------
    votes : Votes
        Of the experts who annotated each second; the others do not count.
    consensus : {"majority", "unanimous", "any"}
        More than half of them, all of them, or one of them; a second nobody annotated is no seizure.

    Returns
    -------
    ndarray of bool, shape (n_seconds,)
    """
    # of nobody, half is 0 and all are 0: a second that nobody annotated needs one more
    least: dict[Consensus, NDArray[np.int64]] = {
        "majority": votes.asked // 2 + 1,
        "unanimous": np.maximum(votes.asked, 1),
        "any": np.ones_like(votes.asked),
    }
    return np.asarray(votes.seizure >= least[consensus])


def agreed_seizures(votes: Votes, consensus: Consensus) -> tuple[Annotation, ...]:
    """Return each run of seizure seconds as one annotation ``[k, m)`` s.

    The confidence is the mean over its seconds of the share of experts who marked them.
    """
    padded = np.concatenate([[False], seizure_seconds(votes, consensus), [False]])
    edges = np.flatnonzero(padded[1:] != padded[:-1]).reshape(-1, 2)
    share = votes.seizure / np.maximum(votes.asked, 1)
    return tuple(
        Annotation(float(start), float(stop - start), "seizure", confidence=float(share[start:stop].mean()))
        for start, stop in edges.tolist()
    )
