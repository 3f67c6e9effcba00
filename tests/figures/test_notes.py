import re

from eeg_kedro.figures.notes import MOST_LETTERS, count_lines, title_with_note


def test_a_long_note_takes_several_lines_and_loses_nothing():
    note = " ".join(f"word{place}" for place in range(60))
    lines = re.findall(r"<sup>(.*?)</sup>", title_with_note("T", note))
    assert len(lines) == count_lines(note) > 1
    assert max(map(len, lines)) <= MOST_LETTERS
    assert " ".join(lines) == note


def test_a_title_without_a_note_is_itself():
    assert title_with_note("T", "") == "T"
