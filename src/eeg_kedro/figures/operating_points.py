"""What each model finds at how many false alarms: one color per model, one point per operating point."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from eeg_kedro.figures.detectors import look_of, order_models, say_model
from eeg_kedro.figures.notes import title_with_note
from eeg_kedro.figures.style import apply_style, say

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TITLE = "Seizures found, and false alarms for it"
QUIETEST = 0.1  # per 24 h: where a model without a false alarm is drawn on the log axis
F1_TARGET = "event_f1"


def draw_operating_points(summary: pd.DataFrame) -> Figure:
    """Draw sensitivity to seizures over false alarms per 24 h, by the events of SzCORE over all participants.

    Parameters
    ----------
    summary : DataFrame
        ``report_score_summary``.
    """
    mine = summary[(summary["scorer"] == "szcore_event") & (summary["average"] == "micro")]
    keys = ["model", "target", "mean", "low", "high"]
    found = mine.loc[mine["metric"] == "sensitivity", keys]
    alarms = mine.loc[mine["metric"] == "fa_per_24h", keys[:3]].rename(columns={"mean": "alarms"})
    points = found.merge(alarms, on=["model", "target"]).dropna(subset=["mean", "alarms"])
    if points.empty:
        return say("No seizure was scored, so there is no sensitivity to draw.", TITLE)
    from plotly.graph_objects import Figure

    figure = Figure()
    for model in order_models(points["model"].unique()):
        rows = points[points["model"] == model]
        _draw_model(figure, model, rows.assign(x=rows["alarms"].clip(lower=QUIETEST)).sort_values("x"))
    figure.update_xaxes(
        title_text=f"false alarms per 24 h (log scale; none at all is drawn at {QUIETEST:g})",
        type="log",
        dtick=1,
    )
    figure.update_yaxes(title_text="seizures found (share)", range=[-0.04, 1.04])
    figure = apply_style(figure, title_with_note(TITLE, _note(mine)), height=520)
    return figure.update_layout(
        legend={"orientation": "v", "x": 1.02, "xanchor": "left", "y": 1, "yanchor": "top"}
    )


def _draw_model(figure: Figure, model: str, points: pd.DataFrame) -> None:
    color, _ = look_of(model)
    figure.add_scatter(
        x=points["x"],
        y=points["mean"],
        name=say_model(model),
        mode="markers",  # nothing is known between two points
        marker={
            "size": 11,
            "color": color,
            "symbol": ["star" if target == F1_TARGET else "circle" for target in points["target"]],
        },
        error_y={
            "type": "data",
            "array": (points["high"] - points["mean"]).fillna(0),
            "arrayminus": (points["mean"] - points["low"]).fillna(0),
            "thickness": 1,
            "width": 3,
        },
        customdata=points["target"],
        hovertemplate="%{customdata}: %{y:.2f} found, %{x:.1f} false alarms per 24 h"
        f"<extra>{say_model(model)}</extra>",
    )


def _note(rows: pd.DataFrame) -> str:
    first = rows.iloc[0]
    tuned = "" if first["role"] == "test" else f", on {first['role']}, where thresholds were tuned"
    return (
        f"SzCORE events of {first['n_participants']} participants, {first['n_seizures']} seizures in "
        f"{first['hours']:.2f} h{tuned}; stars: largest F1 on validation; bars: 95 % over participants"
    )
