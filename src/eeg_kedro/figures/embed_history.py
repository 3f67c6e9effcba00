"""The course of an embedder's training: loss, and what unseen participants say, over epochs and stages."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import pandas as pd

from eeg_kedro.figures.style import BLUE, INK, RAW, SEIZURE, apply_style, say

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TITLE = "Embedder"
PANELS = ((1, 1), (1, 2), (2, 1), (2, 2))
HEADINGS = (
    "Loss",
    "Does it show seizures?",
    "Does it show persons?",
    "Has it collapsed?",
)
GUESSING = 0.5  # AUROC
COLLAPSED = 2.0  # effective rank
MOST_MARKERS = 60  # more points than this are a line


def draw_history(history: pd.DataFrame) -> Figure:
    """Draw loss, label AUROC, participant probe and effective rank over the epochs of all stages.

    Parameters
    ----------
    history : DataFrame
        ``epoch`` (from 0 in each stage), ``train_loss, validation_loss, stage`` and, if known, ``is_best``, ``model``
        and the quality on unseen participants (``validation_label_knn_auroc``, …). NaN is not drawn.
    """
    if history.empty:
        return say("No epoch was finished.", TITLE)
    from plotly.subplots import make_subplots

    history = history.assign(at=range(1, len(history) + 1))  # as people, and the log, count
    figure = make_subplots(
        rows=2, cols=2, subplot_titles=HEADINGS, vertical_spacing=0.17, horizontal_spacing=0.11
    )
    for panel, column, name, color, dash in (
        (0, "train_loss", "training", BLUE, "solid"),
        (0, "validation_loss", "unseen participants", SEIZURE, "solid"),
        (1, "validation_label_knn_auroc", "nearest neighbours", SEIZURE, "solid"),
        (1, "validation_label_probe_auroc", "linear probe", BLUE, "dash"),
        (2, "validation_participant_probe_accuracy", "participant probe", INK, "solid"),
        (2, "validation_participant_probe_chance", "guessing", RAW, "dot"),
        (3, "validation_effective_rank", "effective rank", INK, "solid"),
    ):
        row, col = PANELS[panel]
        for trace in _lines(history, column, name, color, dash):
            figure.add_trace(trace, row=row, col=col)
    figure.update_annotations(font_size=13)
    _mark_best(figure, history)
    _mark_levels(figure, history)
    _mark_stages(figure, history)
    _axes(figure, history)
    apply_style(figure, f"{TITLE}{_name(history)}<br><sup>{_note(history)}</sup>", height=680)
    # below: above it would lie on the note
    return figure.update_layout(legend={"y": -0.14, "x": 0.5, "xanchor": "center", "yanchor": "top"})


def _name(history: pd.DataFrame) -> str:
    return f" {html.escape(str(history['model'].iloc[-1]))}" if "model" in history else ""


def _note(history: pd.DataFrame) -> str:
    note = f"{len(history)} epochs" if len(history) != 1 else "1 epoch"
    stages = list(dict.fromkeys(history["stage"])) if "stage" in history else []
    if len(stages) > 1:
        note += ": patients first, then seizures; the losses of two stages are not comparable"
    if history["validation_loss"].isna().all():
        note += "; nobody to validate on"
    return note


def _stage_rows(history: pd.DataFrame) -> list[pd.DataFrame]:
    if "stage" not in history:
        return [history]
    return [rows for _, rows in history.groupby("stage", sort=False)]


def _lines(history: pd.DataFrame, column: str, name: str, color: str, dash: str) -> list[Any]:
    """Make a line per stage: nothing joins the end of one with the beginning of the next."""
    from plotly.graph_objects import Scatter

    if column not in history or history[column].isna().all():
        return []
    return [
        Scatter(
            x=rows["at"],
            y=rows[column],
            mode="lines" if len(history) > MOST_MARKERS else "lines+markers",
            line={"width": 1.8, "color": color, "dash": dash},
            marker={"size": 5},
            name=name,
            legendgroup=name,
            showlegend=number == 0 and column != "validation_effective_rank",  # alone in its panel
            hovertemplate=f"epoch %{{x}}: {name} %{{y:.4g}}<extra></extra>",
        )
        for number, rows in enumerate(_stage_rows(history))
    ]


def _mark_best(figure: Figure, history: pd.DataFrame) -> None:
    if "is_best" not in history:
        return
    for number, rows in enumerate(_stage_rows(history)):
        best = rows[rows["is_best"].fillna(False).astype(bool)].tail(1)
        if len(best):
            figure.add_scatter(
                x=best["at"],
                y=best["validation_loss"],
                mode="markers",
                marker={"size": 13, "symbol": "circle-open", "color": SEIZURE, "line": {"width": 2}},
                name="best",
                legendgroup="best",
                showlegend=number == 0,
                hovertemplate="best: epoch %{x}, %{y:.4g}<extra></extra>",
                row=1,
                col=1,
            )


def _mark_levels(figure: Figure, history: pd.DataFrame) -> None:
    for level, panel, words, column in (
        (GUESSING, 1, "guessing", "validation_label_knn_auroc"),
        (COLLAPSED, 3, "collapsed below", "validation_effective_rank"),
    ):
        if column in history and history[column].notna().any():
            row, col = PANELS[panel]
            line = {"width": 1.2, "color": RAW, "dash": "dot"}
            figure.add_hline(
                level,
                line=line,
                row=row,
                col=col,
                annotation={"text": words, "font": {"size": 10, "color": RAW}},
            )


def _mark_stages(figure: Figure, history: pd.DataFrame) -> None:
    for rows in _stage_rows(history)[1:]:
        border = float(rows["at"].iloc[0]) - 0.5
        for row, col in PANELS:
            figure.add_vline(border, line={"width": 1, "color": RAW}, row=row, col=col)


def _axes(figure: Figure, history: pd.DataFrame) -> None:
    figure.update_xaxes(title_text="epoch", dtick=1 if len(history) <= 12 else None, zeroline=False)
    figure.update_yaxes(zeroline=False)
    titles = ("loss", "AUROC on unseen participants", "share named right", "effective rank")
    for (row, col), title in zip(PANELS, titles, strict=True):
        figure.update_yaxes(title_text=title, row=row, col=col)
    figure.update_yaxes(range=[0, 1.02], row=1, col=2)
    figure.update_yaxes(range=[0, 1.02], row=2, col=1)
    figure.update_yaxes(rangemode="tozero", row=2, col=2)
