"""The course of pretraining: loss, learning rate and throughput over epochs."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import pandas as pd

from eeg_kedro.figures.style import BLUE, INK, RAW, SEIZURE, apply_style, say

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TITLE = "Pretraining"
# what the model has to beat; the dash tells them apart without color
RIVALS = {
    "zero_loss": ("zero", "dot"),
    "channel_mean_loss": ("channel mean", "dashdot"),
    "linear_interpolation_loss": ("linear interpolation", "dash"),
    "copy_nearest_loss": ("copy nearest", "longdash"),
}
MOST_MARKERS = 60  # more points than this are a line


def draw_history(history: pd.DataFrame) -> Figure:
    """Draw training and validation loss beside those of trivial predictors, learning rate and tokens per second.

    Parameters
    ----------
    history : DataFrame
        ``epoch, train_loss, validation_loss, lr, tokens_per_second`` and, if known, ``is_best`` and the losses of
        trivial predictors (columns that end in a name of `RIVALS`). Losses are squares in units of the scale.
    """
    if history.empty:
        return say("No epoch was finished.", TITLE)
    history = history.assign(epoch=history["epoch"] + 1)  # as people, and the log, count
    from plotly.subplots import make_subplots

    figure = make_subplots(
        rows=2,
        cols=2,
        specs=[[{"colspan": 2}, None], [{}, {}]],
        row_heights=[0.66, 0.34],
        vertical_spacing=0.14,
        horizontal_spacing=0.12,
    )
    figure.add_trace(_line(history, "train_loss", "training", BLUE), row=1, col=1)
    figure.add_trace(_line(history, "validation_loss", "unseen participants", SEIZURE), row=1, col=1)
    drawn = list(_rivals(history))
    for trace in drawn:
        figure.add_trace(trace, row=1, col=1)
    _mark_best(figure, history)
    figure.add_trace(_line(history, "lr", "learning rate", INK, alone=True), row=2, col=1)
    figure.add_trace(_line(history, "tokens_per_second", "tokens/s", INK, alone=True), row=2, col=2)
    _axes(figure, history)
    note = f"{len(history)} epochs" if len(history) != 1 else "1 epoch"
    # people differ in amplitude: training and unseen ones say nothing about each other, only how each goes
    note += "; compare orange with gray, trivial predictors of the same" if drawn else ""
    apply_style(figure, f"{TITLE}{_name(history)}<br><sup>{note}</sup>", height=640)
    # below the panels: above them it lies on the note once the page is narrow, as on paper
    return figure.update_layout(legend={"y": -0.1, "x": 0.5, "xanchor": "center", "yanchor": "top"})


def _name(history: pd.DataFrame) -> str:
    return f" of {html.escape(str(history['model'].iloc[0]))}" if "model" in history else ""


def _line(history: pd.DataFrame, column: str, name: str, color: str, *, alone: bool = False) -> Any:
    from plotly.graph_objects import Scatter

    values = history[column] if column in history else pd.Series(float("nan"), index=history.index)
    return Scatter(
        x=history["epoch"],
        y=values,
        mode="lines" if len(history) > MOST_MARKERS else "lines+markers",
        line={"width": 1.8, "color": color},
        marker={"size": 5},
        name=name,
        showlegend=not alone,
        hovertemplate=f"epoch %{{x}}: {name} %{{y:.4g}}<extra></extra>",
    )


def _rivals(history: pd.DataFrame) -> list[Any]:
    """Make a level line for each trivial predictor that was measured."""
    from plotly.graph_objects import Scatter

    ends = [history["epoch"].min() - 0.25, history["epoch"].max() + 0.25]
    lines = []
    for suffix, (name, dash) in RIVALS.items():
        columns = [column for column in history.columns if str(column).endswith(suffix)]
        values = history[columns[0]].dropna() if columns else pd.Series(dtype=float)
        if len(values):
            line = {"width": 1.2, "color": RAW, "dash": dash}
            hover = f"{name} %{{y:.4g}}<extra></extra>"
            level = [values.iloc[-1]] * 2
            lines.append(Scatter(x=ends, y=level, mode="lines", line=line, name=name, hovertemplate=hover))
    return lines


def _mark_best(figure: Figure, history: pd.DataFrame) -> None:
    if "is_best" not in history:
        return
    best = history[history["is_best"].fillna(False).astype(bool)]
    if len(best):
        figure.add_scatter(
            x=best["epoch"].iloc[-1:],
            y=best["validation_loss"].iloc[-1:],
            mode="markers",
            marker={"size": 13, "symbol": "circle-open", "color": SEIZURE, "line": {"width": 2}},
            name="best",
            hovertemplate="best: epoch %{x}, %{y:.4g}<extra></extra>",
            row=1,
            col=1,
        )


def _axes(figure: Figure, history: pd.DataFrame) -> None:
    few = history["epoch"].max() - history["epoch"].min() < 12
    figure.update_xaxes(title_text="epoch", dtick=1 if few else None, zeroline=False)
    figure.update_yaxes(
        title_text="masked loss (mean square, units of the scale)", row=1, col=1, zeroline=False
    )
    figure.update_yaxes(title_text="learning rate", rangemode="tozero", tickformat="~g", row=2, col=1)
    figure.update_yaxes(title_text="throughput (tokens/s)", rangemode="tozero", row=2, col=2)
