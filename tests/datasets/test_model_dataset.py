import sys
from subprocess import run

import pytest
import torch
from kedro.io import DataCatalog, DatasetError
from kedro.io.core import AbstractDataset

from eeg_kedro.datasets import ModelDataset
from eeg_kedro.errors import CheckpointError
from tests.training.tiny_checkpoints import tiny_checkpoint


@pytest.fixture
def options(tmp_path):
    return {"filepath": str(tmp_path / "model.safetensors"), "named_folder": str(tmp_path / "named")}


def checkpoint(name="tiny"):
    found = tiny_checkpoint(2, name)
    found.best_weights["w"] = torch.ones(1)
    return found


def test_the_best_weights_are_saved(options):
    ModelDataset(**options).save(checkpoint())
    model = ModelDataset(**options).load()
    assert (model.name, model.about["sfreq"]) == ("tiny", 256.0)
    assert torch.equal(model.weights["w"], torch.ones(1))


def test_before_the_first_validation_the_last_weights_are_saved(options):
    ModelDataset(**options).save(tiny_checkpoint(7, best=False))
    assert ModelDataset(**options).load().weights["b"] == 7


def test_each_model_is_found_by_its_name(options):
    for name in ("a", "b"):
        ModelDataset(**options).save(checkpoint(name))
    assert [ModelDataset(**options, name=name).load().name for name in ("a", "b", None)] == ["a", "b", "b"]


def test_an_unknown_name_is_told_which_there_are(options):
    for name in ("a", "b"):
        ModelDataset(**options).save(checkpoint(name))
    dataset = ModelDataset(**options, name="c")
    assert not dataset.exists()
    with pytest.raises(DatasetError, match="allowed: a, b") as raised:
        dataset.load()
    assert isinstance(raised.value.__cause__, CheckpointError)


def test_an_absent_model_says_which_pipeline_makes_it(options):
    assert not ModelDataset(**options).exists()
    with pytest.raises(DatasetError, match="--pipelines=learn"):
        ModelDataset(**options).load()


def test_the_preview_tells_what_the_model_is(options):
    ModelDataset(**options).save(checkpoint())
    facts = dict(ModelDataset(**options).preview()["data"])
    assert (facts["name"], facts["weights"], facts["sfreq"]) == ("tiny", "2", "256.0")


def test_it_is_an_artifact_of_a_run(options, tmp_path, monkeypatch):
    logged = []
    monkeypatch.setattr("mlflow.log_artifact", lambda *found: logged.append(found))
    inner = {"type": "eeg_kedro.datasets.ModelDataset", **options}
    config = {"type": "kedro_mlflow.io.artifacts.MlflowArtifactDataset", "dataset": inner}
    catalog = DataCatalog({"model": AbstractDataset.from_config("model", config)})
    catalog.save("model", checkpoint())
    assert logged == [(options["filepath"], None)]
    assert catalog.load("model").name == "tiny"


def test_to_declare_a_model_imports_no_torch():
    code = (
        "import sys; from eeg_kedro.datasets import CheckpointDataset, ModelDataset\n"
        "ModelDataset(filepath='x', named_folder='y').exists()\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_model_that_may_be_absent_is_none(options):
    dataset = ModelDataset(**options, allow_absent=True)
    assert dataset.load() is None
    assert dataset.preview()["data"] == []
