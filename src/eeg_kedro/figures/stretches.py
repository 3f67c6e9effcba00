"""A few seconds of traces, before and after cleaning on one scale: the worst, the best, the first seizure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.figures.style import BLUE, SEIZURE, apply_style, say

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Traces = tuple[list[str], float, NDArray[np.float32]]
LEAD_SECONDS = 5.0  # shown before a seizure's onset
BEFORE = "#E69F00"
DRAWN_RATE = 128.0  # Hz at most: the eye sees no more, and a page stays small
REACH = 4.0  # traces may swing this many spacings to either side
BAD_REACH = 1.5  # bad channels less: they would cover the others


@dataclass(frozen=True)
class Stretch:
    """A stretch of a recording.

    Attributes
    ----------
    title : str
        Why it was chosen.
    onset, stop : float
        Whole seconds from the start of the recording (the stop may be the recording's end).
    before, after : (channel names, sampling rate in Hz, microvolts of shape (n_channels, n_times))
    """

    title: str
    onset: float
    stop: float
    before: Traces | None = None
    after: Traces | None = None

    def with_traces(self, before: Traces, after: Traces) -> Stretch:
        """Give the same stretch with its samples."""
        return replace(self, before=before, after=after)


def choose_stretches(
    duration: float,
    scores: NDArray[np.float32] | None,
    seizures: Sequence[tuple[float, float]],
    seconds: float,
) -> list[Stretch]:
    """Choose what to show: the worst stretch, and the first seizure or else the best stretch.

    Parameters
    ----------
    duration : float
        Of the recording, in seconds.
    scores : ndarray, shape (n_seconds,), or None
        Quality of every second, 0 to 1; None if it was not judged.
    seizures : sequence of (float, float)
        Start and stop in seconds.
    seconds : float
        Length of a stretch.
    """
    length = min(float(int(seconds)), duration)
    if duration <= length:
        return [Stretch("The whole recording", 0.0, duration)]
    chosen = []
    if scores is not None and len(scores) >= length:
        means = np.convolve(scores, np.ones(int(length)) / int(length), "valid")[: int(duration - length) + 1]
        chosen.append(("Worst stretch", float(np.argmin(means))))
        if not seizures:
            chosen.append(("Best stretch", float(np.argmax(means))))
    if seizures:
        chosen.append(("First seizure", float(int(max(seizures[0][0] - LEAD_SECONDS, 0.0)))))
    if not chosen:
        chosen.append(("A stretch from the middle", float(int((duration - length) / 2))))
    # the same seconds twice say nothing new
    starts = {min(onset, float(int(duration - length))): title for title, onset in reversed(chosen)}
    return [Stretch(title, onset, onset + length) for onset, title in reversed(starts.items())]


def draw_stretch(
    stretch: Stretch, bad: Sequence[str], seizures: Sequence[tuple[float, float]], most_channels: int
) -> Figure:
    """Draw traces before (thin, behind) and after cleaning.

    Parameters
    ----------
    stretch : Stretch
        With its samples.
    bad : sequence of str
        Channels to mark.
    seizures : sequence of (float, float)
        Start and stop in seconds, shaded.
    most_channels : int
        Drawn at most.
    """
    from plotly.graph_objects import Figure

    title = f"{stretch.title}: {stretch.onset:.0f}–{stretch.stop:.0f} s"
    if stretch.before is None or stretch.after is None:
        return say("No samples were read.", title)
    names = pick_channels(stretch.before[0], bad, most_channels)
    step = _spacing(stretch.after[2])
    figure = Figure()
    sides = [("before: filtered and referenced", stretch.before, BEFORE), ("after", stretch.after, BLUE)]
    for label, signal, color in sides:
        shown = [name for name in names if name in signal[0]]
        for name in shown:
            limit = step * (BAD_REACH if name in bad else REACH)
            trace = _trace(stretch, signal, name, -names.index(name) * step, limit)
            figure.add_trace(
                trace.update(
                    line={"width": 0.9, "color": color},
                    name=label,
                    legendgroup=label,
                    showlegend=name == shown[0],
                    hovertemplate=f"{name} %{{x:.2f}} s<extra>{label.split(':')[0]}</extra>",
                )
            )
    for start, stop in seizures:
        if start < stretch.stop and stop > stretch.onset:
            low, high = max(start, stretch.onset), min(stop, stretch.stop)
            figure.add_vrect(low, high, fillcolor=SEIZURE, opacity=0.12, line_width=0, layer="below")
    _axes(figure, stretch, names, set(bad), step)
    notes = [f"spacing {step:.0f} µV", "shaded: seizure"] if seizures else [f"spacing {step:.0f} µV"]
    if len(names) < len(stretch.before[0]):
        notes.append(
            f"{len(names)} of {len(stretch.before[0])} channels: bad ones and an even choice of others"
        )
    return apply_style(
        figure, f"{title}<br><sup>{'; '.join(notes)}</sup>", height=max(150 + 27 * len(names), 290)
    )


def pick_channels(names: Sequence[str], bad: Sequence[str], most: int) -> list[str]:
    """Choose channels to draw, in order: at most half the places for bad ones, the rest evenly from all."""
    if len(names) <= most:
        return list(names)
    first = [name for name in names if name in bad][: most // 2]
    others = [name for name in names if name not in first]
    even = {others[i] for i in np.linspace(0, len(others) - 1, most - len(first)).astype(int)}
    return [name for name in names if name in first or name in even]


def _spacing(signal: NDArray[np.float32]) -> float:
    """Give the distance between traces in microvolts: robust, so that one pop does not flatten the page."""
    spread = np.percentile(np.abs(signal), 97, axis=1) if signal.size else np.array([50.0])
    return float(max(10.0, np.ceil(2.5 * np.median(spread) / 10) * 10))


def _trace(stretch: Stretch, signal: Traces, name: str, offset: float, limit: float) -> Any:
    from plotly.graph_objects import Scatter

    ch_names, sfreq, values = signal
    every = max(1, int(sfreq // DRAWN_RATE))
    trace = values[ch_names.index(name)]
    trace = np.clip(trace - np.median(trace), -limit, limit)[::every]
    # decimals that cannot be seen would only make the page heavy
    digits = 1 if limit < 400 else 0
    return Scatter(
        x0=stretch.onset, dx=every / sfreq, y=np.round(trace.astype(float) + offset, digits), mode="lines"
    )


def _axes(figure: Figure, stretch: Stretch, names: Sequence[str], bad: set[str], step: float) -> None:
    ticks = [-place * step for place in range(len(names))]
    labels = [f'<span style="color:{SEIZURE}">{name} ✕</span>' if name in bad else name for name in names]
    figure.update_yaxes(
        title_text="channel (µV, offset)",
        tickvals=ticks,
        ticktext=labels,
        range=[ticks[-1] - 2 * step, 2.5 * step],
        zeroline=False,
        showgrid=False,
    )
    figure.update_xaxes(
        title_text="time (s)",
        zeroline=False,
        dtick=1 if stretch.stop - stretch.onset <= 30 else None,
        range=[stretch.onset, stretch.stop],
    )
