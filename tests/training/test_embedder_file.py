import pytest
import torch

from eeg_kedro.errors import CheckpointError
from eeg_kedro.training.checkpoint import CheckpointStore
from eeg_kedro.training.embedder_file import keep_embedder, load_embedder, open_embedder
from eeg_kedro.training.embedding import tidy
from eeg_kedro.training.model_file import save_model
from tests.training.embed_corpus import make_job, make_pretrained, train, write_corpus


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("windows"))


def windows():
    valid = torch.tensor([[True, True, False], [True, False, True]])
    return torch.randn(2, 3, 8, 25, generator=torch.Generator().manual_seed(1)), torch.eye(3), valid


@pytest.mark.parametrize(("pretrained", "length"), [(None, 50), (make_pretrained(), 25)])
def test_a_file_gives_the_embedder_that_was_trained(corpus, tmp_path, pretrained, length):
    _, report = train(make_job(corpus, tmp_path, pretrained, loop__epochs=1))[-1]
    kept = tidy(report.checkpoint)
    save_model(tmp_path / "e.safetensors", kept.best_weights, kept.about)
    embedder, about = open_embedder(tmp_path / "e.safetensors")
    tokens, places, valid = windows()
    tokens = tokens.flatten(2).unflatten(-1, (-1, length))
    trained = load_embedder(kept.best_weights, kept.about)
    with torch.no_grad():
        torch.testing.assert_close(
            embedder(tokens, places, valid), trained(tokens, places, valid), rtol=0, atol=0
        )
    assert (about["token_length"], embedder.training) == (length, False)


def test_what_only_training_needs_is_left_out(corpus, tmp_path):
    job = make_job(corpus, tmp_path, loss__objective="moco", loss__queue_size=16, loop__epochs=1)
    (_, report), *_ = train(job)
    kept = keep_embedder(report.checkpoint.weights)
    assert any(name.startswith("key.") for name in report.checkpoint.weights)
    assert {name.split(".")[0] for name in kept} == {"encoder", "norm", "embedding"}


def test_a_model_of_another_kind_is_refused(tmp_path):
    model = make_pretrained()
    save_model(tmp_path / "p.safetensors", model.weights, model.about)
    with pytest.raises(CheckpointError, match=r"not the weights of an embedder.*kedro run --pipelines=embed"):
        open_embedder(tmp_path / "p.safetensors")


def test_weights_that_lack_something_are_refused(corpus, tmp_path):
    _, report = train(make_job(corpus, tmp_path, loop__epochs=1))[-1]
    weights = keep_embedder(report.checkpoint.weights)
    weights.pop("embedding.weight")
    with pytest.raises(CheckpointError, match=r"without .'embedding.weight'"):
        load_embedder(weights, report.checkpoint.about)


def test_a_checkpoint_on_disk_is_tidied_too(corpus, tmp_path):
    _, report = train(make_job(corpus, tmp_path, loop__epochs=1))[-1]
    store = CheckpointStore(tmp_path)
    store.save(report.checkpoint)
    load_embedder(tidy(store.last("conv_embedder_supcon")).weights, report.checkpoint.about)
