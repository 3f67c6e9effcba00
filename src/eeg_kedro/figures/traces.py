"""One page of raw beside cleaned traces, the seizure shaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.figures.style import BLUE, RAW, SEIZURE, apply_style, say

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

PAGE_SECONDS = 16.0
LEAD_SECONDS = 5.0  # seconds shown before a seizure's onset
MOST_CHANNELS = 24
TITLE = "Raw and cleaned EEG"


@dataclass(frozen=True)
class Page:
    """Which seconds of which recording are drawn."""

    recording: dict[str, Any]
    onset: float
    duration: float
    seizures: tuple[tuple[float, float], ...]

    def samples(self, sfreq: float) -> tuple[int, int]:
        """Give the page as a half-open range of samples at ``sfreq`` Hz."""
        return round(self.onset * sfreq), round((self.onset + self.duration) * sfreq)


def choose_page(inventory: pd.DataFrame, events: pd.DataFrame) -> Page | None:
    """Choose the first seizure of the first recording that has one, else the first recording's start."""
    if inventory.empty:
        return None
    rows = inventory.sort_values(["participant", "run"])
    seizures = events[events["kind"] == "seizure"]
    with_seizure = rows.merge(seizures[["participant", "run"]].drop_duplicates(), on=["participant", "run"])
    recording = (with_seizure if len(with_seizure) else rows).to_dict("records")[0]
    own = seizures[
        (seizures["participant"] == recording["participant"]) & (seizures["run"] == recording["run"])
    ]
    first = float(own["onset"].min()) if len(own) else LEAD_SECONDS
    duration = min(PAGE_SECONDS, recording["duration"])
    onset = min(max(first - LEAD_SECONDS, 0.0), recording["duration"] - duration)
    return Page(
        {str(name): value for name, value in recording.items()},
        onset,
        duration,
        unite_seconds(own["onset"], own["onset"] + own["duration"]),
    )


def draw_traces(
    page: Page | None,
    raw: tuple[list[str], float, NDArray[np.float32]] | None,
    cleaned: tuple[list[str], float, NDArray[np.float32]] | None,
) -> Figure:
    """Draw raw (left) and cleaned (right) traces of one page on the same scale.

    Parameters
    ----------
    page : Page or None
        None draws a sentence.
    raw, cleaned : (channel names, sampling rate in Hz, microvolts of shape (n_channels, n_times))
    """
    if page is None or raw is None or cleaned is None:
        return say("No recording has windows: see the recording quality table for the reasons.", TITLE)
    from plotly.subplots import make_subplots

    names = [name for name in raw[0] if name in cleaned[0]][:MOST_CHANNELS] or raw[0][:MOST_CHANNELS]
    step = _spacing(cleaned[2])
    figure = make_subplots(
        rows=1, cols=2, shared_yaxes=True, subplot_titles=["raw", "cleaned"], horizontal_spacing=0.03
    )
    for column, (signal, color) in enumerate([(raw, RAW), (cleaned, BLUE)], start=1):
        for place, name in enumerate(names):
            if name in signal[0]:
                figure.add_trace(_trace(page, signal, name, -place * step, color), row=1, col=column)
        for start, stop in _shaded(page):
            figure.add_vrect(start, stop, fillcolor=SEIZURE, opacity=0.15, line_width=0, row=1, col=column)
    _axes(figure, names, step)
    who = f"{page.recording['participant']} {page.recording['run']}"
    note = f"{who}; spacing {step:.0f} µV; shaded: seizure; not for diagnosis"
    return apply_style(figure, f"{TITLE}<br><sup>{note}</sup>", height=160 + 30 * len(names))


def unite_seconds(starts: pd.Series, stops: pd.Series) -> tuple[tuple[float, float], ...]:
    """Unite overlapping seizures: per-channel annotations would shade the page in steps."""
    united: list[tuple[float, float]] = []
    for start, stop in sorted(zip(starts, stops, strict=True)):
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(stop, united[-1][1]))
        else:
            united.append((float(start), float(stop)))
    return tuple(united)


def _spacing(signal: NDArray[np.float32]) -> float:
    """Give the distance between traces in microvolts: robust, so that one pop does not flatten the page."""
    spread = np.percentile(np.abs(signal), 97, axis=1) if signal.size else np.array([50.0])
    return float(max(10.0, np.ceil(3 * np.median(spread) / 10) * 10))


def _trace(
    page: Page, signal: tuple[list[str], float, NDArray[np.float32]], name: str, offset: float, color: str
) -> Any:
    from plotly.graph_objects import Scattergl

    ch_names, sfreq, values = signal
    trace = values[ch_names.index(name)]
    trace = trace - np.median(trace)
    limit = 4 * abs(_spacing(values))
    seconds = page.onset + np.arange(trace.size) / sfreq
    return Scattergl(
        x=np.round(seconds, 4),
        y=np.round(np.clip(trace, -limit, limit) + offset, 1),
        mode="lines",
        line={"width": 0.8, "color": color},
        name=name,
        showlegend=False,
        hovertemplate=f"{name} %{{x:.2f}} s<extra></extra>",
    )


def _shaded(page: Page) -> list[tuple[float, float]]:
    end = page.onset + page.duration
    return sorted(
        {
            (max(start, page.onset), min(stop, end))
            for start, stop in page.seizures
            if start < end and stop > page.onset
        }
    )


def _axes(figure: Figure, names: list[str], step: float) -> None:
    ticks = [-place * step for place in range(len(names))]
    figure.update_yaxes(
        tickvals=ticks,
        ticktext=names,
        range=[ticks[-1] - 1.5 * step, 1.5 * step],
        zeroline=False,
        showgrid=False,
    )
    figure.update_yaxes(title_text="channel (µV, offset)", row=1, col=1)
    figure.update_xaxes(title_text="time (s)", zeroline=False)
