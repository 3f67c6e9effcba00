"""Quality of 50,000 embeddings beside the same measures put together from scikit-learn and SciPy.

usage: OMP_NUM_THREADS=1 python benchmarks/embedding_quality.py [windows=50000] [size=64] [rounds=1]

40 % of the windows are of unseen participants, the others are the reference. Candidates take turns in one process;
CPU time, medians. The peer takes what a user would write: brute-force neighbours by cosine, logistic regressions for
labels and for participants, all pairs for alignment, uniformity and distance. It cannot hold all pairs of more than
some thousand windows, so these are of as many as ours look at.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import pdist
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import recall_score, roc_auc_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler
from timing import race

from eeg_kedro.scoring.embedding_geometry import MOST_POINTS
from eeg_kedro.scoring.embedding_quality import measure_embeddings

PER_PERSON, UNSEEN_SHARE, K = 250, 0.4, 20
Set = tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.str_]]


def make_embeddings(n_windows: int, size: int) -> tuple[Set, Set]:
    """Make embeddings that shift with participant and label: those of unseen participants, and the reference."""
    random = np.random.default_rng(0)
    n_people = -(-n_windows // PER_PERSON)
    people = np.repeat([f"P{person:04}" for person in range(n_people)], PER_PERSON)[:n_windows]
    labels = random.integers(0, 2, n_windows)
    offsets = np.repeat(random.standard_normal((n_people, size)), PER_PERSON, axis=0)[:n_windows]
    direction = np.full(size, 2 / np.sqrt(size))
    points = offsets + labels[:, None] * direction + random.standard_normal((n_windows, size))
    cut = int(n_people * UNSEEN_SHARE) * PER_PERSON
    embeddings = points.astype(np.float32)
    return (embeddings[:cut], labels[:cut], people[:cut]), (embeddings[cut:], labels[cut:], people[cut:])


def peer_measures(unseen: Set, seen: Set) -> dict[str, float]:
    """Measure the same with one library call after another."""
    embeddings, labels, people = unseen
    near = KNeighborsClassifier(K, metric="cosine", algorithm="brute").fit(*seen[:2])
    scaler = StandardScaler().fit(seen[0])
    probe = LogisticRegression(max_iter=200).fit(scaler.transform(seen[0]), seen[1])
    late = np.arange(len(people)) % PER_PERSON >= PER_PERSON // 2
    whose = LogisticRegression(max_iter=200).fit(embeddings[~late], people[~late])
    singular = np.linalg.svd(embeddings - embeddings.mean(axis=0), compute_uv=False)
    share = singular / singular.sum()
    return {
        "label_knn_auroc": roc_auc_score(labels, near.predict_proba(embeddings)[:, 1]),
        "label_probe_auroc": roc_auc_score(labels, probe.decision_function(scaler.transform(embeddings))),
        "participant_probe_accuracy": recall_score(
            people[late], whose.predict(embeddings[late]), average="macro"
        ),
        "effective_rank": float(np.exp(-(share * np.log(share)).sum())),
        **peer_pairs(unseen),
    }


def peer_pairs(unseen: Set) -> dict[str, float]:
    """Look at all pairs of as many windows as ours takes."""
    rows = np.sort(
        np.random.default_rng([0, len(unseen[0])]).choice(len(unseen[0]), MOST_POINTS, replace=False)
    )
    points, labels, people = (part[rows] for part in unseen)
    unit = points / np.linalg.norm(points, axis=1, keepdims=True)
    apart = pdist(unit)
    first, second = np.triu_indices(len(unit), 1)
    positive = (labels[first] == labels[second]) & (people[first] != people[second])
    return {
        "alignment": float(np.square(apart[positive]).mean()),
        "uniformity": float(np.log(np.exp(-2 * np.square(apart)).mean())),
        "mean_distance": float(apart.mean()),
    }


def main() -> None:
    n_windows, size, rounds = (
        int(sys.argv[i]) if len(sys.argv) > i else default for i, default in ((1, 50_000), (2, 64), (3, 1))
    )
    unseen, seen = make_embeddings(n_windows, size)
    values: dict[str, dict[str, Any]] = {}
    candidates: dict[str, Callable[[], object]] = {
        "ours": lambda: values.setdefault("ours", measure_embeddings(*unseen, seen, seed=0, k=K)),
        "peer": lambda: values.setdefault("peer", peer_measures(unseen, seen)),
    }
    took = race(candidates, rounds, warmup=0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    n_people = len({*unseen[2].tolist()})
    print(
        f"{len(unseen[0])} embeddings of {size} numbers of {n_people} unseen participants, {len(seen[0])} of others; "
        f"CPU s, median of {rounds}; peak memory of both {peak:.1f} GB\n"
    )
    print("| work | must | ours | peer | ratio |\n|---|---|---|---|---|")
    print(
        f"| all measures | < 60 s | {took['ours']:.1f} s | {took['peer']:.1f} s | {took['peer'] / took['ours']:.1f}x |"
    )
    for name, value in values["peer"].items():
        print(f"| {name} | the same | {values['ours'][name]:.4f} | {value:.4f} | |")


if __name__ == "__main__":
    main()
