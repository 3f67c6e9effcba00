import errno
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from eeg_kedro.errors import CheckpointError, DiskFullError
from eeg_kedro.training.model_file import load_model, save_model

WEIGHTS = {"b": torch.arange(6.0).view(2, 3).t(), "a": torch.tensor(3)}
ABOUT = {"name": "m", "options": {"encoder": {"d_model": 4}, "ch_names": ["FZ"]}, "sfreq": 256.0}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "models" / "m.safetensors"


def test_weights_and_what_they_are_come_back(path):
    save_model(path, WEIGHTS, ABOUT)
    weights, about = load_model(path)
    assert about == ABOUT
    assert {*weights} == {*WEIGHTS}
    assert all(torch.equal(weights[name], WEIGHTS[name]) for name in WEIGHTS)


def test_the_same_content_gives_the_same_bytes(path):
    save_model(path, WEIGHTS, ABOUT)
    content = path.read_bytes()
    save_model(path, dict(reversed(WEIGHTS.items())), dict(reversed(ABOUT.items())))
    assert path.read_bytes() == content


@pytest.mark.parametrize("left", [0, 5, 60, -1])
def test_a_damaged_file_is_a_typed_error(path, left):
    save_model(path, WEIGHTS, ABOUT)
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(CheckpointError, match=r"m.safetensors: the model file is damaged.*Remedy"):
        load_model(path)


def test_a_foreign_file_is_a_typed_error(tmp_path):
    save_file(WEIGHTS | {"b": torch.ones(2)}, tmp_path / "x.safetensors", {"format": "pt"})
    with pytest.raises(CheckpointError, match="but not what they are"):
        load_model(tmp_path / "x.safetensors")


def test_a_file_that_is_not_there_is_not_damaged(path):
    with pytest.raises(FileNotFoundError):
        load_model(path)


def test_a_full_disk_keeps_the_model_that_was_there(path, monkeypatch):
    save_model(path, WEIGHTS, ABOUT)

    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(DiskFullError):
        save_model(path, {}, {})
    assert load_model(path)[1] == ABOUT
    assert [*path.parent.iterdir()] == [path]
