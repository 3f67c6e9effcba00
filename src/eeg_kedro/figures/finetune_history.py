"""The course of fine-tuning: one panel per metric, one line per network and seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from eeg_kedro.figures.detectors import look_of, order_models, say_model
from eeg_kedro.figures.style import apply_style, say

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TITLE = "Fine-tuning"
# column, heading, axis, what a network without knowledge gets
PANELS = (
    ("train_loss", "Training loss", "cross entropy (nats)", None),
    ("validation_loss", "Loss on unseen participants", "cross entropy (nats)", None),
    ("validation_auroc", "AUROC per token, unseen", "AUROC", 0.5),
    ("validation_auprc", "AUPRC per token, unseen", "AUPRC", None),
)
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")  # of the seeds
MOST_MARKERS = 60  # more points than this are a line


def draw_finetuning(history: pd.DataFrame) -> Figure:
    """Draw losses, AUROC and AUPRC of every network and seed over epochs.

    Parameters
    ----------
    history : DataFrame
        ``model`` (the variant), ``seed``, ``epoch`` (from 0), ``train_loss`` and, if known, ``validation_loss``,
        ``validation_auroc``, ``validation_auprc`` and ``is_best``. NaN is not drawn.
    """
    if history.empty:
        return say("No epoch was finished.", TITLE)
    from plotly.subplots import make_subplots

    figure = make_subplots(
        rows=2,
        cols=2,
        subplot_titles=[heading for _, heading, _, _ in PANELS],
        vertical_spacing=0.17,
        horizontal_spacing=0.1,
    )
    seeds = sorted({*history["seed"]})
    for number, (column, _, unit, chance) in enumerate(PANELS):
        place = {"row": number // 2 + 1, "col": number % 2 + 1}
        for model in order_models(history["model"]):
            for trace in _lines(history[history["model"] == model], column, seeds, named=number == 0):
                figure.add_trace(trace, **place)
        if chance is not None and column in history and history[column].notna().any():
            figure.add_hline(y=chance, line={"width": 1, "dash": "dot", "color": "#b5b5b5"}, **place)
        figure.update_yaxes(title_text=unit, **place)
    _axes(figure, history)
    apply_style(figure, f"{TITLE}<br><sup>{_note(history, seeds)}</sup>", height=640)
    figure.update_layout(legend={"y": -0.12, "x": 0, "xanchor": "left", "yanchor": "top"}, margin={"b": 110})
    return figure


def _lines(own: pd.DataFrame, column: str, seeds: list[int], *, named: bool) -> list[Any]:
    """Make a line per seed, and a ring around its best epoch in the panel that decides it."""
    from plotly.graph_objects import Scatter

    model = str(own["model"].iloc[0])
    color, symbol = look_of(model)
    lines: list[Any] = []
    for seed in seeds:
        rows = own[own["seed"] == seed]
        known = rows.dropna(subset=[column]) if column in rows else rows.iloc[:0]
        if known.empty:
            continue
        lines.append(
            Scatter(
                x=known["epoch"] + 1,
                y=known[column],
                mode="lines" if len(known) > MOST_MARKERS else "lines+markers",
                line={"width": 1.6, "color": color, "dash": DASHES[seeds.index(seed) % len(DASHES)]},
                marker={"size": _sizes(known, column), "symbol": symbol},
                name=say_model(model),
                legendgroup=model,
                showlegend=named and not lines,
                hovertemplate=f"{say_model(model)}, seed {seed}, epoch %{{x}}: %{{y:.4g}}<extra></extra>",
            )
        )
    return lines


def _sizes(rows: pd.DataFrame, column: str) -> list[int]:
    """Draw the best epoch larger where it is decided; the last that was the best is it."""
    sizes = [5] * len(rows)
    if column == "validation_loss" and "is_best" in rows:
        best = [place for place, is_best in enumerate(rows["is_best"].fillna(False)) if is_best]
        for place in best[-1:]:
            sizes[place] = 11
    return sizes


def _note(history: pd.DataFrame, seeds: list[int]) -> str:
    said = ", ".join(
        f"{seed} {DASHES[place % len(DASHES)]}" for place, seed in enumerate(seeds[: len(DASHES)])
    )
    note = f"{len(seeds)} seeds: {said}" if len(seeds) > 1 else f"seed {seeds[0]}"
    if "validation_loss" not in history or history["validation_loss"].isna().all():
        return f"{note}; nobody to validate on"
    return f"{note}; the large mark is the epoch that is kept"


def _axes(figure: Figure, history: pd.DataFrame) -> None:
    few = history["epoch"].max() - history["epoch"].min() < 12
    figure.update_xaxes(title_text="epoch", dtick=1 if few else None, zeroline=False)
    figure.update_yaxes(zeroline=False)
    figure.update_annotations(font_size=13)
