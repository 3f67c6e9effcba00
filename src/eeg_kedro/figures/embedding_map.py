"""Embeddings on a plane: by label, by participant, and one map per participant, with the detector's errors."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import pandas as pd

from eeg_kedro.figures.notes import count_lines, title_with_note
from eeg_kedro.figures.style import CATEGORY_COLORS, INK, RAW, apply_style, say
from eeg_kedro.scoring.embedding_map import EVERYBODY
from eeg_kedro.scoring.window_outcomes import FALSE_ALARM, MISSED

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

BY_LABEL = "Maps of the embeddings, by label"
BY_PARTICIPANT = "Maps of the embeddings, by participant"
EACH = "Map of each participant, by label"
NOTHING = "There is no map: fewer than four windows have an embedding."
METHOD_WORDS = {"pca": "PCA", "umap": "UMAP"}
# Okabe & Ito without black; symbols tell apart what colors cannot: 8 x 5 participants
PEOPLE_COLORS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#332288", "#999933")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross")
MOST_PEOPLE = len(PEOPLE_COLORS) * len(SYMBOLS)
ERROR_SYMBOLS = {MISSED: "diamond", FALSE_ALARM: "square"}
COLUMNS = 3
PANEL, GAP, FRAME = 200, 40, 200  # pixels: a row of small maps, between two rows, around all
HOVER = (
    "%{customdata[0]}, run %{customdata[1]}<br>%{customdata[2]} s, %{customdata[3]}<br>"
    "%{customdata[4]}<extra></extra>"
)


def draw_by_label(table: pd.DataFrame) -> Figure:
    """Draw the map of everybody by PCA and by UMAP, colored by category, errors on top and outlined.

    Parameters
    ----------
    table : DataFrame
        ``report_embedding_map``.
    """
    mine = table[table["panel"] == EVERYBODY]
    if mine.empty:
        return say(NOTHING, BY_LABEL)
    figure = _two_panels()
    for col, method in enumerate(METHOD_WORDS, start=1):
        for trace in _by_category(mine[mine["method"] == method], first=col == 1):
            figure.add_trace(trace, row=1, col=col)
    note = f"{_sampled(mine)}{_judged(mine)}; axes have no unit"
    return _finish(figure, BY_LABEL, note, height=560)


def draw_by_participant(table: pd.DataFrame) -> Figure:
    """Draw the map of everybody by PCA and by UMAP, colored by participant.

    Parameters
    ----------
    table : DataFrame
        ``report_embedding_map``.
    """
    mine = table[table["panel"] == EVERYBODY]
    if mine.empty:
        return say(NOTHING, BY_PARTICIPANT)
    figure = _two_panels()
    people = mine["participant"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    named = sorted(people.index[:MOST_PEOPLE])
    for col, method in enumerate(METHOD_WORDS, start=1):
        own = mine[mine["method"] == method]
        rest = own[~own["participant"].isin(named)]
        if len(rest):
            figure.add_trace(_dots(rest, "others", RAW, showlegend=col == 1), row=1, col=col)
        for place, name in enumerate(named):
            color = PEOPLE_COLORS[place % len(PEOPLE_COLORS)]
            symbol = SYMBOLS[place // len(PEOPLE_COLORS)]
            dots = _dots(own[own["participant"] == name], name, color, symbol=symbol, showlegend=col == 1)
            figure.add_trace(dots, row=1, col=col)
    others = len(people) - len(named)
    note = f"{_sampled(mine)} of {_people(len(people))}"
    note += f"; gray: {others} participants with fewer windows" if others else ""
    rows = -(-min(len(people), MOST_PEOPLE + 1) // 8)
    return _finish(figure, BY_PARTICIPANT, f"{note}; axes have no unit", height=540 + 22 * rows)


def draw_each(table: pd.DataFrame) -> Figure:
    """Draw a UMAP of each participant on its own, colored by category, errors on top and outlined.

    Parameters
    ----------
    table : DataFrame
        ``report_embedding_map``.
    """
    mine = table[(table["panel"] != EVERYBODY) & (table["method"] == "umap")]
    if mine.empty:
        return say("No participant has enough windows for a map of its own.", EACH)
    from plotly.subplots import make_subplots

    names = sorted(mine["panel"].unique())
    columns = min(COLUMNS, len(names))
    rows = -(-len(names) // columns)
    figure = make_subplots(
        rows=rows,
        cols=columns,
        subplot_titles=[_panel_title(mine[mine["panel"] == name]) for name in names],
        vertical_spacing=GAP / (rows * PANEL),
        horizontal_spacing=0.05,
    )
    seen: set[str] = set()
    for place, name in enumerate(names):
        for trace in _by_category(mine[mine["panel"] == name], first=True):
            trace.showlegend = trace.name not in seen
            seen.add(trace.name)
            figure.add_trace(trace, row=place // columns + 1, col=place % columns + 1)
    figure.update_annotations(font_size=13)
    _bare_axes(figure)
    everybody = set(table.loc[table["panel"] == EVERYBODY, "participant"]) | set(names)
    note = f"UMAP of {len(names)} of {_people(len(everybody))}"
    if len(names) < len(everybody):
        note += ", unseen ones with seizures first"
    note += f"{_judged(mine)}; axes have no unit, maps are not to one scale"
    return _finish(figure, EACH, note, height=FRAME + PANEL * rows)


def _people(number: int) -> str:
    return "1 participant" if number == 1 else f"{number} participants"


def _two_panels() -> Figure:
    from plotly.subplots import make_subplots

    figure = make_subplots(rows=1, cols=2, horizontal_spacing=0.1)
    for col, word in enumerate(METHOD_WORDS.values(), start=1):
        figure.update_xaxes(title_text=f"{word} 1 (no unit)", row=1, col=col)
        figure.update_yaxes(title_text=f"{word} 2 (no unit)", row=1, col=col)
    _bare_axes(figure)
    return figure


def _bare_axes(figure: Figure) -> None:
    """Numbers on the axes of a map mean nothing: only who is near whom does."""
    frame = {"showline": True, "linecolor": "#cccccc", "mirror": True}
    figure.update_xaxes(showticklabels=False, zeroline=False, **frame)
    figure.update_yaxes(showticklabels=False, zeroline=False, **frame)


def _panel_title(own: pd.DataFrame) -> str:
    first = own.iloc[0]
    role = f", {first['role']}" if first["role"] else ""
    return html.escape(f"{first['panel']}{role} ({_share(first)})")


def _share(first: pd.Series) -> str:
    shown, total = int(first["n_shown"]), int(first["n_total"])
    return f"{shown:,} windows" if shown == total else f"{shown:,} of {total:,} windows"


def _sampled(mine: pd.DataFrame) -> str:
    first = mine.iloc[0]
    sampled = int(first["n_shown"]) < int(first["n_total"])
    return _share(first) + (f", drawn with seed {int(first['seed'])}" if sampled else "")


def _judged(mine: pd.DataFrame) -> str:
    """Say what the outlined windows are, or that nobody judged any."""
    if (mine["outcome"] == "").all():
        return "; no window was judged by a detector"
    one = mine[mine["method"] == mine["method"].iloc[0]]
    counts = one["outcome"].value_counts()
    missed, false = (int(counts.get(kind, 0)) for kind in (MISSED, FALSE_ALARM))
    judged = int((one["outcome"] != "").sum())
    return f"; outlined: errors on {judged:,} windows of unseen participants, {missed:,} missed, {false:,} false alarms"


def _by_category(own: pd.DataFrame, *, first: bool) -> list[Any]:
    traces = []
    known = own["category"].isin(CATEGORY_COLORS)
    own = own.assign(category=own["category"].where(known, "not annotated"))
    for category, color in CATEGORY_COLORS.items():
        rows = own[own["category"] == category]
        if len(rows):
            traces.append(_dots(rows, category.replace("_", " "), color, showlegend=first))
    for kind, symbol in ERROR_SYMBOLS.items():
        rows = own[own["outcome"] == kind]
        if len(rows):
            colors = [CATEGORY_COLORS[name] for name in rows["category"]]
            look = {"size": 10, "symbol": symbol, "line": {"width": 1.8, "color": INK}, "opacity": 1.0}
            trace = _dots(rows, kind, colors, showlegend=first).update(marker=look)
            traces.append(trace)
    return traces


def _dots(
    rows: pd.DataFrame,
    name: str,
    color: str | list[str],
    *,
    symbol: str = "circle",
    showlegend: bool = True,
) -> Any:
    from plotly.graph_objects import Scatter

    told = pd.DataFrame(
        {
            "participant": [html.escape(str(value)) for value in rows["participant"]],
            "run": [html.escape(str(value)) for value in rows["run"]],
            "onset": rows["onset"].round(2).to_numpy(),
            "category": rows["category"].replace("", "not annotated").str.replace("_", " ").to_numpy(),
            "outcome": rows["outcome"].replace("", "not judged").to_numpy(),
        }
    )
    return Scatter(
        x=rows["x"].round(3),
        y=rows["y"].round(3),
        mode="markers",
        marker={"size": 5, "color": color, "symbol": symbol, "opacity": 0.75},
        name=html.escape(name),
        legendgroup=name,
        showlegend=showlegend,
        customdata=told.to_numpy(),
        hovertemplate=HOVER,
    )


def _finish(figure: Figure, title: str, note: str, *, height: int) -> Figure:
    figure = apply_style(figure, title_with_note(title, note), height=height)
    top = 84 + 18 * count_lines(note)
    below = {"y": -50 / (height - top - 60), "yanchor": "top", "x": 0, "xanchor": "left"}
    return figure.update_layout(legend={**below, "itemsizing": "constant"}, margin={"l": 45, "t": top})
