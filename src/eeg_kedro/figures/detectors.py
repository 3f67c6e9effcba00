"""What detectors are called and how they look, and which score of theirs is meant."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from eeg_kedro.figures.style import BLUE, RAW
from eeg_kedro.scoring.window_outcomes import PRIMARY, TARGET

# in the order of every table and figure: name, words, color (Okabe & Ito), symbol
LOOKS = (
    (PRIMARY, "fine-tuned from pretrained", BLUE, "circle"),
    ("scratch", "same network from scratch", "#56B4E9", "square"),
    ("eegnet", "EEGNet", "#009E73", "diamond"),
    ("band_power", "band power + regression", "#E69F00", "triangle-up"),
    ("line_length", "line length + regression", "#CC79A7", "triangle-down"),
    ("always_on", "always on", RAW, "x"),
    ("always_off", "always off", "#b5b5b5", "cross"),
)
CONSTANT = ("always_on", "always_off")
SCORE_WORDS = {
    "f1": "F1",
    "fa_per_24h": "false alarms per 24 h",
    "auprc": "AUPRC",
    "auroc": "AUROC",
    "brier": "Brier score",
    "ece": "calibration error",
    "szcore_event": "SzCORE events",
    "szcore_sample": "SzCORE seconds",
    "threshold_free": "every second",
}
_PLACES = {name: place for place, (name, *_) in enumerate(LOOKS)}


def order_models(names: Iterable[object]) -> list[str]:
    """Put models into the order of every table: ours, rivals, constants, then whoever is not known here."""
    return sorted({str(name) for name in names}, key=lambda name: (_PLACES.get(name, len(LOOKS)), name))


def say_model(name: object) -> str:
    """Name a model for people."""
    place = _PLACES.get(str(name))
    return str(name).replace("_", " ") if place is None else LOOKS[place][1]


def say_score(name: object) -> str:
    """Name a score, a scorer, or both for people: `szcore_event f1` is event F1."""
    text = str(name).replace("szcore_event ", "event ").replace("szcore_sample ", "sample ")
    words = (SCORE_WORDS.get(word, word) for word in text.replace("threshold_free ", "").split(" "))
    return " ".join("NEDC " + word[5:].upper() if word.startswith("nedc_") else word for word in words)


def look_of(name: str) -> tuple[str, str]:
    """Return color and symbol of a model."""
    place = _PLACES.get(name)
    return ("#332288", "star") if place is None else LOOKS[place][2:]


def pick_scores(
    table: pd.DataFrame | None, scorer: str, metric: str, target: str = TARGET, average: str = "macro"
) -> pd.DataFrame:
    """Return the rows of one score: over participants, or over everything where only that is there.

    Parameters
    ----------
    table : DataFrame or None
        ``report_scores`` or ``report_score_summary``.
    scorer, metric, target, average : str
        As in the table; scores without a threshold (``threshold_free``) have no target.
    """
    if table is None or table.empty:
        return pd.DataFrame(columns=["model"] if table is None else table.columns)
    wanted = "" if scorer == "threshold_free" else target
    rows = table.loc[
        (table["scorer"] == scorer) & (table["metric"] == metric) & (table["target"].fillna("") == wanted)
    ]
    averaged: pd.DataFrame = rows.loc[rows["average"] == average]
    return averaged if len(averaged) else rows
