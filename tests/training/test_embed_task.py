import numpy as np
import pytest
import torch

from eeg_kedro.scoring.embedding_quality import QUALITY_METRICS, measure_embeddings
from eeg_kedro.training.embed_job import digest_weights, list_stages
from eeg_kedro.training.embed_task import EmbedTask
from eeg_kedro.training.ranks import Ranks
from tests.training.embed_corpus import make_job, make_pretrained, write_corpus


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("windows"))


def make_task(corpus, pretrained=None, **changes):
    job = make_job(corpus, None, pretrained, **changes)
    stage = list_stages(job.options)[-1]
    return EmbedTask(job, stage, job.about(stage, ""), None, Ranks.single())


def named(task):
    return {group["name"]: sum(p.numel() for p in group["params"]) for group in task.parameter_groups(0.1)}


def test_encoder_and_head_are_groups_of_their_own_and_a_pretrained_encoder_learns_slower(corpus):
    task = make_task(corpus, make_pretrained(), encoder_rate=0.25)
    assert {*named(task)} == {"encoder", "head"}
    assert [task.rate_scale(name, 0) for name in ("encoder", "head")] == [0.25, 1.0]
    assert make_task(corpus).rate_scale("encoder", 0) == 1.0


def test_the_groups_hold_all_that_is_trained_once(corpus):
    task = make_task(corpus, make_pretrained(), unfreeze=1)
    listed = [id(p) for group in task.parameter_groups(0.1) for p in group["params"]]
    trained = [id(p) for p in task.model.parameters() if p.requires_grad]
    assert sorted(listed) == sorted(trained)
    assert len({*listed}) == len(listed)


def test_a_frozen_encoder_is_in_no_group(corpus):
    assert {*named(make_task(corpus, make_pretrained(), unfreeze="none"))} == {"head"}


def test_a_pretrained_encoder_begins_with_its_weights(corpus):
    model = make_pretrained()
    weights = make_task(corpus, model).model.state_dict()
    prefix = "query.embedder.encoder."
    found = {name.removeprefix(prefix): weight for name, weight in weights.items() if name.startswith(prefix)}
    assert digest_weights(found) == digest_weights(model.weights, "encoder.")


def test_the_loss_is_a_sum_over_windows_and_counts_their_tokens(corpus):
    task = make_task(corpus, make_pretrained())
    batch = next(task.batches(0, 0))
    error, count, n_tokens = task.loss(batch)
    assert (int(count), n_tokens) == (12, 12 * 3 * 8)
    assert float(error.detach()) > 0
    assert error.requires_grad


def test_the_encoder_of_the_keys_follows_slowly(corpus):
    task = make_task(corpus, loss__objective="moco", loss__momentum=0.75, loss__queue_size=16)
    query, key = (dict(part.named_parameters()) for part in (task.model.query, task.model.key.network))
    before = {name: weight.clone() for name, weight in key.items()}
    task.loss(next(task.batches(0, 0)))
    with torch.no_grad():
        for weight in query.values():
            weight += 1
    task.after_step(1, 0.0)
    for name, weight in key.items():
        torch.testing.assert_close(weight, 0.75 * before[name] + 0.25 * query[name].detach())


def test_first_weights_come_from_the_seed_and_nothing_else(corpus):
    torch.manual_seed(1)
    state = torch.get_rng_state()
    digests = [digest_weights(make_task(corpus, seed=seed).model.state_dict()) for seed in (0, 0, 1)]
    assert digests[0] == digests[1] != digests[2]
    assert torch.equal(torch.get_rng_state(), state)


def test_what_is_measured_is_the_quality_of_the_unseen_against_training(corpus):
    task = make_task(corpus)
    task.model.eval()
    with torch.no_grad():
        found = task.evaluate()
    own = {role: np.flatnonzero(corpus.table["role"] == role) for role in ("train", "validation")}
    sides = [embed(task, corpus, rows) for rows in own.values()]
    expected = measure_embeddings(*sides[1], sides[0], seed=0)
    assert {name: pair[0] for name, pair in found.items() if name != "loss"} == pytest.approx(
        expected, rel=1e-4
    )
    assert {*found} == {"loss", *QUALITY_METRICS}


def embed(task, corpus, rows):
    """Embed windows by hand: samples over the scale, cut into tokens."""
    samples, valid = corpus.signals.gather(rows)
    tokens = torch.from_numpy(samples / 50).unflatten(-1, (4, 50))
    with torch.no_grad():
        points = task.model.query.embedder(tokens, places(task), torch.from_numpy(valid))
    table = corpus.table.iloc[rows]
    return points.numpy(), (table["category"] != "no_seizure").to_numpy(int), table["participant"].tolist()


def places(task):
    return task._tokens.places


def test_so_many_windows_are_measured_and_no_more(corpus):
    task = make_task(corpus, measured_windows=16)
    read = []
    task._windows.read = lambda rows, epoch=0, given=task._windows.read: (
        read.append(len(rows)),
        given(rows),
    )[1]
    task.model.eval()
    with torch.no_grad():
        task.evaluate()
    assert read == [16, 16]
