"""How good each detector is on people it never saw: mean over seeds, interval over participants, each seed."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eeg_kedro.figures.detectors import look_of, order_models, pick_scores, say_model
from eeg_kedro.figures.notes import title_with_note
from eeg_kedro.figures.style import RAW, apply_style, say

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TITLE = "Scores"
# scorer, metric, axis; the first three are shares
PANELS = (
    ("szcore_event", "f1", "event F1 (0–1)"),
    ("threshold_free", "auprc", "AUPRC (0–1)"),
    ("szcore_event", "sensitivity", "event sensitivity (0–1)"),
    ("szcore_event", "fa_per_24h", "false alarms per 24 h (logarithmic above 1)"),
)
ALARM_TICKS = (0, 1, 3, 10, 30, 100, 300, 1000, 3000)
ROW = 30  # pixels per model


def draw_scores(summary: pd.DataFrame | None, scores: pd.DataFrame | None = None) -> Figure:
    """Draw event F1, AUPRC, sensitivity and false alarms of each model with their intervals.

    Parameters
    ----------
    summary : DataFrame or None
        ``report_score_summary``: mean over seeds, low and high of the interval.
    scores : DataFrame or None
        ``report_scores``: each seed, as dots.
    """
    known = [rows for rows in (_known(summary, panel) for panel in PANELS) if len(rows)]
    if not known:
        return say(
            "There is no score: nothing was predicted on test participants, or they have no seizure.", TITLE
        )
    from plotly.subplots import make_subplots

    models = order_models(name for rows in known for name in rows["model"])
    figure = make_subplots(rows=2, cols=2, shared_yaxes=True, horizontal_spacing=0.06, vertical_spacing=0.2)
    for place, panel in enumerate(PANELS):
        _draw_panel(figure, panel, models, (summary, scores), {"row": place // 2 + 1, "col": place % 2 + 1})
    labels = [html.escape(say_model(name)) for name in models]
    ticks = {"tickvals": [*range(len(models))], "ticktext": labels, "range": [len(models) - 0.5, -0.5]}
    figure.update_yaxes(**ticks, zeroline=False)
    height = 210 + 2 * ROW * len(models)
    figure = apply_style(
        figure, title_with_note(f"{TITLE} on {_role(known)} participants", _note(known)), height=height
    )
    return figure.update_layout(showlegend=False, margin={"l": 180, "t": 100})


def _known(summary: pd.DataFrame | None, panel: tuple[str, str, str]) -> pd.DataFrame:
    rows = pick_scores(summary, panel[0], panel[1])
    return rows.dropna(subset=["mean"]) if len(rows) else rows


def _role(known: list[pd.DataFrame]) -> str:
    return html.escape(str(known[0]["role"].iloc[0])) if "role" in known[0] else "test"


def _note(known: list[pd.DataFrame]) -> str:
    rows = known[0]
    n_seeds, people = int(rows["n_seeds"].max()), int(rows["n_participants"].max())
    hours, seizures = float(rows["hours"].max()), int(rows["n_seizures"].max())
    over = "participants" if (rows["average"] == "macro").all() else "all recordings together"
    return (
        f"large: mean over {_count(n_seeds, 'seed')} and {over}; line: 95 % interval over participants; "
        f"small: single seeds; {_count(people, 'participant')}, {_count(seizures, 'seizure')}, {hours:.2f}\u00a0h"
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _draw_panel(
    figure: Figure,
    panel: tuple[str, str, str],
    models: list[str],
    tables: tuple[pd.DataFrame | None, pd.DataFrame | None],
    place: dict[str, int],
) -> None:
    scorer, metric, axis = panel
    is_rate = metric == "fa_per_24h"
    rows = _known(tables[0], panel)
    seeds = pick_scores(tables[1], scorer, metric)
    if len(seeds):
        own = seeds.dropna(subset=["value"])
        figure.add_trace(_dots(own, models, is_rate), **place)
    for row in rows.to_dict("records"):
        figure.add_trace(_interval({str(key): value for key, value in row.items()}, models, is_rate), **place)
    if rows.empty:
        domain = {"xref": "x domain", "yref": "y domain", "x": 0.5, "y": 0.5, "showarrow": False}
        figure.add_annotation(text="not defined here: see the table", **domain, **place)
    figure.update_xaxes(title_text=axis, zeroline=False, **place)
    if is_rate:
        shown = [*rows["mean"], *rows["high"].dropna(), *(seeds["value"].dropna() if len(seeds) else [])]
        top = max(shown, default=1.0)
        ticks = [tick for tick in ALARM_TICKS if tick <= 1.3 * max(top, 1)]
        figure.update_xaxes(
            tickvals=[_stretch(tick) for tick in ticks],
            ticktext=[f"{tick:g}" for tick in ticks],
            range=[-0.14, 1.06 * max(_stretch(top), 0.3)],
            **place,
        )
    else:
        figure.update_xaxes(range=[-0.06, 1.04], **place)


def _stretch(rate: float) -> float:
    """Return log10(1 + rate): 0 has a place, and 300 does not push 3 to the wall."""
    return float(np.log10(1 + rate))


def _place(value: float, is_rate: bool) -> float:
    return _stretch(value) if is_rate else float(value)


def _interval(row: dict[str, Any], models: list[str], is_rate: bool) -> Any:
    from plotly.graph_objects import Scatter

    color, symbol = look_of(str(row["model"]))
    middle = _place(row["mean"], is_rate)
    reach = {}
    words = f"{row['mean']:.3g}"
    if pd.notna(row["low"]) and pd.notna(row["high"]):
        ends = [abs(_place(row[end], is_rate) - middle) for end in ("high", "low")]
        reach = {"error_x": {"array": ends[:1], "arrayminus": ends[1:], "thickness": 1.6, "width": 4}}
        words += f" ({row['low']:.3g} to {row['high']:.3g})"
    return Scatter(
        x=[middle],
        y=[models.index(str(row["model"]))],
        mode="markers",
        marker={"size": 11, "color": color, "symbol": symbol},
        name=say_model(row["model"]),
        hovertemplate=f"{html.escape(say_model(row['model']))}: {words}<extra></extra>",
        **reach,
    )


def _dots(seeds: pd.DataFrame, models: list[str], is_rate: bool) -> Any:
    from plotly.graph_objects import Scatter

    own = seeds[seeds["model"].isin(models)]
    return Scatter(
        x=[_place(value, is_rate) for value in own["value"]],
        # below the line, or they would hide behind it
        y=[models.index(str(model)) + 0.28 for model in own["model"]],
        mode="markers",
        marker={"size": 5, "color": RAW},
        customdata=np.column_stack([own["seed"], own["value"].round(4)]),
        hovertemplate="seed %{customdata[0]}: %{customdata[1]:.3g}<extra></extra>",
        name="seeds",
    )
