"""What embeddings are worth on people nobody trained on, as numbers and as sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.scoring.embedding_quality import measure_embeddings

COLUMNS = {"metric": "str", "value": "float64", "words": "str", "n": "int64", "role": "str"}
UNSEEN = ("validation", "test")

# {value} and its companions: see `_words`
_WORDS = {
    "label_knn_auroc": "judged by its 20 nearest training windows, a seizure window is put above one without in "
    "{percent} of pairs (50 % is guessing)",
    "label_probe_auroc": "judged by a straight line drawn on training participants, a seizure window is put above "
    "one without in {percent} of pairs (50 % is guessing)",
    "participant_probe_accuracy": "whose window it is can be told in {percent} of cases (guessing: {chance}): the "
    "higher, the more the embedding is about the person",
    "effective_rank": "the embeddings use about {value:.1f} of {size} directions (below 2 they have collapsed)",
    "alignment": "windows of one label and two people lie at a mean squared distance of {value:.2f} (0: together, "
    "2: unrelated)",
    "uniformity": "how evenly all windows are spread: {value:.2f} (0: one point, about -4: evenly over the sphere)",
    "mean_distance": "two windows lie {value:.2f} apart on average (0: one point, 1.41: unrelated)",
}
_UNDEFINED = "not defined here: a class, a second participant or the training participants are missing"


def judge(embeddings: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Measure the embeddings of validation and of test participants against those of training participants.

    Parameters
    ----------
    embeddings : DataFrame
        ``participant, run, onset, role, label`` (0 or 1) and ``embedding`` (float32, E of them).
    seed : int
        Of what is drawn for some of the measures.

    Returns
    -------
    DataFrame
        One row per role and metric: ``metric, value, words, n`` (windows), ``role``. Nothing of a role without
        windows; NaN for what is not defined.

    Raises
    ------
    NonFiniteError
        If an embedding is not a number.
    """
    ordered = embeddings.sort_values(["participant", "run", "onset"], kind="stable")
    known = _take(ordered, "train")
    rows = []
    for role in UNSEEN:
        points, labels, people = _take(ordered, role)
        if not len(points):
            continue
        found = measure_embeddings(points, labels, people, known if len(known[0]) else None, seed)
        rows += [
            {"metric": name, "value": found[name], "words": words, "n": len(points), "role": role}
            for name, words in _words(found, points.shape[1]).items()
        ]
    return pd.DataFrame(rows, columns=[*COLUMNS]).astype(COLUMNS)


def _take(table: pd.DataFrame, role: str) -> tuple[NDArray[np.float32], NDArray[np.int64], list[str]]:
    own = table[table["role"] == role]
    points = np.stack(own["embedding"].tolist()) if len(own) else np.zeros((0, 0))
    return points.astype(np.float32), own["label"].to_numpy(np.int64), own["participant"].astype(str).tolist()


def _words(found: Mapping[str, float], size: int) -> dict[str, str]:
    chance = f"{100 * found['participant_probe_chance']:.0f} %"
    return {
        name: _UNDEFINED
        if math.isnan(found[name])
        else words.format(value=found[name], percent=f"{100 * found[name]:.0f} %", chance=chance, size=size)
        for name, words in _WORDS.items()
    }
