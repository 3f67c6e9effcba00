import json
import socket

import pytest
import torch
from torch import multiprocessing

from tests.training import two_ranks
from tests.training.tiny_task import TinyTask, train


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where two processes have written what they trained."""
    folder = tmp_path_factory.mktemp("two_ranks")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    multiprocessing.spawn(two_ranks.work, (port, str(folder)), nprocs=2)
    return folder


@pytest.fixture
def found(folder):
    return [json.loads((folder / f"found{rank}.json").read_text()) for rank in range(2)]


def test_two_processes_train_what_one_does(folder, found):
    alone = train(TinyTask(), epochs=4)[-1].checkpoint
    for rank in range(2):
        weights = torch.load(folder / f"weights{rank}.pt", weights_only=True)
        for name, tensor in alone.weights.items():
            torch.testing.assert_close(weights[name], tensor, rtol=0, atol=1e-6)
        losses = [row["validation_loss"] for row in alone.history]
        assert found[rank]["losses"] == pytest.approx(losses, rel=1e-6)


def test_two_processes_resumed_from_any_step_end_with_the_same_weights(found):
    ends = {*found[0]["resumed"], *found[1]["resumed"]}
    assert len(found[0]["resumed"]) == 13
    assert len(ends) == 1


def test_every_process_names_the_batch_that_is_no_number(found):
    assert "items 1, 3, 5, 7 " in found[0]["error"] + " "
    assert "items 0" not in found[0]["error"]
    assert found[0]["error"] == found[1]["error"]


def test_processes_draw_their_own_dropout(found):
    assert found[0]["draws"] != found[1]["draws"]
