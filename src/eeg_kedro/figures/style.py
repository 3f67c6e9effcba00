"""One look for all figures: colors that survive color blindness, quiet grid, units always on the axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

# Okabe & Ito (2008), https://jfly.uni-koeln.de/color/
INK = "#333333"
RAW = "#7f7f7f"  # readable on white paper and on the dark page of Kedro-Viz
SEIZURE = "#D55E00"
BLUE = "#0072B2"
CATEGORY_COLORS = {
    "no_seizure": "#0072B2",
    "partial_seizure": "#E69F00",
    "full_seizure": "#D55E00",
    "not annotated": "#9a9a9a",
}


def apply_style(figure: Figure, title: str, *, height: int = 480) -> Figure:
    """Give the figure the project's fonts, margins and title."""
    figure.update_layout(
        template="plotly_white",
        title={"text": title, "x": 0.01, "xanchor": "left", "font": {"size": 16}},
        font={"family": "Helvetica, Arial, sans-serif", "size": 12, "color": INK},
        height=height,
        margin={"l": 70, "r": 30, "t": 80, "b": 60},
        legend={"orientation": "h", "y": 1.02, "x": 1, "xanchor": "right", "yanchor": "bottom"},
    )
    return figure


def say(message: str, title: str) -> Figure:
    """Draw a sentence where there is nothing to plot: an empty axis would look like a bug."""
    from plotly.graph_objects import Figure

    figure = Figure()
    figure.add_annotation(text=message, showarrow=False, x=0.5, y=0.5, xref="paper", yref="paper")
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return apply_style(figure, title, height=240)
