"""Where artefacts were found and which were left: channels over time, with the quality of every second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.figures.style import BLUE, SEIZURE, apply_style, say
from eeg_kedro.signal.artefacts import KINDS

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TITLE = "Artefacts over time"
Cells = NDArray[np.uint8]
MOST_BINS = 600  # across the page; longer recordings are drawn in bins of several seconds
# Okabe & Ito again; gray for what is simply not there
KIND_COLORS = {
    "eye": "#56B4E9",
    "muscle": "#D55E00",
    "movement": "#E69F00",
    "pop": "#CC79A7",
    "amplitude": "#332288",
    "flat": "#117733",
    "gap": "#888888",
}
# length in seconds up to which a unit is used: (limit, name, seconds)
UNITS = ((1200.0, "s", 1.0), (4 * 3600.0, "min", 60.0), (float("inf"), "h", 3600.0))
Grid = dict[str, NDArray[np.float64]]


def draw_timeline(
    cells: Mapping[str, Cells],
    scores: NDArray[np.float32] | None,
    ch_names: Sequence[str],
    seizures: Sequence[tuple[float, float]],
) -> Figure:
    """Draw the kind of artefact in each second of each channel, before and after cleaning.

    Parameters
    ----------
    cells : mapping
        ``before`` and ``after``: one bit per kind of `KINDS`, uint8 (n_channels, n_seconds).
    scores : ndarray, shape (n_seconds,), or None
        Quality of every second, 0 to 1.
    ch_names : sequence of str
        The rows of the cells.
    seizures : sequence of (float, float)
        Start and stop in seconds, shaded.
    """
    if not cells or not cells["after"].size:
        return say("Artefacts were not looked for: the step `quality` is switched off.", TITLE)
    from plotly.subplots import make_subplots

    n_seconds = cells["after"].shape[1]
    width = -(-n_seconds // MOST_BINS)
    unit, seconds = next((name, size) for limit, name, size in UNITS if n_seconds <= limit)
    rows = min(max(12 * len(ch_names), 120), 480)
    figure = make_subplots(
        rows=3,
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.05,
        row_heights=[80, rows, rows],
        subplot_titles=["quality of every second", "found before cleaning", "left after cleaning"],
    )
    if scores is not None:
        figure.add_trace(_score_line(scores, width, seconds), row=1, col=1)
    seen: set[str] = set()
    for row, side in ((2, "before"), (3, "after")):
        figure.add_trace(_ground(ch_names, n_seconds / seconds), row=row, col=1)
        for kind, grid in _bin(cells[side], width).items():
            figure.add_trace(_heat(kind, grid, ch_names, width / seconds, unit), row=row, col=1)
            seen.add(kind)
    for kind in [kind for kind in KINDS if kind in seen]:
        figure.add_trace(_legend_entry(kind), row=3, col=1)
    for start, stop in seizures:
        for row in (1, 2, 3):
            _mark(figure, start / seconds, stop / seconds, row)
    _axes(figure, ch_names, n_seconds / seconds, unit)
    note = (
        f"color: the most frequent kind in {width} s" if width > 1 else "one cell: one second of one channel"
    )
    note += "" if seen else "; no artefact was found"
    note += "; shaded: seizure" if seizures else ""
    figure = apply_style(figure, f"{TITLE}<br><sup>{note}</sup>", height=260 + 2 * rows)
    return figure.update_layout(
        legend={"y": -60 / (2 * rows + 80), "x": 0, "xanchor": "left", "yanchor": "top"}
    )


def kind_seconds(cells: Cells) -> dict[str, int]:
    """Count the seconds in which any channel shows each kind."""
    seen = np.bitwise_or.reduce(cells, axis=0) if len(cells) else np.zeros(0, np.uint8)
    return {kind: int((seen >> place & 1).sum()) for place, kind in enumerate(KINDS)}


def _bin(cells: Cells, width: int) -> Grid:
    """Give for each kind that occurs the share of the bin it takes where it is the most frequent, else NaN."""
    n_channels, n_seconds = cells.shape
    n_bins = -(-n_seconds // width)
    padded = np.zeros((n_channels, n_bins * width), np.uint8)
    padded[:, :n_seconds] = cells
    counts = np.stack(
        [(padded >> place & 1).reshape(n_channels, n_bins, width).sum(axis=2) for place in range(len(KINDS))]
    )
    most = counts.argmax(axis=0)
    return {
        kind: np.where((most == place) & (counts[place] > 0), counts[place] / width, np.nan)
        for place, kind in enumerate(KINDS)
        if ((most == place) & (counts[place] > 0)).any()
    }


def _heat(kind: str, grid: NDArray[np.float64], ch_names: Sequence[str], step: float, unit: str) -> Any:
    from plotly.graph_objects import Heatmap

    red, green, blue = (int(KIND_COLORS[kind][i : i + 2], 16) for i in (1, 3, 5))
    return Heatmap(
        x0=step / 2,
        dx=step,
        y=list(ch_names),
        z=[[None if np.isnan(value) else round(float(value), 2) for value in row] for row in grid],
        zmin=0,
        zmax=1,
        colorscale=[[0, f"rgba({red},{green},{blue},0.25)"], [1, f"rgba({red},{green},{blue},1)"]],
        showscale=False,
        name=kind,
        hovertemplate=f"%{{y}} %{{x:.2f}} {unit}: {kind} in %{{z:.0%}} of the time<extra></extra>",
        hoverongaps=False,
    )


def _ground(ch_names: Sequence[str], end: float) -> Any:
    """Give every channel its lane: an empty one was looked at and found clean."""
    from plotly.graph_objects import Heatmap

    return Heatmap(
        x0=end / 2,
        dx=end,
        y=list(ch_names),
        z=[[0]] * len(ch_names),
        colorscale=[[0, "#f4f5f6"], [1, "#f4f5f6"]],
        showscale=False,
        ygap=1,
        hoverinfo="skip",
    )


def _legend_entry(kind: str) -> Any:
    """Make a point that is nowhere but in the legend: heat maps have no entry of their own."""
    from plotly.graph_objects import Scatter

    marker = {"color": KIND_COLORS[kind], "symbol": "square", "size": 11}
    return Scatter(x=[None], y=[None], mode="markers", marker=marker, name=kind, hoverinfo="skip")


def _score_line(scores: NDArray[np.float32], width: int, seconds: float) -> Any:
    from plotly.graph_objects import Scatter

    starts = range(0, len(scores), width)
    # the worst second of a bin: a mean would hide it
    lowest = [round(float(np.min(scores[start : start + width])), 3) for start in starts]
    return Scatter(
        x0=width / seconds / 2,
        dx=width / seconds,
        y=lowest,
        mode="lines",
        line={"width": 1.2, "color": BLUE, "shape": "hvh"},
        showlegend=False,
        hovertemplate="%{x:.2f}: %{y:.2f}<extra></extra>",
    )


def _mark(figure: Figure, start: float, stop: float, row: int) -> None:
    line = {"color": SEIZURE, "width": 1}
    figure.add_vrect(start, stop, fillcolor=SEIZURE, opacity=0.15, line=line, layer="above", row=row, col=1)


def _axes(figure: Figure, ch_names: Sequence[str], end: float, unit: str) -> None:
    dense = len(ch_names) > 40
    for row in (2, 3):
        figure.update_yaxes(
            autorange="reversed",
            title_text="channel",
            tickfont={"size": 9},
            dtick=None if dense else 1,
            showgrid=False,
            row=row,
            col=1,
        )
    figure.update_yaxes(title_text="score", range=[0, 1.05], row=1, col=1)
    figure.update_xaxes(range=[0, end], showgrid=False, zeroline=False)
    figure.update_xaxes(title_text=f"time ({unit})", row=3, col=1)
