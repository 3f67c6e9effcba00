"""The head seen from above: where electrodes are on paper, and what became of each channel."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.figures.style import BLUE, INK, SEIZURE, apply_style, say
from eeg_kedro.signal.positions import electrode_positions

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TITLE = "Channels on the head"
RIM = 1.25  # of the paper's disk: electrodes lie below the equator too
MOST_LABELS = 48  # more names than this cover each other
# state -> (marker, color of the name inside); the shapes tell them apart without color
STATES: dict[str, tuple[dict[str, Any], str]] = {
    "good": ({"color": BLUE, "symbol": "circle"}, "white"),
    "bad, interpolated": ({"color": "#E69F00", "symbol": "diamond"}, INK),
    "bad, kept as recorded": ({"color": "#CC79A7", "symbol": "hexagon"}, INK),
    "bad, masked": ({"color": SEIZURE, "symbol": "square"}, "white"),
    "missing of the 10-20 system": ({"color": "#999999", "symbol": "circle-open"}, "#777777"),
}


def project(positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lay points of the unit sphere on paper, keeping their angle from the vertex (azimuthal equidistant).

    Parameters
    ----------
    positions : ndarray, shape (n, 3)
        x to the right ear, y to the nose, z to the vertex.

    Returns
    -------
    ndarray, shape (n, 2)
        The equator has radius 1; nose up, right ear right.
    """
    angle = np.arccos(np.clip(positions[:, 2], -1, 1)) / (np.pi / 2)
    across = np.linalg.norm(positions[:, :2], axis=1)
    scale = np.divide(angle, across, out=np.zeros_like(angle), where=across > 1e-12)
    flat: NDArray[np.float64] = positions[:, :2] * scale[:, None]
    return flat


def unproject(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Put points on paper, shape (n, 2), back on the unit sphere, shape (n, 3)."""
    radius = np.linalg.norm(points, axis=1)
    angle = radius * np.pi / 2
    scale = np.divide(np.sin(angle), radius, out=np.zeros_like(angle), where=radius > 1e-12)
    return np.column_stack([points * scale[:, None], np.cos(angle)])


def head_outline(color: str = INK, width: float = 1.5) -> list[dict[str, Any]]:
    """Give the circle, nose and ears as Plotly shapes, without axes."""
    line = {"color": color, "width": width}
    nose = "M -0.14 0.99 L 0 1.16 L 0.14 0.99"
    ear = "M {0} 0.22 Q {1} 0.26 {2} 0.06 Q {1} -0.28 {0} -0.22"
    paths = [nose, ear.format(0.976, 1.1, 1.09), ear.format(-0.976, -1.1, -1.09)]
    circle: dict[str, Any] = {"type": "circle", "x0": -1, "y0": -1, "x1": 1, "y1": 1, "line": line}
    return [circle, *({"type": "path", "path": path, "line": line} for path in paths)]


def draw_channel_map(footer: Mapping[str, Any]) -> Figure:
    """Draw every channel where it sits, with what became of it; the reason is on hover.

    Parameters
    ----------
    footer : mapping
        Of a window file: ``channels`` or at least ``ch_names``, ``bad_channels``, ``missing_channels``.
    """
    states = channel_states(footer)
    missing = dict.fromkeys(footer.get("missing_channels", []), "missing of the 10-20 system")
    states = {name: (state, "") for name, state in missing.items()} | states
    names = list(states)
    positions, known = electrode_positions(names)
    if not known[[name in channel_states(footer) for name in names]].any():
        return say(
            "These channels have no place on a head: they are pairs, or names that are no electrodes.",
            TITLE,
        )
    from plotly.graph_objects import Figure

    places = dict(zip(names, project(positions), strict=True))
    placed = [name for name, on_head in zip(names, known, strict=True) if on_head]
    figure = Figure()
    for state in STATES:
        members = [name for name in placed if states[name][0] == state]
        if members:
            figure.add_trace(_dots(members, places, states, state, labels=_labels(members, state, placed)))
    figure.update_layout(shapes=[shape | {"layer": "below"} for shape in head_outline()])
    for update in (figure.update_xaxes, figure.update_yaxes):
        update(visible=False, range=[-RIM, RIM])
    figure.update_yaxes(scaleanchor="x")
    lost = [name for name in names if name not in placed]
    note = f"seen from above, nose up{'; without a place: ' + ', '.join(lost) if lost else ''}"
    figure = apply_style(figure, f"{TITLE}<br><sup>{note[:160]}</sup>", height=520)
    return figure.update_layout(
        legend={
            "orientation": "v",
            "x": 0,
            "y": 1,
            "xanchor": "left",
            "yanchor": "top",
            "itemsizing": "constant",
        }
    )


def channel_states(footer: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Tell for every recorded channel its state, one of `STATES`, and the reason."""
    reasons = {entry["name"]: entry["reason"] for entry in footer.get("bad_channels", [])}
    names = [entry["name"] for entry in footer.get("channels", [])] or [*footer["ch_names"], *reasons]
    replaced = set(footer.get("interpolated_channels", []))
    kept = set(footer["ch_names"])
    states = {}
    for name in dict.fromkeys(names):
        bad = "bad, interpolated" if name in replaced else "bad, kept as recorded"
        state = "bad, masked" if name not in kept else bad if name in reasons else "good"
        states[name] = (state, reasons.get(name, ""))
    return states


def _labels(members: Sequence[str], state: str, placed: Sequence[str]) -> list[str]:
    crowded = len(placed) > MOST_LABELS
    return [name if state.startswith("bad") or not crowded else "" for name in members]


def _dots(
    members: Sequence[str],
    places: Mapping[str, NDArray[np.float64]],
    states: Mapping[str, tuple[str, str]],
    state: str,
    labels: Sequence[str],
) -> Any:
    from plotly.graph_objects import Scatter

    marker, ink = STATES[state]
    size = 12 if "" in labels else 40 if marker["symbol"] == "diamond" else 31
    why = ["<br>".join(textwrap.wrap(states[name][1], 60)) for name in members]
    return Scatter(
        x=[round(float(places[name][0]), 3) for name in members],
        y=[round(float(places[name][1]), 3) for name in members],
        mode="markers+text",
        text=list(labels),
        textposition="middle center",
        textfont={"size": 11, "color": ink},
        name=f"{state} ({len(members)})",
        marker={**marker, "size": size, "line": {"color": marker["color"], "width": 1}},
        customdata=[[name, text] for name, text in zip(members, why, strict=True)],
        hovertemplate=f"%{{customdata[0]}}: {state}<br>%{{customdata[1]}}<extra></extra>",
    )
