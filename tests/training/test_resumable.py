import pytest
import torch

from eeg_kedro.errors import CheckpointError
from eeg_kedro.training.checkpoint import check_resumable
from tests.training.tiny_checkpoints import ABOUT, tiny_checkpoint

NOW = {"name": "tiny", **ABOUT}


def encoder(**changes):
    return {"options": {**ABOUT["options"], "encoder": {**ABOUT["options"]["encoder"], **changes}}}


def test_the_same_run_is_continued():
    assert check_resumable(tiny_checkpoint(3, parameters=42), NOW) == []


def test_tuples_are_the_lists_that_json_makes_of_them():
    now = {**NOW, "participants": {"train": ("a", "b"), "validation": ("c",)}}
    assert check_resumable(tiny_checkpoint(3), now) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"batch_size": 32}, "batch_size: 16 -> 32"),
        ({"world_size": 2}, "world_size: 1 -> 2"),
        ({"plan": "9a"}, "plan: '1f2e' -> '9a'"),
        (encoder(direction="causal"), "options.encoder.direction: 'alternate' -> 'causal'"),
        (encoder(dropout=0.1), "options.encoder.dropout: 'nothing' -> 0.1"),
        ({"participants": {"train": ["a"], "validation": ["c", "d"]}}, "train: without ['b'], with []"),
    ],
)
def test_another_run_is_refused_with_the_difference_named(changes, words):
    with pytest.raises(CheckpointError) as raised:
        check_resumable(tiny_checkpoint(3), {**NOW, **changes})
    assert words in raised.value.value
    assert "pretrain.tag" in raised.value.remedy


def test_every_difference_is_named():
    with pytest.raises(CheckpointError) as raised:
        check_resumable(tiny_checkpoint(3), {**NOW, "batch_size": 8, "sfreq": 128.0})
    assert raised.value.value == "batch_size: 16 -> 8; sfreq: 256.0 -> 128.0"


def test_what_may_differ_may_differ_with_all_below_it_and_nothing_beside_it():
    now = {**NOW, **encoder(d_model=64)}
    assert check_resumable(tiny_checkpoint(3), now, ignoring=["options.encoder"]) == []
    with pytest.raises(CheckpointError):
        check_resumable(tiny_checkpoint(3), now, ignoring=["options.enc"])


@pytest.mark.parametrize(("key", "value"), [("torch", "1.0"), ("threads", 999), ("device", "cuda")])
def test_another_environment_is_only_said(key, value):
    checkpoint = tiny_checkpoint(3)
    checkpoint.trainer["environment"][key] = value
    (notice,) = check_resumable(checkpoint, NOW, device=torch.device("cpu"))
    assert notice.startswith(f"resumed with {key} ")
    assert notice.endswith(f"instead of {value}: not bit-exact")
