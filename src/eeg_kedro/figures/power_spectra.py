"""Power spectra before and after cleaning, every channel and their median."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.figures.style import BLUE, RAW, SEIZURE, apply_style, say

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TITLE = "Power spectra"
Spectrum = tuple[NDArray[np.float64], NDArray[np.float64]]
HIGHEST = 100.0  # Hz drawn
LOWEST_POWER = 1e-4  # uV^2/Hz; a stop band goes to zero, the axis does not


def draw_spectra(
    spectra: Mapping[str, Spectrum],
    ch_names: Mapping[str, Sequence[str]],
    bad: Sequence[str],
    line_freq: float | None,
) -> Figure:
    """Draw the source's spectra beside those of the cleaned signal.

    Parameters
    ----------
    spectra : mapping
        ``before`` and ``after``: frequencies in Hz, shape (n_freqs,), and uV^2/Hz, shape (n_channels, n_freqs).
    ch_names : mapping
        Names of the channels of each.
    bad : sequence of str
        Channels drawn in another color.
    line_freq : float or None
        Line frequency in Hz.
    """
    if not spectra:
        return say("No samples were read.", TITLE)
    from plotly.subplots import make_subplots

    figure = make_subplots(
        rows=1,
        cols=2,
        shared_yaxes=True,
        horizontal_spacing=0.03,
        subplot_titles=["before (as recorded)", "after cleaning"],
    )
    for column, side in enumerate(("before", "after"), start=1):
        for trace in _channels(spectra[side], ch_names[side], set(bad)):
            figure.add_trace(trace, row=1, col=column)
        figure.add_trace(_median(spectra["before"], "median before", RAW, column == 1), row=1, col=column)
        figure.add_trace(_median(spectra["after"], "median after", BLUE, column == 1), row=1, col=column)
        if line_freq:
            figure.add_vline(line_freq, line={"dash": "dot", "width": 1, "color": SEIZURE}, row=1, col=column)
    figure.update_xaxes(title_text="frequency (Hz)", range=[0, _end(spectra)])
    figure.update_yaxes(type="log", dtick=1, exponentformat="power", range=_range(spectra))
    figure.update_yaxes(title_text="power (µV²/Hz)", row=1, col=1)
    note = "thin: channels; orange: bad ones" + (
        f"; dotted: line frequency {line_freq:g} Hz" if line_freq else ""
    )
    return apply_style(figure, f"{TITLE}<br><sup>{note}</sup>", height=440).update_layout(
        legend={"y": -0.18, "x": 0.5, "xanchor": "center", "yanchor": "top"}
    )


def _channels(spectrum: Spectrum, names: Sequence[str], bad: set[str]) -> list[Any]:
    from plotly.graph_objects import Scatter

    return [
        Scatter(
            **_line(spectrum[0], power),
            mode="lines",
            line={"width": 0.7, "color": SEIZURE if name in bad else "#bbbbbb"},
            showlegend=False,
            hovertemplate=f"{name} %{{x}} Hz: %{{y:.3g}} µV²/Hz<extra></extra>",
        )
        # bad ones last, so that they are not covered
        for name, power in sorted(zip(names, spectrum[1], strict=True), key=lambda pair: pair[0] in bad)
    ]


def _median(spectrum: Spectrum, label: str, color: str, show_legend: bool) -> Any:
    from plotly.graph_objects import Scatter

    return Scatter(
        **_line(spectrum[0], np.median(spectrum[1], axis=0)),
        mode="lines",
        line={"width": 2.2, "color": color},
        name=label,
        legendgroup=label,
        showlegend=show_legend,
        hovertemplate=f"{label} %{{x}} Hz: %{{y:.3g}} µV²/Hz<extra></extra>",
    )


def _line(freqs: NDArray[np.float64], power: NDArray[np.float64]) -> dict[str, Any]:
    shown = (freqs <= HIGHEST) & (freqs > 0)
    values = [float(f"{value:.3g}") if value > 0 else None for value in power[shown]]
    return {"x0": float(freqs[shown][0]), "dx": float(freqs[1] - freqs[0]), "y": values}


def _end(spectra: Mapping[str, Spectrum]) -> float:
    return min(HIGHEST, max(float(freqs[-1]) for freqs, _ in spectra.values()))


def _range(spectra: Mapping[str, Spectrum]) -> list[float]:
    """Give the axis in powers of ten: the stop band's depth is of no interest."""
    freqs, power = spectra["before"]
    shown = np.concatenate([power[:, (freqs > 0.4) & (freqs <= HIGHEST)].ravel(), [1.0]])
    top = float(np.log10(shown.max()))
    positive = shown[shown > 0]
    bottom = float(np.log10(max(np.percentile(positive, 1) / 30, LOWEST_POWER)))
    return [round(bottom, 2), round(top + 0.3, 2)]
