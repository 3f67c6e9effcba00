"""What sampling found and drew: windows per category, hours, seizures, priors, and who gives the seizures."""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING, Any

import pandas as pd

from eeg_kedro.figures.style import BLUE, CATEGORY_COLORS, RAW, SEIZURE, apply_style, say
from eeg_kedro.sampling.categories import CATEGORIES

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TITLE = "Balanced sampling"
MOST = 10  # participants shown
FEWEST = 6  # room for so many, so that one alone is not a wall
HEADROOM = 1.25  # above the tallest bar, for its label
# category -> what its columns of report_sampling begin with
COLUMNS = dict(zip(CATEGORIES, ("none", "partial", "full"), strict=True))
PANELS = (
    "windows per category: drawn, in front of all that may be drawn",
    "EEG",
    "seizures",
    f'share with seizure, <span style="color:{RAW}">before</span> and '
    f'<span style="color:{SEIZURE}">after</span> balancing',
    "who gives the drawn training windows with seizure",
)


def draw_balance(report: pd.DataFrame, balanced: pd.DataFrame) -> Figure:
    """Draw what each split has, what was drawn of it, and how that changes the prior.

    Parameters
    ----------
    report : DataFrame
        ``report_sampling``: one row per split.
    balanced : DataFrame
        ``participant``, ``role`` and ``category`` of the drawn windows.
    """
    if not report["n_windows"].sum():
        return say("The manifest has no window: recordings are shorter than one window.", TITLE)
    from plotly.subplots import make_subplots

    figure = make_subplots(
        rows=3,
        cols=2,
        specs=[[{"colspan": 2}, None], [{}, {}], [{}, {}]],
        subplot_titles=PANELS,
        row_heights=[0.4, 0.24, 0.36],
        vertical_spacing=0.12,
        horizontal_spacing=0.14,
    )
    _windows(figure, report)
    _amounts(figure, report)
    _priors(figure, report)
    _givers(figure, balanced)
    figure.update_annotations(font_size=13)
    figure = apply_style(figure, f"{TITLE}<br><sup>{_note(report)}</sup>", height=960)
    return figure.update_layout(
        barmode="group", margin={"t": 130}, legend={"y": 1.035, "x": 1, "groupclick": "toggleitem"}
    )


def _note(report: pd.DataFrame) -> str:
    drawn = ", ".join(f"{row['n_drawn']:,} in {row['split']}" for row in report.to_dict("records"))
    return f"drawn: {drawn}; seed {report['seed'].iloc[0]}"


def _windows(figure: Figure, report: pd.DataFrame) -> None:
    """Draw, on a log scale, a pale bar for all windows and a solid one in front for those drawn."""
    for category, column in COLUMNS.items():
        there, drawn = report[f"{column}_available"], report[f"{column}_drawn"]
        labels = [f"{got:,}<br>of {most:,}" for got, most in zip(drawn, there, strict=True)]
        name = category.replace("_", " ")
        _bars(figure, report, category, there, f"all {name}", labels, pale=True)
        _bars(figure, report, category, drawn, f"{name}, drawn")
    unknown = report["unannotated_windows"]
    if unknown.any():
        labels = [f"{number:,}" if number else "" for number in unknown]
        _bars(figure, report, "not annotated", unknown, "not annotated", labels)
    tallest = max(report[f"{name}_available"].max() for name in COLUMNS.values())
    top = log10(max(tallest, unknown.max(), 1)) + 0.8
    figure.update_yaxes(
        title_text="windows (count, log scale)", type="log", dtick=1, range=[-0.2, top], row=1, col=1
    )
    figure.update_xaxes(title_text="split", row=1, col=1)


def _bars(
    figure: Figure,
    report: pd.DataFrame,
    category: str,
    numbers: pd.Series,
    name: str,
    labels: list[str] | None = None,
    *,
    pale: bool = False,
) -> None:
    figure.add_bar(
        x=report["split"],
        y=[number or None for number in numbers],  # a log axis has no 0
        name=name,
        text=labels,
        textposition="outside" if labels else "none",
        marker={"color": CATEGORY_COLORS[category], "opacity": 0.3 if pale else 1.0},
        offsetgroup=category,
        showlegend=not pale,
        cliponaxis=False,
        hovertemplate=f"%{{x}}: %{{y:,}} {name}<extra></extra>",
        row=1,
        col=1,
    )


def _amounts(figure: Figure, report: pd.DataFrame) -> None:
    """Draw hours and seizures; what nobody counted has no bar."""
    columns = (("hours", "EEG (h)", "{:.1f} h", BLUE), ("n_seizures", "seizures (count)", "{:.0f}", SEIZURE))
    for place, (column, axis, form, color) in enumerate(columns, start=1):
        values = [None if pd.isna(value) else float(value) for value in report[column]]
        _plain_bars(figure, report["split"], values, form, {"color": color}, (2, place))
        tallest = max((value for value in values if value), default=1.0)
        figure.update_yaxes(title_text=axis, range=[0, HEADROOM * tallest], row=2, col=place)
        if all(value is None for value in values):
            _write(figure, "not counted: there is no inventory", (2, place))
        figure.update_xaxes(title_text="split", row=2, col=place)


def _priors(figure: Figure, report: pd.DataFrame) -> None:
    """Draw the share of windows and of samples with seizure, of all and of those drawn."""
    splits = [name for name in report["split"] for _ in range(2)]
    kinds = ["windows", "samples"] * len(report)
    highest = 1.0
    for prefix, color in (("", RAW), ("drawn_", SEIZURE)):
        pairs = report[[f"{prefix}prior", f"{prefix}prior_samples"]].to_numpy().ravel()
        values = [None if pd.isna(value) else 100 * float(value) for value in pairs]
        _plain_bars(figure, [splits, kinds], values, "{:.1f}", {"color": color}, (3, 1))
        highest = max(highest, *(value for value in values if value is not None))
    figure.update_yaxes(title_text="with seizure (%)", range=[0, HEADROOM * highest], row=3, col=1)
    figure.update_xaxes(title_text="of windows and of samples, per split", row=3, col=1)


def _givers(figure: Figure, balanced: pd.DataFrame) -> None:
    """Draw the share of each participant in training's drawn windows with seizure, largest on top."""
    mine = balanced[(balanced["role"] == "train") & (balanced["category"] != CATEGORIES[0])]
    counts = mine["participant"].value_counts(sort=False).sort_index()
    top = counts.sort_values(ascending=False, kind="stable").head(MOST)[::-1]
    shares = [100 * number / len(mine) for number in top]
    figure.add_bar(
        x=shares,
        y=[*top.index],
        orientation="h",
        text=[f"{share:.1f} % ({number:,})" for share, number in zip(shares, top, strict=True)],
        textposition="outside",
        cliponaxis=False,
        marker_color=CATEGORY_COLORS["partial_seizure"],
        showlegend=False,
        hovertemplate="%{y}: %{text}<extra></extra>",
        row=3,
        col=2,
    )
    rest = f"the largest {len(top)} of {len(counts)}" if len(counts) > MOST else f"all {len(counts)}"
    widest = max(shares, default=1.0)
    figure.update_xaxes(title_text="of the windows (%)", range=[0, HEADROOM * widest], row=3, col=2)
    rows = [len(top) - max(len(top), FEWEST) - 0.5, len(top) - 0.5]
    figure.update_yaxes(title_text=f"participant ({rest})", type="category", range=rows, row=3, col=2)


def _write(figure: Figure, message: str, place: tuple[int, int]) -> None:
    """Say in a panel why it is empty."""
    axes = {"xref": "x domain", "yref": "y domain"}
    figure.add_annotation(text=message, x=0.5, y=0.5, showarrow=False, row=place[0], col=place[1], **axes)


def _plain_bars(
    figure: Figure,
    x: Any,
    values: list[float | None],
    form: str,
    marker: dict[str, str],
    place: tuple[int, int],
) -> None:
    figure.add_bar(
        x=x,
        y=values,
        text=["" if value is None else form.format(value) for value in values],
        textposition="outside",
        marker=marker,
        showlegend=False,
        cliponaxis=False,
        hoverinfo="x+text",
        row=place[0],
        col=place[1],
    )
