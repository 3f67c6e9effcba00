"""Hours and seizures per participant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from eeg_kedro.figures.style import BLUE, SEIZURE, apply_style, say

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

# more bars than this cannot be told apart
MOST = 60


def draw_participants(inventory: pd.DataFrame) -> Figure:
    """Draw hours of EEG and number of seizures for each participant.

    Parameters
    ----------
    inventory : DataFrame
        Columns ``participant, duration`` (s)``, n_seizures, annotated``.
    """
    title = "Hours and seizures per participant"
    if inventory.empty:
        return say("No recording was taken: see the ingest report for the reasons.", title)
    table = inventory.groupby("participant").agg(
        hours=("duration", lambda seconds: seconds.sum() / 3600),
        seizures=("n_seizures", "sum"),
        runs=("duration", "size"),
        annotated=("annotated", "all"),
    )
    table = table.sort_values(["seizures", "hours"], ascending=False)
    note = f"{len(table)} participants, {table.hours.sum():.2f} h, {table.seizures.sum():.0f} seizures"
    if len(table) > MOST:
        note += f"; the {MOST} with most seizures are shown"
        table = table.head(MOST)
    return apply_style(_bars(table), f"{title}<br><sup>{note}</sup>", height=520)


def _bars(table: pd.DataFrame) -> Figure:
    from plotly.subplots import make_subplots

    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.08)
    names = [name if known else f"{name} (not annotated)" for name, known in table["annotated"].items()]
    figure.add_bar(
        x=names,
        y=table["hours"],
        marker_color=BLUE,
        name="EEG",
        showlegend=False,
        row=1,
        col=1,
        customdata=table["runs"],
        hovertemplate="%{x}: %{y:.2f} h in %{customdata} runs<extra></extra>",
    )
    figure.add_bar(
        x=names,
        y=table["seizures"],
        marker_color=SEIZURE,
        name="seizures",
        showlegend=False,
        row=2,
        col=1,
        hovertemplate="%{x}: %{y} seizures<extra></extra>",
    )
    figure.update_yaxes(title_text="EEG (h)", row=1, col=1)
    figure.update_yaxes(title_text="seizures (count)", row=2, col=1)
    figure.update_xaxes(title_text="participant", tickangle=-45, type="category", row=2, col=1)
    return figure
