import sys
from subprocess import run

import pytest
from kedro.io import DatasetError

from eeg_kedro.datasets import ModelDataset, ModelFolderDataset
from eeg_kedro.errors import CheckpointError
from tests.training.tiny_checkpoints import tiny_checkpoint


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "named"


@pytest.fixture
def filled(folder, tmp_path):
    for name in ("b", "a"):
        ModelDataset(filepath=tmp_path / "m.safetensors", named_folder=folder).save(tiny_checkpoint(2, name))
    return ModelFolderDataset(path=folder)


def test_models_are_listed_and_read_by_name(filled):
    models = filled.load()
    assert models.names() == ["a", "b"]
    assert models.load("b").name == "b"
    assert models.load("b").about["sfreq"] == 256.0


def test_an_absent_folder_is_an_empty_one(folder):
    dataset = ModelFolderDataset(path=folder)
    assert (dataset.exists(), dataset.load().names()) == (False, [])


def test_an_unknown_name_is_told_which_there_are(filled, folder):
    with pytest.raises(CheckpointError, match=r"'c'\); allowed: a, b"):
        filled.load().load("c")


def test_a_damaged_model_is_named(filled, folder):
    (folder / "a.safetensors").write_bytes(b"nothing")
    with pytest.raises(CheckpointError, match=r"a\.safetensors: the model file is damaged"):
        filled.load().load("a")


def test_nothing_is_written_through_it(filled):
    with pytest.raises(DatasetError, match="filled by"):
        filled.save(1)


def test_the_preview_lists_the_models(filled):
    assert [row[0] for row in filled.preview()["data"]] == ["a", "b"]


def test_to_declare_it_imports_no_torch():
    code = (
        "import sys; from eeg_kedro.datasets import ModelFolderDataset\n"
        "ModelFolderDataset(path='x').load().names()\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert run([sys.executable, "-c", code], check=False).returncode == 0
