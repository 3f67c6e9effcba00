"""What an embedding is worth on people it was not trained on: whether it shows seizures, and whether persons.

A probe that names the participant far above chance says that identity is what the embedding holds; beside a label
AUROC near 0.5 it says that it holds nothing else.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.errors import NonFiniteError, ParameterError
from eeg_kedro.scoring.embedding_geometry import (
    MOST_POINTS,
    alignment,
    effective_rank,
    mean_distance,
    sample_rows,
    uniformity,
    unit_vectors,
)

Embeddings = NDArray[np.float32]
Labels = NDArray[np.integer]
People = Sequence[str] | NDArray[np.str_]
Reference = tuple[Embeddings, Labels, People]

QUALITY_METRICS = (
    "label_knn_auroc",
    "label_probe_auroc",
    "participant_probe_accuracy",
    "participant_probe_chance",
    "effective_rank",
    "alignment",
    "uniformity",
    "mean_distance",
)
_LEAST_WINDOWS = 4  # of a participant, for the probe: two to learn from, two to name
_BLOCK = 1 << 24  # similarities at a time: 64 MB


class _Windows(NamedTuple):
    """Embeddings (n, E) of finite numbers, labels (n,) 0 or 1, participants (n,)."""

    embeddings: Embeddings
    labels: Labels
    participants: NDArray[np.str_]


def measure_embeddings(
    embeddings: Embeddings,
    labels: Labels,
    participants: People,
    reference: Reference | None,
    seed: int,
    k: int = 20,
) -> dict[str, float]:
    """Measure the embeddings of unseen participants.

    Parameters
    ----------
    embeddings : ndarray of float32, shape (n, E)
        Of the windows of participants that were not trained on, each participant's in order of time.
    labels : ndarray of int, shape (n,)
        1 with seizure, 0 without.
    participants : sequence of str, length n
        Of each window.
    reference : (embeddings, labels, participants) or None
        Of the participants that were trained on: what neighbours and the probe of labels are taken from.
    seed : int
        Of the windows drawn for uniformity and mean distance, where there are more than 4000.
    k : int
        Neighbours.

    Returns
    -------
    dict of str to float
        ``label_knn_auroc``: AUROC of the share of seizure windows among the k nearest by cosine.
        ``label_probe_auroc``: AUROC of a logistic regression. ``participant_probe_accuracy``: how often a linear
        discriminant, fitted on the first half of each unseen participant's windows, names whose the second half is,
        mean over participants; ``participant_probe_chance`` is one over their number. ``effective_rank``,
        ``alignment``, ``uniformity``, ``mean_distance`` (between unit vectors): see `embedding_geometry`.
        NaN where one is not defined: a class or the reference is missing, one participant only, too few windows.

    Raises
    ------
    NonFiniteError
        If an embedding is not finite, naming how many.
    ParameterError
        If lengths differ, a label is neither 0 nor 1, or k is below 1.
    """
    if k < 1:
        raise ParameterError("k is below 1", value=k, remedy="set k to 20")
    seen = None if reference is None else _windows("reference", *reference)
    windows = _windows("unseen", embeddings, labels, participants)
    if seen is not None and seen.embeddings.shape[1:] != windows.embeddings.shape[1:]:
        raise ParameterError(
            "embeddings and those of the reference differ in size",
            value=windows.embeddings.shape[1:],
            allowed=f"{seen.embeddings.shape[1:]}",
        )
    if not len(windows.labels):
        return dict.fromkeys(QUALITY_METRICS, np.nan)
    values = _label_values(windows, seen, k) + _participant_values(windows) + _geometry(windows, seed)
    return dict(zip(QUALITY_METRICS, values, strict=True))


def knn_scores(embeddings: Embeddings, reference: Embeddings, labels: Labels, k: int) -> NDArray[np.float64]:
    """Return the share of label 1 among the k nearest of a reference by cosine.

    Parameters
    ----------
    embeddings : ndarray of float32, shape (n, E)
        Finite.
    reference : ndarray of float32, shape (r, E)
        Finite, at least one.
    labels : ndarray of int, shape (r,)
        Of the reference, 0 or 1.
    k : int
        Neighbours; all if there are fewer.
    """
    import torch

    known = torch.from_numpy(unit_vectors(reference)).T
    positive = torch.from_numpy(np.asarray(labels, np.float32))
    shares = [
        positive[torch.topk(part @ known, min(k, len(labels)), dim=1, sorted=False).indices].mean(dim=1)
        for part in torch.split(torch.from_numpy(unit_vectors(embeddings)), max(1, _BLOCK // len(labels)))
    ]
    scores: NDArray[np.float64] = torch.cat(shares).double().numpy()
    return scores


def label_probe_scores(embeddings: Embeddings, reference: Embeddings, labels: Labels) -> NDArray[np.float64]:
    """Return what a logistic regression says of embeddings (n, E), fitted on a reference (r, E) of both labels."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200))
    with warnings.catch_warnings():
        # nearly there is good enough for a probe, and the order of its scores is all that counts
        warnings.simplefilter("ignore", ConvergenceWarning)
        probe.fit(reference, labels)
    scores: NDArray[np.float64] = probe.decision_function(embeddings)
    return scores


def participant_probe(embeddings: Embeddings, participants: NDArray[np.str_]) -> tuple[float, float]:
    """Return how often a linear discriminant names the participant of later windows, and chance.

    Parameters
    ----------
    embeddings : ndarray of float32, shape (n, E)
        Each participant's windows in order of time: the first half is learnt from, the second is named.
    participants : ndarray of str, shape (n,)
        Of each window; those with fewer than four windows are left out.

    Returns
    -------
    accuracy, chance : float
        Mean over participants; NaN with fewer than two of them, or if all embeddings are one point.
    """
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.metrics import recall_score

    rows = [np.flatnonzero(participants == name) for name in np.unique(participants)]
    rows = [mine for mine in rows if mine.size >= _LEAST_WINDOWS]
    if len(rows) < 2 or not np.ptp(embeddings[np.concatenate(rows)], axis=0).any():
        return np.nan, np.nan
    halves = [np.split(mine, [mine.size // 2]) for mine in rows]
    early, late = (np.concatenate([half[i] for half in halves]) for i in (0, 1))
    # closed form: it takes seconds where a logistic regression of hundreds of participants takes minutes
    probe = LinearDiscriminantAnalysis(
        solver="lsqr", shrinkage="auto", priors=np.full(len(rows), 1 / len(rows))
    )
    probe.fit(embeddings[early].astype(np.float64), participants[early])
    named = probe.predict(embeddings[late].astype(np.float64))
    accuracy = recall_score(participants[late], named, average="macro", zero_division=0)
    return float(accuracy), 1 / len(rows)


def _label_values(windows: _Windows, seen: _Windows | None, k: int) -> tuple[float, float]:
    """Return the AUROC of neighbours and of the probe; NaN if a class is missing on either side."""
    from sklearn.metrics import roc_auc_score

    if seen is None or len({*windows.labels.tolist()}) < 2 or len({*seen.labels.tolist()}) < 2:
        return np.nan, np.nan
    near = knn_scores(windows.embeddings, seen.embeddings, seen.labels, k)
    probed = label_probe_scores(windows.embeddings, seen.embeddings, seen.labels)
    return float(roc_auc_score(windows.labels, near)), float(roc_auc_score(windows.labels, probed))


def _participant_values(windows: _Windows) -> tuple[float, float]:
    return participant_probe(windows.embeddings, windows.participants)


def _geometry(windows: _Windows, seed: int) -> tuple[float, float, float, float]:
    unit = unit_vectors(windows.embeddings)
    some = unit[sample_rows(len(unit), MOST_POINTS, seed)]
    return (
        effective_rank(windows.embeddings),
        alignment(unit, windows.labels, windows.participants),
        uniformity(some),
        mean_distance(some),
    )


def _windows(name: str, embeddings: Embeddings, labels: Labels, participants: People) -> _Windows:
    """Check what was given."""
    embeddings, labels = np.asarray(embeddings, np.float32), np.asarray(labels)
    people = np.asarray(participants, str)
    lengths = (len(embeddings), len(labels), len(people))
    if embeddings.ndim != 2 or len({*lengths}) > 1:
        raise ParameterError(
            f"embeddings, labels and participants ({name}) do not belong together",
            value=f"shapes {embeddings.shape}, {labels.shape}, {people.shape}",
            allowed="(n, size), (n,), (n,)",
        )
    if not np.isin(labels, (0, 1)).all():
        raise ParameterError(
            f"a label ({name}) is neither 0 nor 1",
            value=sorted({*labels.tolist()} - {0, 1})[0],
            allowed="0, 1",
        )
    broken = int(np.count_nonzero(~np.isfinite(embeddings).all(axis=1)))
    if broken:
        raise NonFiniteError(
            f"embeddings ({name}) that are not finite",
            value=f"{broken} of {len(embeddings)}",
            remedy="train again with a lower lr, or look for NaN in the windows",
        )
    return _Windows(embeddings, labels.astype(np.int64), people)
