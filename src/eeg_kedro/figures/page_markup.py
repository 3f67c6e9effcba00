"""Sections of figures, tables and sentences as one HTML page that needs nothing but itself."""

from __future__ import annotations

import base64
import gzip
import html
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, singledispatch
from typing import Any

from eeg_kedro.figures.page_style import DRAW, SORT, STYLE

DISCLAIMER = "Not a medical device: for looking at data, not for diagnosis."


@dataclass(frozen=True)
class Table:
    """Rows of text and numbers.

    Attributes
    ----------
    columns : tuple of str
        Headings, units in them.
    rows : tuple of tuples
        Cells: text, numbers as they are to be read, or None for what is not known.
    links : tuple of str
        Where the first cell of each row leads; "" for nowhere.
    marked : frozenset of int
        Rows that are to be seen first.
    is_sortable : bool
        Whether a click on a heading sorts.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    links: tuple[str, ...] = ()
    marked: frozenset[int] = frozenset()
    is_sortable: bool = False


@dataclass(frozen=True)
class Facts:
    """Names and values that are to be taken in at one look."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Caution:
    """A sentence that must not be overlooked."""

    text: str


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it: sentences, `Caution`, `Facts`, `Table`, Plotly figures."""

    heading: str
    items: tuple[object, ...]


def write_page(title: str, sections: Iterable[Section]) -> str:
    """Write one self-contained HTML page; the same content gives the same text.

    Parameters
    ----------
    title : str
        Stands at the top and in the browser's tab.
    sections : iterable of Section
        What stands below, in order; a first section without a heading belongs to the title.
    """
    body: list[str] = []
    n_figures = 0
    for section in sections:
        if section.heading:
            body.append(f"<h2>{_text(section.heading)}</h2>")
        for item in section.items:
            if isinstance(sentence := _said(item), str):
                body.append(_markup(sentence))
            elif hasattr(item, "to_plotly_json"):
                body.append(_figure(item, f"figure-{n_figures}"))
                n_figures += 1
            else:
                body.append(_markup(item))
    return "\n".join([*_head(title), *body, *_foot(n_figures)])


def _head(title: str) -> Iterator[str]:
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{_text(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>"
    yield f"<h1>{_text(title)}</h1>"


def _foot(n_figures: int) -> Iterator[str]:
    yield f"<footer>{DISCLAIMER}</footer>"
    if n_figures:
        yield f'<script type="text/plain" id="plotly">{_packed_plotly()}</script>'
        yield f"<script>{DRAW}</script>"
    yield f"<script>{SORT}</script>\n</body>\n</html>\n"


def _said(item: Any) -> str | None:
    """Give the sentence of a figure that holds nothing else: text needs no canvas."""
    is_bare = hasattr(item, "to_plotly_json") and not item.data and len(item.layout.annotations) == 1
    return str(item.layout.annotations[0].text) if is_bare else None


@lru_cache(maxsize=1)
def _packed_plotly() -> str:
    from plotly.offline import get_plotlyjs

    return base64.b64encode(gzip.compress(get_plotlyjs().encode(), 9, mtime=0)).decode()


def _figure(figure: Any, name: str) -> str:
    from plotly.io.json import to_json_plotly

    # a "<" in a name must not end the script; JSON reads the escape back
    content = to_json_plotly(figure, engine="json").replace("<", "\\u003c")
    height = figure.layout.height or 450
    return (
        f'<div class="figure" id="{name}" style="height:{height}px"></div>\n'
        f'<script type="application/json" id="{name}-data">{content}</script>'
    )


@singledispatch
def _markup(item: object) -> str:
    return f"<p>{_text(item)}</p>"


@_markup.register
def _(item: Caution) -> str:
    return f'<p class="warning">{_text(item.text)}</p>'


@_markup.register
def _(item: Facts) -> str:
    pairs = "".join(f"<div><dt>{_text(name)}</dt><dd>{_text(value)}</dd></div>" for name, value in item.pairs)
    return f"<dl>{pairs}</dl>"


@_markup.register
def _(item: Table) -> str:
    columns = range(len(item.columns))
    numeric = [bool(item.rows) and all(_is_number(row[place]) for row in item.rows) for place in columns]
    head = "".join(_cell("th", name, number) for name, number in zip(item.columns, numeric, strict=True))
    rows = "\n".join(_row(item, place, numeric) for place in range(len(item.rows)))
    kind = ' class="sortable"' if item.is_sortable else ""
    return (
        f'<div class="wide"><table{kind}><thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table></div>'
    )


def _row(table: Table, place: int, numeric: list[bool]) -> str:
    cells = [_cell("td", value, number) for value, number in zip(table.rows[place], numeric, strict=True)]
    if table.links and table.links[place]:
        link = html.escape(table.links[place], quote=True)
        cells[0] = f'<td><a href="{link}">{_text(table.rows[place][0])}</a></td>'
    mark = ' class="marked"' if place in table.marked else ""
    return f"<tr{mark}>{''.join(cells)}</tr>"


def _cell(tag: str, value: object, is_number: bool) -> str:
    kind = ' class="number"' if is_number else ""
    return f"<{tag}{kind}>{_text(value)}</{tag}>"


def _is_number(value: object) -> bool:
    """Tell what is set flush right and sorted by value: numbers, formatted or not, and unknown ones."""
    return value is None or str(value).replace(",", "").replace(".", "", 1).lstrip("-").isdigit()


def _text(value: object) -> str:
    """Escape: names come from other people's files."""
    return "" if value is None else html.escape(str(value))
