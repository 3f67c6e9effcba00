import pytest
import torch

from eeg_kedro.errors import CheckpointError
from eeg_kedro.training.find_pretrained import find_pretrained
from eeg_kedro.training.model_file import PretrainedModel
from tests.training.finetune_corpus import make_finetune_options
from tests.training.pretrain_corpus import make_options

NAME = "mamba2_eeg_d16_l2_m50_mae"


class Folder:
    def __init__(self, *names, **changes):
        self._models = {name: model(name, **changes) for name in names}

    def names(self):
        return sorted(self._models)

    def load(self, name):
        return self._models[name]


def model(name=NAME, **changes):
    encoder = make_options().encoder.effective() | changes
    return PretrainedModel(name, {"options": {"encoder": encoder}}, {"w": torch.ones(1)})


def find(latest, folder, **changes):
    return find_pretrained(make_finetune_options(**changes), make_options(), latest, folder)


def test_the_configuration_names_the_model_and_the_latest_may_be_it():
    latest = model()
    assert find(latest, Folder()) is latest


def test_another_one_trained_since_does_not_hide_it():
    assert find(model("other"), Folder(NAME, "other")).name == NAME


def test_a_name_goes_before_the_configuration():
    assert find(model(), Folder(NAME, "other"), pretrained="other").name == "other"


def test_an_absent_model_is_told_which_there_are():
    with pytest.raises(
        CheckpointError, match=rf"{NAME}.*allowed: a, b, latest\. Remedy: .*pipelines=pretrain"
    ):
        find(model("latest"), Folder("b", "a"))
    with pytest.raises(CheckpointError, match=r"'mine'\); allowed: none yet"):
        find(None, Folder(), pretrained="mine")


def test_a_model_of_the_name_and_of_another_encoder_is_refused():
    with pytest.raises(CheckpointError, match=r"encoder.d_state: 99 -> 8.*finetune.pretrained=mamba2"):
        find(None, Folder(NAME, d_state=99))
    assert find(None, Folder(NAME, d_state=99), pretrained=NAME).name == NAME
