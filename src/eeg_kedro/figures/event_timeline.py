"""Seizures over each recording: what was annotated, what was detected, and how probable each second seemed."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.figures.artefact_timeline import UNITS
from eeg_kedro.figures.notes import title_with_note
from eeg_kedro.figures.style import BLUE, INK, RAW, SEIZURE, apply_style, say
from eeg_kedro.figures.traces import unite_seconds
from eeg_kedro.scoring.window_outcomes import KEY, TARGET, primary_rows, primary_seed

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TITLE = "Seizures: annotated and detected"
ROW = 52  # pixels per recording
MOST_BINS = 500  # across the page; of the seconds in a bin the most probable is drawn
# within a row, from above: annotated, detected, probability; rows are one apart and count downwards
TRUTH, DETECTED, THICK = -0.3, 0.0, 0.24
FLOOR, RISE = 0.42, 0.26
Span = tuple[float, float]


def choose_runs(predictions: pd.DataFrame | None, scores: pd.DataFrame | None, most: int) -> pd.DataFrame:
    """Choose recordings of test participants (without any: of all predicted): most errors first.

    Parameters
    ----------
    predictions : DataFrame or None
        ``output_predictions``; the primary model counts, with the seed that is handed on.
    scores : DataFrame or None
        ``report_run_scores``.
    most : int
        Recordings at most.

    Returns
    -------
    DataFrame
        ``participant, run, role, duration`` (s)``, probability, n_missed, n_false`` and ``is_scored``; attribute
        ``n_all`` says of how many they were chosen. Ties: with seizures first, then by name.
    """
    columns = [*KEY, "role", "duration", "probability", "n_seizures", "n_missed", "n_false", "is_scored"]
    seed = primary_seed(predictions)
    mine = primary_rows(predictions, seed=seed)
    if mine.empty:
        return pd.DataFrame(columns=columns)
    tested = mine.loc[mine["role"] == "test"]
    mine = tested if len(tested) else mine
    judged = primary_rows(scores, seed=seed).reindex(
        columns=[*KEY, "n_seizures", "n_detected", "n_false", "annotated"]
    )
    table = mine[[*KEY, "role", "duration", "probability"]].merge(judged, on=KEY, how="left")
    table["is_scored"] = table.pop("annotated").eq(True)
    numbers = table[["n_seizures", "n_detected", "n_false"]].apply(pd.to_numeric).fillna(0).astype("int64")
    table = table.assign(**{str(name): numbers[name] for name in numbers})
    table["n_missed"] = table["n_seizures"] - table.pop("n_detected")
    table["errors"] = (table["n_missed"] + table["n_false"]).where(table["is_scored"], -1)
    order = table.sort_values(["errors", "n_seizures", *KEY], ascending=[False, False, True, True])
    chosen = order.head(most).drop(columns="errors")[columns].reset_index(drop=True)
    chosen.attrs["n_all"] = len(table)
    return chosen


def draw_timelines(
    detections: pd.DataFrame | None,
    events: pd.DataFrame | None,
    predictions: pd.DataFrame | None,
    scores: pd.DataFrame | None,
    most: int,
) -> Figure:
    """Draw a row per recording: annotated and detected seizures, and the probability of every second.

    Parameters
    ----------
    detections : DataFrame or None
        ``output_detections``: those of the primary model at its operating point for event F1 are drawn.
    events : DataFrame or None
        ``int_events``.
    predictions : DataFrame or None
        ``output_predictions``.
    scores : DataFrame or None
        ``report_run_scores``, to draw the recordings with most errors first.
    most : int
        Rows at most.
    """
    runs = choose_runs(predictions, scores, most)
    if runs.empty:
        return say("No recording was predicted by the fine-tuned model.", TITLE)
    from plotly.graph_objects import Figure

    longest = float(runs["duration"].max())
    unit, size = next((name, seconds) for limit, name, seconds in UNITS if longest <= limit)
    truth = _spans(events.loc[events["kind"] == "seizure"] if events is not None else None, runs)
    found = primary_rows(detections, seed=primary_seed(predictions))
    said = _spans(found.loc[found["target"] == TARGET] if len(found) else None, runs)
    figure = Figure()
    _draw_extents(figure, runs, size)
    figure.add_trace(_probabilities(runs, size))
    figure.add_trace(_bars(truth, TRUTH, "annotated", SEIZURE, size))
    figure.add_trace(_bars(said, DETECTED, "detected", BLUE, size))
    labels = [_label(row) for row in runs.to_dict("records")]
    figure.update_yaxes(
        tickvals=[*range(len(runs))], ticktext=labels, range=[len(runs) - 0.45, -0.55], zeroline=False
    )
    figure.update_xaxes(title_text=f"time from the start of the recording ({unit})", zeroline=False)
    figure.update_xaxes(range=[-0.005 * longest / size, 1.005 * longest / size])
    height = 210 + ROW * len(runs)
    figure = apply_style(figure, title_with_note(TITLE, _note(runs)), height=height)
    legend = {"y": 1.0, "x": 1, "xanchor": "right", "yanchor": "bottom"}
    return figure.update_layout(barmode="overlay", margin={"l": 170, "t": 125}, legend=legend)


def _note(runs: pd.DataFrame) -> str:
    n_all = int(runs.attrs["n_all"])
    who = " and ".join(sorted({*runs["role"]}))
    shown = f"all {n_all}" if len(runs) == n_all else f"{len(runs)} of {n_all}"
    noun = "recording" if n_all == 1 else "recordings"
    note = f"{shown} {noun} of {html.escape(who)} participants"
    if len(runs) < n_all:
        note += ", those with most errors first"
    return (
        f"{note}; gray line: probability, 0 to 1; counts: events less than 90 s apart are one (SzCORE); the fine-tuned "
        "detector that is handed on; not for diagnosis"
    )


def _label(row: dict[Any, Any]) -> str:
    name = html.escape(f"{row['participant']} {row['run']}")
    if not row["is_scored"]:
        return f"{name}<br><sub>not scored: not annotated</sub>"
    found = row["n_seizures"] - row["n_missed"]
    return f"{name}<br><sub>{found} of {row['n_seizures']} found, {row['n_false']} false</sub>"


def _spans(rows: pd.DataFrame | None, runs: pd.DataFrame) -> list[list[Span]]:
    """Give the united intervals of each run, s."""
    if rows is None or rows.empty:
        return [[] for _ in range(len(runs))]
    by_run = dict(list(rows.groupby(KEY)))
    spans: list[list[Span]] = []
    for key in runs[KEY].itertuples(index=False, name=None):
        own = by_run.get(key)
        spans.append([] if own is None else [*unite_seconds(own["onset"], own["onset"] + own["duration"])])
    return spans


def _draw_extents(figure: Figure, runs: pd.DataFrame, size: float) -> None:
    """Tint what was recorded: where the tint ends, nobody knows."""
    for place, duration in enumerate(runs["duration"]):
        figure.add_shape(
            type="rect",
            x0=0,
            x1=float(duration) / size,
            y0=place + TRUTH - THICK / 2,
            y1=place + DETECTED + THICK / 2,
            fillcolor="#f1f1f1",
            line={"width": 0},
            layer="below",
        )


def _probabilities(runs: pd.DataFrame, size: float) -> Any:
    from plotly.graph_objects import Scatter

    x: list[float | None] = []
    y: list[float | None] = []
    text: list[str] = []
    for place, curve in enumerate(runs["probability"]):
        seconds, values = _thin(np.asarray(curve, np.float64))
        x += [*np.round(seconds / size, 5).tolist(), None]
        y += [*np.round(place + FLOOR - RISE * values, 4).tolist(), None]
        text += [*(f"{value:.3f}" for value in values), ""]
    return Scatter(
        x=x,
        y=y,
        text=text,
        mode="lines",
        line={"width": 1, "color": RAW},
        name="probability",
        hovertemplate="probability %{text}<extra></extra>",
    )


def _thin(curve: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Take the largest of each bin of seconds: a short peak must stay visible."""
    width = max(1, -(-len(curve) // MOST_BINS))
    starts = np.arange(0, len(curve), width)
    if not starts.size:
        return np.zeros(0), np.zeros(0)
    middles = starts.astype(np.float64) + width / 2
    return middles, np.maximum.reduceat(curve, starts)


def _bars(spans: Sequence[Sequence[Span]], height: float, name: str, color: str, size: float) -> Any:
    from plotly.graph_objects import Bar

    rows = [(place, start, stop) for place, own in enumerate(spans) for start, stop in own]
    return Bar(
        base=[start / size for _, start, _ in rows],
        x=[(stop - start) / size for _, start, stop in rows],
        y=[place + height for place, _, _ in rows],
        width=THICK,
        orientation="h",
        name=name,
        # the outline keeps ten seconds of a day visible
        marker={"color": color, "line": {"color": color, "width": 1.5}},
        text=[f"{name} {start:.1f} to {stop:.1f} s" for _, start, stop in rows],
        textposition="none",
        hovertemplate="%{text}<extra></extra>",
        textfont={"color": INK},
    )
