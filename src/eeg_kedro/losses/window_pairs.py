"""Which windows of a batch shall lie together and which apart: masks over pairs.

The windows of one participant are alike for many reasons that have nothing to do with a seizure: where all positives
come from other participants, being the same person does not help, and where all negatives come from the same one,
being another person does not help either.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from eeg_kedro.losses.embedding_loss_options import EmbeddingLossOptions, Negatives

COUNTS = ("anchors", "same_participant_positives", "other_participant_negatives", "idle_anchors")


class WindowPairs(NamedTuple):
    """Pairs of A anchors and R windows they are compared with (A = R: with each other).

    Attributes
    ----------
    positive, negative : Tensor (A, R) bool
        Pairs that shall lie together, and apart; a pair may be neither.
    counts : Tensor (4,) int64
        As `COUNTS`: anchors; those whose positives are of their own participant because no other has one; those
        whose negatives are of others because their own has none; those without a positive or without a negative.
    """

    positive: Tensor
    negative: Tensor
    counts: Tensor


def label_pairs(labels: Tensor, participants: Tensor, options: EmbeddingLossOptions) -> WindowPairs:
    """Pair the windows of a batch by label, or by participant.

    Parameters
    ----------
    labels, participants : Tensor (B,) int64
        Of each window.
    options : EmbeddingLossOptions
        ``positives``, ``cross_participant``, ``negatives``.
    """
    same = _equal(participants, participants)
    alike = same if options.positives == "participant" else _equal(labels, labels)
    positive = alike & ~_itself(alike)
    fell = torch.zeros((), dtype=torch.int64, device=labels.device)
    if options.positives == "label" and options.cross_participant:
        positive, fell = _prefer(positive, ~same)
    return _pair(positive, ~alike, same, options.negatives, fell)


def view_pairs(participants: Tensor, negatives: Negatives) -> WindowPairs:
    """Pair 2B views, the first of all windows and then the second of all: positive is a window's other view."""
    n = participants.numel()
    window = torch.arange(n, device=participants.device).repeat(2)
    alike = _equal(window, window)
    who = participants.repeat(2)
    return _pair(alike & ~_itself(alike), ~alike, _equal(who, who), negatives)


def key_pairs(participants: Tensor, queued: Tensor, places: Tensor, negatives: Negatives) -> WindowPairs:
    """Pair B queries with the keys of a queue: positive is the key of the same window, in ``places``.

    Parameters
    ----------
    participants, places : Tensor (B,) int64
        Of each query, and where in the queue its key is.
    queued : Tensor (Q,) int64
        Participants of the keys.
    negatives : {"all", "same_participant"}
        Which of the other keys are negatives.
    """
    positive = _equal(places, torch.arange(queued.numel(), device=queued.device))
    return _pair(positive, ~positive, _equal(participants, queued), negatives)


def _pair(
    positive: Tensor, negative: Tensor, same: Tensor, negatives: Negatives, fell: Tensor | None = None
) -> WindowPairs:
    strange = torch.zeros((), dtype=torch.int64, device=positive.device)
    if negatives == "same_participant":
        negative, strange = _prefer(negative, same)
    idle = ~(positive.any(1) & negative.any(1))
    n_anchors = strange.new_tensor(len(positive))
    counts = torch.stack([n_anchors, strange.new_zeros(()) if fell is None else fell, strange, idle.sum()])
    return WindowPairs(positive, negative, counts)


def _prefer(allowed: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """Take the allowed pairs that are wanted; anchors without any keep what is allowed, and are counted."""
    preferred = allowed & wanted
    lacks = ~preferred.any(1, keepdim=True)
    return torch.where(lacks, allowed, preferred), (lacks.squeeze(1) & allowed.any(1)).sum()


def _equal(rows: Tensor, columns: Tensor) -> Tensor:
    return rows.unsqueeze(1) == columns.unsqueeze(0)


def _itself(square: Tensor) -> Tensor:
    return torch.eye(len(square), dtype=torch.bool, device=square.device)
