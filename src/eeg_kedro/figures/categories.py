"""Windows per category per split, before and after balancing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from eeg_kedro.figures.style import CATEGORY_COLORS, apply_style, say

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

ORDER = {name: place for place, name in enumerate(["train", "dev", "validation", "eval", "test"])}


def draw_categories(manifest: pd.DataFrame, balanced: pd.DataFrame, split: pd.DataFrame) -> Figure:
    """Draw how many windows of each category each split has, and how many the balanced set draws.

    Parameters
    ----------
    manifest, balanced : DataFrame
        Windows with ``participant`` and ``category`` (null: recording not annotated).
    split : DataFrame
        ``participant`` and ``split``.
    """
    from plotly.subplots import make_subplots

    title = "Windows per category and split"
    if manifest.empty:
        return say("The manifest has no window: recordings are shorter than one window.", title)
    figure = make_subplots(rows=1, cols=2, subplot_titles=["all windows", "balanced set"], shared_yaxes=True)
    sides = dict(zip(split["participant"], split["split"], strict=True))
    for column, table in enumerate([manifest, balanced], start=1):
        for trace in _bars(_count(table, sides), show_legend=column == 1):
            figure.add_trace(trace, row=1, col=column)
    figure.update_yaxes(type="log", dtick=1)
    figure.update_yaxes(title_text="windows (count, log scale)", row=1, col=1)
    figure.update_xaxes(title_text="split")
    apply_style(figure, title)
    return figure.update_layout(barmode="group", legend={"y": -0.2, "yanchor": "top"})


def _count(table: pd.DataFrame, sides: dict[str, str]) -> pd.DataFrame:
    keys = [table["participant"].map(sides).fillna("unassigned"), table["category"].fillna("not annotated")]
    counts = table.groupby(keys).size().unstack(fill_value=0)
    return counts.loc[sorted(counts.index, key=lambda name: (ORDER.get(name, len(ORDER)), name))]


def _bars(counts: pd.DataFrame, *, show_legend: bool) -> list:  # type: ignore[type-arg]
    from plotly.graph_objects import Bar

    return [
        Bar(
            x=[*counts.index],
            y=counts[name],
            name=name.replace("_", " "),
            text=[f"{count:d}" for count in counts[name]],
            textposition="outside",
            marker_color=color,
            legendgroup=name,
            showlegend=show_legend,
            cliponaxis=False,
        )
        for name, color in CATEGORY_COLORS.items()
        if name in counts
    ]
