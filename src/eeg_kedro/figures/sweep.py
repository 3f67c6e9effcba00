"""What a parameter does: results of a sweep over its values, one panel per metric."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import pandas as pd

from eeg_kedro.figures.style import BLUE, SEIZURE, apply_style, say

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST_METRICS = 12
COLUMNS = 2
# with these the question changes, and with it how hard it is
ANOTHER_TASK = {
    "mask_ratio",
    "mask_shape",
    "masking_style",
    "block_tokens",
    "token_length",
    "target",
    "lowpass_hz",
    "kind",
    "microvolts",
    "min_quality",
}
ROW = 240  # pixels per row of panels


def draw_sweep(table: pd.DataFrame, parameter: str) -> Figure:
    """Draw each metric over the values of the parameter.

    Parameters
    ----------
    table : DataFrame
        ``value, metric, result``: one row per value and metric; a missing result is a value that failed.
    parameter : str
        Dotted name, for title and axes.
    """
    title = f"Sweep of {html.escape(parameter)}"
    known = table.dropna(subset=["result"]) if len(table) else table
    if known.empty:
        return say("No value of the sweep has a result: see the child runs for the reasons.", title)
    from plotly.subplots import make_subplots

    every = list(dict.fromkeys(known["metric"]))
    metrics = every[:MOST_METRICS]
    columns = min(COLUMNS, len(metrics))
    rows = -(-len(metrics) // columns)
    figure = make_subplots(
        rows=rows,
        cols=columns,
        subplot_titles=[name.replace("_", " ") for name in metrics],
        vertical_spacing=min(0.28, 0.36 / rows),
        horizontal_spacing=0.11,
    )
    places = _places(table)
    for index, metric in enumerate(metrics):
        place = {"row": index // columns + 1, "col": index % columns + 1}
        figure.add_trace(_points(known[known["metric"] == metric], places), **place)
        figure.update_yaxes(title_text=metric, **place)
        figure.update_xaxes(title_text=parameter, **place)
    _axes(figure, places)
    figure.update_annotations(font_size=13)
    height = 150 + ROW * rows
    return apply_style(
        figure, f"{title}<br><sup>{_note(table, known, every, parameter)}</sup>", height=height
    )


def _places(table: pd.DataFrame) -> dict[str, float]:
    """Give each value its place on the axis: itself if all are numbers, else one after the other."""
    values = list(dict.fromkeys(table["value"].tolist()))
    numbers = pd.to_numeric(pd.Series([str(value) for value in values]), errors="coerce")
    if numbers.notna().all():
        return {str(value): float(number) for value, number in zip(values, numbers, strict=True)}
    return {str(value): float(place) for place, value in enumerate(values)}


def _points(own: pd.DataFrame, places: dict[str, float]) -> Any:
    from plotly.graph_objects import Scatter

    rows = sorted((places[str(value)], float(result), str(value)) for value, result in _pairs(own))
    lowest = min(result for _, result, _ in rows)
    is_loss = str(own["metric"].iloc[0]).endswith("loss")
    # of a loss it is known which end is good
    colors = [SEIZURE if is_loss and result == lowest else BLUE for _, result, _ in rows]
    return Scatter(
        x=[place for place, _, _ in rows],
        y=[result for _, result, _ in rows],
        mode="lines+markers",
        line={"width": 1.2, "color": BLUE},
        marker={"size": 9, "color": colors},
        customdata=[value for _, _, value in rows],
        showlegend=False,
        hovertemplate="%{customdata}: %{y:.4g}<extra></extra>",
    )


def _pairs(own: pd.DataFrame) -> list[tuple[Any, Any]]:
    return list(zip(own["value"], own["result"], strict=True))


def _axes(figure: Figure, places: dict[str, float]) -> None:
    at = list(places.values())
    room = 0.08 * (max(at) - min(at)) or 0.5
    # at most a dozen ticks stay apart
    every = -(-len(places) // 12)
    figure.update_xaxes(
        tickvals=at[::every],
        ticktext=list(places)[::every],
        range=[min(at) - room, max(at) + room],
        zeroline=False,
    )
    figure.update_yaxes(zeroline=False)


def _note(table: pd.DataFrame, known: pd.DataFrame, metrics: list[str], parameter: str) -> str:
    values = dict.fromkeys(str(value) for value in table["value"])
    failed = [value for value in values if value not in set(known["value"].astype(str))]
    note = f"{len(values)} values"
    note += "; orange: the lowest loss" if any(name.endswith("loss") for name in metrics) else ""
    if parameter.rpartition(".")[2] in ANOTHER_TASK:
        note += "; losses of different tasks are not comparable, gains over trivial predictors rather are"
    note += f"; without a result: {html.escape(', '.join(failed))}" if failed else ""
    hidden = len(metrics) - MOST_METRICS
    return note + (f"; {hidden} more metrics in the table" if hidden > 0 else "")
