import sys

import pytest

from eeg_kedro.errors import LayoutError
from eeg_kedro.user_errors import show_user_errors_plainly


@pytest.fixture
def shown(monkeypatch):
    seen = []
    monkeypatch.setattr(sys, "excepthook", lambda *error: seen.append(error))
    show_user_errors_plainly()
    return seen


def raised(error, cause=None):
    try:
        raise error from cause
    except type(error) as caught:
        return type(caught), caught, caught.__traceback__


def test_a_user_error_is_one_sentence_with_its_remedy(shown, capsys):
    sys.excepthook(*raised(LayoutError("no such folder", value="x", remedy="correct corpus.root")))
    assert (
        capsys.readouterr().err == "\nLayoutError: no such folder (found 'x'). Remedy: correct corpus.root\n"
    )
    assert shown == []


def test_a_wrapped_user_error_is_found(shown, capsys):
    sys.excepthook(*raised(RuntimeError("failed while loading"), LayoutError("no such folder")))
    assert "LayoutError: no such folder" in capsys.readouterr().err


def test_a_bug_keeps_its_traceback(shown):
    sys.excepthook(*raised(RuntimeError("bug")))
    assert len(shown) == 1


def test_installing_twice_is_installing_once(shown):
    first = sys.excepthook
    show_user_errors_plainly()
    assert sys.excepthook is first
