"""Whether probabilities mean what they say: how often it is a seizure where a model says so and so much."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import pandas as pd

from eeg_kedro.figures.detectors import CONSTANT, look_of, order_models, say_model
from eeg_kedro.figures.notes import title_with_note
from eeg_kedro.figures.style import INK, apply_style, say

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TITLE = "Calibration"


def draw_calibration(table: pd.DataFrame | None) -> Figure:
    """Draw the share of seizure seconds over the probability said, and how many seconds are behind each point.

    Parameters
    ----------
    table : DataFrame or None
        ``report_calibration``: one row per model, seed, role and bin; ``predicted`` and ``observed`` are means, ``n``
        counts seconds. Test participants are drawn, or whoever is there without them.
    """
    pooled = pool_seeds(table)
    if pooled.empty:
        return say(
            "There is no calibration curve: no annotated recording of a test participant was predicted.",
            TITLE,
        )
    from plotly.subplots import make_subplots

    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.74, 0.26], vertical_spacing=0.06)
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"width": 1, "color": INK, "dash": "dot"},
        name="as said",
        hoverinfo="skip",
        row=1,
        col=1,
    )
    for model in order_models(pooled["model"]):
        own = pooled[pooled["model"] == model]
        figure.add_trace(_curve(own, model, "observed"), row=1, col=1)
        figure.add_trace(_curve(own, model, "n"), row=2, col=1)
    figure.update_yaxes(
        title_text="seizure (share of seconds)", range=[-0.03, 1.03], zeroline=False, row=1, col=1
    )
    figure.update_yaxes(title_text="seconds", type="log", dtick=1, exponentformat="SI", row=2, col=1)
    figure.update_xaxes(range=[-0.02, 1.02], zeroline=False)
    figure.update_xaxes(title_text="probability said by the model (0–1)", row=2, col=1)
    figure = apply_style(figure, title_with_note(TITLE, _note(pooled)), height=560)
    return figure.update_layout(legend={"y": -0.16, "yanchor": "top"}, margin={"b": 110})


def pool_seeds(table: pd.DataFrame | None) -> pd.DataFrame:
    """Take the seeds of each model together, bin by bin, weighted by seconds; constants have no curve.

    Returns
    -------
    DataFrame
        ``model, role, predicted, observed, n``; bins without a second are left out.
    """
    columns = ["model", "role", "predicted", "observed", "n"]
    if table is None or table.empty:
        return pd.DataFrame(columns=columns)
    mine = table.loc[(table["n"] > 0) & ~table["model"].isin(CONSTANT)]
    tested = mine.loc[mine["role"] == "test"]
    mine = tested if len(tested) else mine
    sums = mine.assign(predicted=mine["predicted"] * mine["n"], observed=mine["observed"] * mine["n"])
    keys = ["model", "role", "bin_low"]
    pooled = sums.groupby(keys, as_index=False)[["predicted", "observed", "n"]].sum()
    for name in ("predicted", "observed"):
        pooled[name] = pooled[name] / pooled["n"]
    return pooled[columns]


def _note(pooled: pd.DataFrame) -> str:
    roles = " and ".join(sorted({f"{role} participants" for role in pooled["role"]}))
    return (
        f"{html.escape(roles)}, seeds together; below the dotted line a model says too much, above too little"
    )


def _curve(own: pd.DataFrame, model: str, column: str) -> Any:
    from plotly.graph_objects import Scatter

    color, symbol = look_of(model)
    name = html.escape(say_model(model))
    return Scatter(
        x=own["predicted"].round(4),
        y=own[column].round(4),
        mode="lines+markers",
        line={"width": 1.6, "color": color},
        marker={"size": 7, "symbol": symbol, "color": color},
        name=name,
        legendgroup=model,
        showlegend=column == "observed",
        customdata=own["n"],
        hovertemplate=f"{name}: said %{{x:.3f}}, was %{{y:.3f}} in %{{customdata:,}} s<extra></extra>"
        if column == "observed"
        else f"{name}: %{{y:,}} s<extra></extra>",
    )
