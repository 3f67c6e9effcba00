import sys

import pytest

from eeg_kedro.datasets.source_hash import _file_code, module_code, recording_code

FUNCTION = "def f(x):\n    return x + 1\n"


@pytest.fixture
def code_of(tmp_path):
    def hash_of(text):
        (tmp_path / "a.py").write_text(text)
        return _file_code(tmp_path / "a.py")

    return hash_of


@pytest.mark.parametrize(
    "text",
    [
        "# a comment\n" + FUNCTION,
        '"""A module."""\n' + FUNCTION,
        'def f(x):\n    """Add one."""\n    return (x\n        + 1)\n',
    ],
)
def test_comments_docstrings_and_layout_do_not_count(code_of, text):
    assert code_of(text) == code_of(FUNCTION)


@pytest.mark.parametrize(
    "text", ["def f(x):\n    return x + 2\n", "def f(x):\n    return 1 + x\n", FUNCTION + "A = 1\n"]
)
def test_another_program_counts(code_of, text):
    assert code_of(text) != code_of(FUNCTION)


def test_the_recording_code_is_hashed_once_and_quickly():
    assert recording_code() == recording_code()
    assert len(recording_code()) == 64


def test_compiled_modules_count_by_name():
    assert module_code("math") == "math"


def test_a_prompt_has_no_source(monkeypatch):
    monkeypatch.delattr(sys.modules["__main__"], "__file__", raising=False)
    module_code.cache_clear()
    with pytest.raises(TypeError, match="put it in a module"):
        module_code("__main__")
