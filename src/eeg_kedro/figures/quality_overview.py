"""The corpus by quality: which recordings to look at first, and what was found in all of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eeg_kedro.figures.page_markup import Caution, Facts, Section, Table, write_page
from eeg_kedro.figures.style import BLUE, RAW, SEIZURE, apply_style, say
from eeg_kedro.signal.artefacts import KINDS

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TITLE = "Quality of the corpus"
COLUMNS = (
    "recording",
    "score, 0 to 1",
    "artefacts left (%)",
    "signal to noise (dB)",
    "length (min)",
    "channels",
    "bad channels",
    "interpolated",
    "components removed",
    "variance removed (%)",
    "pops, spikes",
    "remarks",
)


def rank_recordings(quality: pd.DataFrame) -> pd.DataFrame:
    """Sort recordings worst first: failed ones, those nobody judged, then by score.

    Parameters
    ----------
    quality : DataFrame
        The recording quality table; columns about steps that were off may be absent.

    Returns
    -------
    DataFrame
        The same rows with a column ``key``, participant_run.
    """
    table = quality.assign(
        key=quality["participant"].astype(str) + "_" + quality["run"].astype(str),
        score=_column(quality, "score"),
        is_done=quality["state"] == "done",
    )
    by = ["is_done", "score", "key"]
    return table.sort_values(by, na_position="first", ignore_index=True)


def choose_pages(keys: list[str], most: int) -> list[str]:
    """Choose who gets a page: half the places for the first (worst), the rest evenly from all others.

    Parameters
    ----------
    keys : list of str
        Recordings, worst first.
    most : int
        Pages at most.
    """
    if len(keys) <= most:
        return list(keys)
    n_worst = -(-most // 2)
    others = keys[n_worst:]
    even = np.linspace(0, len(others) - 1, most - n_worst).round().astype(int)
    return [*keys[:n_worst], *(others[i] for i in even)]


def draw_quality(quality: pd.DataFrame) -> Figure:
    """Draw all scores, worst first, and what was found and left in the corpus.

    Parameters
    ----------
    quality : DataFrame
        The recording quality table.
    """
    done = rank_recordings(quality).query("is_done") if len(quality) else quality
    if done.empty:
        return say("No recording was cleaned: see the recording quality table for the reasons.", TITLE)
    if done["score"].isna().all():
        return say("Quality was not judged: the step `quality` is switched off.", TITLE)
    from plotly.subplots import make_subplots

    figure = make_subplots(
        rows=1,
        cols=2,
        column_widths=[0.55, 0.45],
        horizontal_spacing=0.1,
        subplot_titles=["recordings, worst first", "all recordings together"],
    )
    figure.add_trace(_scores(done), row=1, col=1)
    for bars in _kinds(done):
        figure.add_trace(bars, row=1, col=2)
    figure.update_xaxes(
        title_text="recording (rank)", range=[0.4, len(done) + 0.6], tickformat="d", row=1, col=1
    )
    figure.update_yaxes(title_text="quality score (0–1)", range=[0, 1.03], row=1, col=1)
    figure.update_xaxes(title_text="artefact", row=1, col=2)
    figure.update_yaxes(title_text="channel-seconds (%)", rangemode="tozero", row=1, col=2)
    note = f"{len(done)} cleaned, median score {done['score'].median():.2f}"
    if len(done) < len(quality):
        note += f"; {len(quality) - len(done)} failed"
    return apply_style(figure, f"{TITLE}<br><sup>{note}</sup>", height=460).update_layout(
        barmode="group", legend={"y": -0.2, "yanchor": "top"}
    )


def write_overview(quality: pd.DataFrame, pages: Collection[str], most_pages: int, folder: str) -> str:
    """Write the overview: the figure, then every recording in a table that can be sorted, worst first.

    Parameters
    ----------
    quality : DataFrame
        The recording quality table.
    pages : collection of str
        Recordings that have a page.
    most_pages : int
        Pages drawn at most.
    folder : str
        Where the pages are, seen from the overview.
    """
    ranked = rank_recordings(quality)
    rows = ranked.to_dict("records")
    table = Table(
        COLUMNS,
        tuple(_row({str(name): value for name, value in row.items()}) for row in rows),
        links=tuple(f"{folder}/{row['key']}.html" if row["key"] in pages else "" for row in rows),
        marked=frozenset(place for place, row in enumerate(rows) if not row["is_done"]),
        is_sortable=True,
    )
    explained = (
        "Worst first; failed recordings are tinted. A click on a heading sorts, a second one turns around."
    )
    return write_page(
        TITLE,
        [
            Section("", (Facts(_facts(ranked)), *_page_note(len(rows), len(pages), most_pages))),
            Section("Scores and artefacts", (draw_quality(quality),)),
            Section("Recordings", (explained, table)),
        ],
    )


def _page_note(n_recordings: int, n_pages: int, most_pages: int) -> list[object]:
    if n_recordings <= n_pages:
        return []
    if n_recordings <= most_pages:
        return [
            Caution(f"{n_recordings - n_pages} of {n_recordings} recordings have no page: drawing failed.")
        ]
    return [
        Caution(
            f"{n_pages} of {n_recordings} recordings have a page of their own: the worst, and an even choice "
            f"of the others by rank. {n_recordings - n_pages} were not drawn; inspect.most_pages sets how many are."
        )
    ]


def _facts(ranked: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    done = ranked[ranked["is_done"]]
    hours = done["duration"].sum() / 3600
    known = done["score"].dropna()
    facts = [
        ("recordings", f"{len(ranked):,}"),
        ("failed", f"{len(ranked) - len(done):,}"),
        ("hours", f"{hours:,.2f}"),
        ("participants", f"{ranked['participant'].nunique():,}"),
    ]
    if len(known):
        facts += [("median score", f"{known.median():.2f}"), ("lowest score", f"{known.min():.2f}")]
    return tuple(facts)


def _row(row: dict[str, Any]) -> tuple[object, ...]:
    if not row["is_done"]:
        why = f"failed: {row['error']}" + (f". What to do: {row['remedy']}" if row["remedy"] else "")
        return (row["key"], *[None] * (len(COLUMNS) - 2), why)
    return (
        row["key"],
        _format(row.get("score"), 1, 2),
        _format(row.get("artefact_share"), 100, 1),
        _format(row.get("snr_db"), 1, 1),
        _format(row["duration"], 1 / 60, 1),
        row["n_channels"],
        _count(row.get("bad_channels")),
        _count(row.get("interpolated_channels")),
        _count(row.get("ica_removed")),
        _format(row.get("ica_variance_removed"), 100, 1),
        _format(_sum(row, "n_pops", "n_spikes"), 1, 0),
        "; ".join(str(row[name]) for name in ("doubts", "ica_flag", "ica_note") if row.get(name)),
    )


def _format(value: float | None, factor: float, digits: int) -> str | None:
    return None if value is None or pd.isna(value) else f"{factor * value:.{digits}f}"


def _sum(row: dict[str, Any], *names: str) -> float | None:
    values = [row[name] for name in names if not pd.isna(row.get(name))]
    return float(sum(values)) if values else None


def _count(items: Collection[str] | None) -> int | None:
    return len(items) if items is not None and not isinstance(items, float) else None


def _column(quality: pd.DataFrame, name: str) -> pd.Series:
    missing = pd.Series(np.nan, index=quality.index)
    return quality[name].astype("float64") if name in quality else missing


def _scores(done: pd.DataFrame) -> Any:
    from plotly.graph_objects import Bar, Scatter

    share = _column(done, "artefact_share")
    look = {
        "x": list(range(1, len(done) + 1)),
        "y": done["score"].round(3),
        "customdata": np.column_stack([done["key"], (100 * share).round(1)]),
        "hovertemplate": "%{customdata[0]}: %{y:.2f}, artefacts left %{customdata[1]} %<extra></extra>",
        "showlegend": False,
    }
    # bars of less than a few pixels shimmer
    many = len(done) > 150
    return Scatter(mode="lines", line={"color": BLUE}, **look) if many else Bar(marker_color=BLUE, **look)


def _kinds(done: pd.DataFrame) -> list[Any]:
    from plotly.graph_objects import Bar

    weights = done["duration"] * done["n_channels"]
    bars = []
    for side, label, pattern in (
        ("found", "found before cleaning", "/"),
        ("residual", "left after cleaning", ""),
    ):
        shares = [np.average(_column(done, f"{side}_{kind}").fillna(0), weights=weights) for kind in KINDS]
        bars.append(
            Bar(
                x=list(KINDS),
                y=[round(100 * float(share), 3) for share in shares],
                name=label,
                marker={
                    "color": RAW if side == "found" else SEIZURE,
                    "pattern": {"shape": pattern},
                },
                hovertemplate="%{x}: %{y:.2f} % of channel-seconds<extra></extra>",
            )
        )
    return bars
