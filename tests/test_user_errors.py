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


def test_a_refused_parameter_is_one_sentence_and_names_where_the_options_are(shown, capsys):
    from kedro.validation.exceptions import ParameterValidationError
    from pydantic import ValidationError

    from eeg_kedro.signal.cleaning import CleanOptions

    with pytest.raises(ValidationError) as refused:
        CleanOptions.model_validate({"ica": {"probability": 2}, "sfreq": -3})
    told = f"Parameter validation failed:\n- Parameter 'clean': Failed to instantiate CleanOptions: {refused.value}"
    sys.excepthook(*raised(ParameterValidationError(told)))
    sentence = capsys.readouterr().err
    assert "clean.sfreq: Input should be greater than or equal to 1 (found -3)" in sentence
    assert "clean.ica.probability: Input should be less than or equal to 1 (found 2)" in sentence
    assert "conf/base/parameters/clean.yml" in sentence


def test_a_refused_combination_of_options_is_told_without_all_options(shown, capsys):
    from kedro.validation.exceptions import ParameterValidationError
    from pydantic import ValidationError

    from eeg_kedro.sampling.draws.balance_options import BalanceOptions

    with pytest.raises(ValidationError) as refused:
        BalanceOptions.model_validate({"max_participant_share": 0.5})
    told = f"\n- Parameter 'balance': Failed to instantiate BalanceOptions for parameter 'balance': {refused.value}"
    sys.excepthook(*raised(ParameterValidationError(told)))
    sentence = capsys.readouterr().err
    assert "balance: Value error, max_participant_share below 1 needs stratify=participant" in sentence
    assert "found {" not in sentence
    assert "conf/base/parameters/balance.yml" in sentence
