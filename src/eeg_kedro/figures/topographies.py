"""Independent components as maps of the head, with what they were taken for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.figures.head import head_outline, project, unproject
from eeg_kedro.figures.style import INK, SEIZURE, apply_style, say
from eeg_kedro.signal.positions import electrode_positions
from eeg_kedro.signal.spherical_splines import interpolation_matrix

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TITLE = "Independent components"
COLUMNS = 6
GRID = 41  # points across a map
REACH = 1.25  # of the grid; the head's rim is 1
RADIUS = 1.12  # of the map that is seen
FEWEST_PLACES = 4
# blue to red over white, without the printed extremes: electrodes stay visible
COLORS = [[0.0, "#2166ac"], [0.25, "#92c5de"], [0.5, "#f7f7f7"], [0.75, "#f4a582"], [1.0, "#b2182b"]]


def draw_components(footer: Mapping[str, Any], most: int) -> Figure:
    """Draw how each component weighs on the head; removed ones first, framed.

    Parameters
    ----------
    footer : mapping
        Of a window file; ``ica`` holds ``mixing``, ``ch_names`` and ``components``.
    most : int
        Components drawn at most.
    """
    ica = footer.get("ica", {})
    if not ica.get("components"):
        return say(ica.get("note") or "No components were sought.", TITLE)
    shown = _order(ica["components"])[:most]
    mixing = np.array(ica["mixing"], float)
    positions, known = electrode_positions(ica["ch_names"])
    if known.sum() < FEWEST_PLACES:
        return _draw_weights(ica, shown, mixing)
    return _draw_maps(ica, shown, mixing[known], positions[known])


def _order(components: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Put removed ones first, then the largest shares of variance."""
    return sorted(components, key=lambda one: (not one["removed"], -one["variance_share"]))


def _draw_maps(
    ica: Mapping[str, Any],
    shown: Sequence[Mapping[str, Any]],
    mixing: NDArray[np.float64],
    positions: NDArray[np.float64],
) -> Figure:
    from plotly.subplots import make_subplots

    columns = min(COLUMNS, len(shown))
    rows = -(-len(shown) // columns)
    figure = make_subplots(
        rows=rows,
        cols=columns,
        subplot_titles=[_caption(one) for one in shown],
        horizontal_spacing=0.02,
        vertical_spacing=0.28 / rows,
    )
    axis, weights = _map_weights(positions)
    electrodes = project(positions)
    outlines = []
    for place, one in enumerate(shown):
        row, column = place // columns + 1, place % columns + 1
        figure.add_trace(_map(axis, weights @ mixing[:, one["index"]]), row=row, col=column)
        figure.add_trace(_electrodes(electrodes), row=row, col=column)
        suffix = "" if place == 0 else str(place + 1)
        color, width = (SEIZURE, 3.0) if one["removed"] else (INK, 1.2)
        outlines += [
            shape | {"xref": f"x{suffix}", "yref": f"y{suffix}"}
            for shape in [_passepartout(), *head_outline(color, width)]
        ]
    for place in range(rows * columns):
        suffix = "" if place == 0 else str(place + 1)
        figure.update_layout({f"yaxis{suffix}": {"scaleanchor": f"x{suffix}"}})
    figure.update_layout(shapes=outlines)
    figure.update_xaxes(visible=False, range=[-1.1 * REACH, 1.1 * REACH])
    figure.update_yaxes(visible=False, range=[-1.1 * REACH, 1.1 * REACH])
    figure.update_annotations(font_size=11)
    figure = apply_style(figure, f"{TITLE}<br><sup>{_note(ica, shown)}</sup>", height=130 + 235 * rows)
    return figure.update_layout(margin={"l": 10, "r": 10, "t": 135, "b": 10})


def _caption(one: Mapping[str, Any]) -> str:
    label = str(one["label"]).replace("_", " ")
    known = f" {one['probability']:.2f}" if one.get("probability") else ""
    text = f"{one['index']}: {label}{known}<br>{one['variance_share']:.1%} of variance"
    return f'<b><span style="color:{SEIZURE}">{text}<br>removed</span></b>' if one["removed"] else text


def _note(ica: Mapping[str, Any], shown: Sequence[Mapping[str, Any]]) -> str:
    total, removed = len(ica["components"]), sum(bool(one["removed"]) for one in ica["components"])
    count = f"{total} components" if len(shown) == total else f"{len(shown)} of {total} components"
    return f"{count}, {removed} removed (framed); seen from above, nose up; each map on its own scale"


def _map_weights(positions: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the grid's axis, shape (GRID,), and the matrix from electrodes to the grid, (GRID**2, n)."""
    axis = np.linspace(-REACH, REACH, GRID)
    points = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    return axis, interpolation_matrix(positions, unproject(points))


def _passepartout() -> dict[str, Any]:
    """Give a white frame with a round hole: grids end in steps, heads do not."""
    angles = np.linspace(0, 2 * np.pi, 73)[:-1]
    hole = " L ".join(f"{RADIUS * np.cos(a):.3f} {RADIUS * np.sin(a):.3f}" for a in angles)
    rim = 1.3 * REACH
    path = f"M {-rim} {-rim} L {rim} {-rim} L {rim} {rim} L {-rim} {rim} Z M {hole} Z"
    look = {"fillcolor": "white", "fillrule": "evenodd", "line": {"width": 0}}
    return {"type": "path", "path": path, **look}


def _map(axis: NDArray[np.float64], values: NDArray[np.float64]) -> Any:
    from plotly.graph_objects import Contour

    shown = np.hypot(*np.meshgrid(axis, axis)).ravel() <= RADIUS
    top = float(np.abs(values[shown]).max()) or 1.0
    return Contour(
        x=np.round(axis, 4),
        y=np.round(axis, 4),
        z=np.round(values / top, 3).reshape(GRID, GRID),
        zmin=-1,
        zmax=1,
        zauto=False,
        colorscale=COLORS,
        showscale=False,
        contours={"coloring": "heatmap", "start": -0.8, "end": 0.8, "size": 0.4},
        line={"width": 0.6, "color": "#888888"},
        hoverinfo="skip",
    )


def _electrodes(places: NDArray[np.float64]) -> Any:
    from plotly.graph_objects import Scatter

    return Scatter(
        x=np.round(places[:, 0], 3),
        y=np.round(places[:, 1], 3),
        mode="markers",
        marker={"size": 2.5, "color": INK},
        showlegend=False,
        hoverinfo="skip",
    )


def _draw_weights(
    ica: Mapping[str, Any], shown: Sequence[Mapping[str, Any]], mixing: NDArray[np.float64]
) -> Figure:
    """Draw the weights as a table of colors: what there is to see without places on a head."""
    from plotly.graph_objects import Figure, Heatmap

    weights = mixing[:, [one["index"] for one in shown]]
    top = np.abs(weights).max(axis=0, keepdims=True)
    labels = [
        f"{one['index']}: {one['label']}{', removed' if one['removed'] else ''}".replace("_", " ")
        for one in shown
    ]
    figure = Figure(
        Heatmap(
            x=labels,
            y=list(ica["ch_names"]),
            z=np.round(weights / np.where(top > 0, top, 1), 3),
            zmin=-1,
            zmax=1,
            colorscale=COLORS,
            colorbar={
                "title": "weight (share<br>of the largest)",
                "lenmode": "pixels",
                "len": 180,
                "y": 1,
                "yanchor": "top",
            },
            hovertemplate="%{y}, component %{x}: %{z:.2f}<extra></extra>",
        )
    )
    figure.update_xaxes(title_text="component", tickangle=-35)
    figure.update_yaxes(
        title_text="channel", autorange="reversed", dtick=1 if len(ica["ch_names"]) <= 40 else None
    )
    note = "These channels have no place on a head: the weights are shown as a table"
    height = 260 + min(18 * len(ica["ch_names"]), 700)
    return apply_style(figure, f"{TITLE}<br><sup>{note}</sup>", height=height)
