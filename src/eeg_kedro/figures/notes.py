"""What stands in small letters under the title of a figure, in lines that fit on paper."""

from __future__ import annotations

import textwrap

MOST_LETTERS = 135  # of the small letters, in a figure as wide as a page


def title_with_note(title: str, note: str) -> str:
    """Put a note under a title, in as many lines as it takes; both are HTML and shown as they are."""
    lines = textwrap.wrap(note, MOST_LETTERS, break_long_words=False, break_on_hyphens=False)
    return "".join([title, *(f"<br><sup>{line}</sup>" for line in lines)])


def count_lines(note: str) -> int:
    """Return how many lines a note takes."""
    return len(textwrap.wrap(note, MOST_LETTERS, break_long_words=False, break_on_hyphens=False))
