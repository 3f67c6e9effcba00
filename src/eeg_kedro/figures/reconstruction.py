"""What was hidden from the encoder and what it made of it: three channels of somebody it never saw."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.figures.style import BLUE, INK, RAW, apply_style, say

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TITLE = "Reconstruction of masked EEG"
CAUTION = "not for diagnosis"
ROW = 190  # pixels per channel


def draw_reconstruction(examples: pd.DataFrame) -> Figure:
    """Draw channels under each other: original, what was given, what was reconstructed; masked time shaded.

    Parameters
    ----------
    examples : DataFrame
        From `eeg_kedro.training.gates.examples`: microvolts over seconds, or, with a column ``frequency_hz``,
        logarithms of spectra over Hz.
    """
    if examples.empty:
        return say("There is no sequence of an unseen participant to show.", TITLE)
    from plotly.subplots import make_subplots

    channels = list(examples["channel"].unique())
    spectral = "frequency_hz" in examples
    figure = make_subplots(rows=len(channels), cols=1, shared_xaxes=True, vertical_spacing=0.05)
    for row, name in enumerate(channels, start=1):
        own = examples[examples["channel"] == name]
        for trace in _spectra(own, row) if spectral else _traces(own, row):
            figure.add_trace(trace, row=row, col=1)
        unit = "log amplitude" if spectral else "µV"
        figure.update_yaxes(title_text=f"{html.escape(str(name))} ({unit})", zeroline=False, row=row, col=1)
        for start, stop in [] if spectral else _masked_seconds(own):
            figure.add_vrect(start, stop, fillcolor=RAW, opacity=0.15, line_width=0, row=row, col=1)
    if not spectral:
        figure.update_yaxes(range=_common_range(examples))
    figure.update_xaxes(zeroline=False)
    figure.update_xaxes(title_text="frequency (Hz)" if spectral else "time (s)", row=len(channels), col=1)
    figure = apply_style(
        figure, f"{TITLE}<br><sup>{_note(examples, spectral)}</sup>", height=170 + ROW * len(channels)
    )
    return figure.update_layout(margin={"t": 110})


def _note(examples: pd.DataFrame, spectral: bool) -> str:
    first = examples.iloc[0]
    who = html.escape(f"unseen participant {first['participant']}, run {first['run']}")
    what = "one masked token per channel" if spectral else "shaded: masked"
    who += f"; {html.escape(str(first['model']))}" if "model" in examples else ""
    return f"{who}; {what}; {CAUTION}"


def _traces(own: pd.DataFrame, row: int) -> list[Any]:
    seconds = own["time_s"].to_numpy()
    # where the model was given everything it was not asked for anything
    said = own["reconstructed_uv"].where(own["masked"])
    return [
        _line(seconds, own["original_uv"], "original", RAW, 1.0, row),
        _line(seconds, own["given_uv"], "given", INK, 1.1, row),
        _line(seconds, said, "reconstructed", BLUE, 1.8, row),
    ]


def _spectra(own: pd.DataFrame, row: int) -> list[Any]:
    frequency = own["frequency_hz"].to_numpy()
    return [
        _line(frequency, own["original_log"], "original", RAW, 1.2, row),
        _line(frequency, own["reconstructed_log"], "reconstructed", BLUE, 1.8, row),
    ]


def _line(x: NDArray[np.float64], y: pd.Series, name: str, color: str, width: float, row: int) -> Any:
    from plotly.graph_objects import Scatter

    return Scatter(
        x=np.round(x, 4),
        y=[None if np.isnan(value) else round(float(value), 3) for value in y],
        mode="lines",
        line={"width": width, "color": color},
        name=name,
        legendgroup=name,
        showlegend=row == 1,
        connectgaps=False,
        hovertemplate=f"{name} %{{x:.2f}}: %{{y:.3g}}<extra></extra>",
    )


def _masked_seconds(own: pd.DataFrame) -> list[tuple[float, float]]:
    """Give start and stop, s, of every stretch of masked samples."""
    masked = own["masked"].to_numpy(bool)
    seconds = own["time_s"].to_numpy()
    if len(seconds) < 2:
        return []
    step = seconds[1] - seconds[0]
    edges = np.flatnonzero(np.diff(np.concatenate([[False], masked, [False]]).astype(np.int8)))
    return [(float(seconds[a]), float(seconds[b - 1] + step)) for a, b in edges.reshape(-1, 2)]


def _common_range(examples: pd.DataFrame) -> list[float]:
    """Give one scale for all channels, microvolts: robust, so that one pop does not flatten the page."""
    values = examples["original_uv"].to_numpy()
    low, high = np.percentile(values, [0.5, 99.5])
    room = 0.25 * max(high - low, 1.0)
    return [float(low - room), float(high + room)]
