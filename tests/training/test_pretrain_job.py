import json
import pickle
from types import SimpleNamespace

import pytest
import torch

from eeg_kedro.errors import CheckpointError
from eeg_kedro.training.checkpoint import Checkpoint, check_resumable
from eeg_kedro.training.resumable import describe_environment
from tests.training.pretrain_corpus import make_job, write_corpus


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("windows"))


def resume(job, files, **changes):
    """Ask whether a checkpoint of `job` may be continued after some changes."""
    trainer = {"environment": describe_environment(torch.device("cpu"))}
    last = Checkpoint(job.name, json.loads(json.dumps(job.about(1))), {}, None, trainer)
    world_size = changes.pop("world_size", 1)
    return check_resumable(last, make_job(files, job.store_folder, **changes).about(world_size))


def test_the_identity_tells_who_was_trained_on_and_in_which_units(files, tmp_path):
    about = make_job(files, tmp_path).about(2)
    assert about["name"] == "mamba2_eeg_d16_l2_m50_mae"
    assert about["participants"] == {"train": ["a", "b"], "validation": ["c"]}
    channel = about["channels"]["FZ"]
    assert (channel["center"], channel["spread"]) == (0.0, 50.0)
    assert sum(axis**2 for axis in channel["place"]) == pytest.approx(1)
    assert (about["world_size"], about["batch_size"], about["sfreq"]) == (2, 6, 50.0)
    assert str(tmp_path.parent) not in json.dumps(about)


@pytest.mark.parametrize(
    "changes",
    [
        {"nproc": 2},
        {"cache_megabytes": 9},
        {"gates": {"control_steps": 0}},
        {"loop__save_steps": 3},
        {},
        {"lowpass_hz": 9.0},
        {"encoder__n_heads": 2},
        {"ch_names": ("C3", "FZ", "O1")},
        {"encoder__backend": "torch"},
    ],
)
def test_what_does_not_touch_the_result_may_change(files, tmp_path, changes):
    assert resume(make_job(files, tmp_path), files, **changes) == []


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"loop__lr": 0.1}, r"options.loop.lr: 0.001 -> 0.1"),
        ({"world_size": 2}, "world_size: 1 -> 2"),
        ({"loop__batch_size": 4}, "batch_size: 6 -> 4"),
        ({"encoder__direction": "causal"}, "direction: 'alternate' -> 'causal'"),
        ({"ch_names": ("C3",)}, "plan: "),
    ],
)
def test_what_touches_the_result_is_refused_by_name(files, tmp_path, changes, named):
    with pytest.raises(CheckpointError, match=named):
        resume(make_job(files, tmp_path), files, **changes)


def test_other_processes_are_sent_paths_not_loads(files, tmp_path):
    loads = {key: lambda path=path: SimpleNamespace(path=path) for key, path in files.items()}
    job = make_job(files, tmp_path)
    sent = pickle.loads(pickle.dumps(type(job)(job.options, job.plan, loads, tmp_path)))
    assert sent.files == files
    assert sent.about(1) == job.about(1)
