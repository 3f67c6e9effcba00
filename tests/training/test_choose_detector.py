import pytest

from eeg_kedro.errors import CheckpointError
from eeg_kedro.training.checkpoint import CheckpointStore
from eeg_kedro.training.choose_detector import choose_best_seed, find_checkpoint
from tests.training.finetune_corpus import make_finetune_options
from tests.training.tiny_checkpoints import tiny_checkpoint


@pytest.fixture
def store(tmp_path):
    return CheckpointStore(tmp_path)


def put(store, seed, loss, name="m_finetuned"):
    checkpoint = tiny_checkpoint(1, f"{name}_s{seed}")
    checkpoint.about.update(seed=seed, name=checkpoint.name)
    checkpoint.trainer["progress"]["best"] = loss
    store.save(checkpoint)


def choose(store, **changes):
    return choose_best_seed(store, make_finetune_options(seeds=[0, 1, 2], **changes), "m")


def test_the_seed_with_the_smallest_validation_loss_is_the_detector(store):
    for seed, loss in enumerate((0.3, 0.1, 0.2)):
        put(store, seed, loss)
    chosen = choose(store)
    assert (chosen.name, chosen.about["name"], chosen.about["seed"]) == ("m_finetuned", "m_finetuned", 1)


def test_where_nobody_validated_it_is_the_first(store):
    for seed in range(3):
        put(store, seed, float("inf"))
    assert choose(store).about["seed"] == 0


def test_without_the_pretrained_network_it_is_the_next_best(store):
    for seed in range(3):
        put(store, seed, 0.1, "eegnet_two")
    assert choose(store, models=["eegnet"], tag="two").name == "eegnet_two"


def test_a_seed_that_was_not_trained_is_named(store):
    put(store, 0, 0.1)
    with pytest.raises(CheckpointError, match=r"m_finetuned_s1: no checkpoint.*allowed: m_finetuned_s0"):
        choose(store)
    with pytest.raises(CheckpointError, match="--pipelines=finetune"):
        find_checkpoint(store, "other")
