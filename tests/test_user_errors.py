import re
import sys

import pytest
from kedro.io import AbstractDataset, DatasetError
from kedro.validation.exceptions import ParameterValidationError
from pydantic import ValidationError

from eeg_kedro.errors import CheckpointError, DiskFullError, LayoutError, NonFiniteError
from eeg_kedro.training.pretrain_options import PretrainOptions
from eeg_kedro.user_errors import show_user_errors_plainly, tell_plainly


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
    from eeg_kedro.sampling.draws.balance_options import BalanceOptions

    with pytest.raises(ValidationError) as refused:
        BalanceOptions.model_validate({"max_participant_share": 0.5})
    told = f"\n- Parameter 'balance': Failed to instantiate BalanceOptions for parameter 'balance': {refused.value}"
    sys.excepthook(*raised(ParameterValidationError(told)))
    sentence = capsys.readouterr().err
    assert "balance: Value error, max_participant_share below 1 needs stratify=participant" in sentence
    assert "found {" not in sentence
    assert "conf/base/parameters/balance.yml" in sentence


class Refusing(AbstractDataset):
    def load(self):
        raise CheckpointError("damaged", file="mamba2_eeg_d128_l6_m40_mae")

    def save(self, data):
        raise DiskFullError("no room left", remedy="free some space")

    def _describe(self):
        return {}


def test_what_a_dataset_refuses_is_a_sentence_though_kedro_wraps_it():
    with pytest.raises(DatasetError) as saved:
        Refusing().save(1)
    with pytest.raises(DatasetError) as loaded:
        Refusing().load()
    assert tell_plainly(saved.value) == "DiskFullError: no room left. Remedy: free some space"
    assert tell_plainly(loaded.value) == "CheckpointError: mamba2_eeg_d128_l6_m40_mae: damaged"


def test_what_a_rank_refuses_is_a_sentence_though_it_comes_with_the_report_of_torch():
    error = NonFiniteError("the loss is not a number", file="p01_r01 FZ")
    _, caught, _ = raised(error, RuntimeError("a process failed"))
    assert tell_plainly(caught) == "NonFiniteError: p01_r01 FZ: the loss is not a number"


def test_a_bug_has_no_sentence():
    assert tell_plainly(KeyError("x")) is None


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"mask_ratio": 0}, r"pretrain\.mask_ratio: Input should be greater than 0 \(found 0\)"),
        ({"encoder": {"headdim": 7}}, r"pretrain\.encoder: Value error, headdim=7 [^(]*\. Remedy"),
        ({"tag": "a_b"}, r"pretrain\.tag: .*\(found 'a_b'\)"),
    ],
)
def test_refused_options_of_pretraining_are_one_sentence(options, told):
    with pytest.raises(ValidationError) as refused:
        PretrainOptions.model_validate(options)
    report = f"\n- Parameter 'pretrain': Failed to instantiate PretrainOptions: {refused.value}"
    assert re.search(told, tell_plainly(ParameterValidationError(report)))
