import pytest
import torch

from eeg_kedro.training.dropout_draws import own_draws

CPU = torch.device("cpu")


def draw(*key):
    with own_draws(CPU, *key):
        return torch.rand(4).tolist()


def test_a_key_draws_the_same_whatever_was_drawn_before():
    first = draw(0, 7, 1)
    torch.rand(3)
    assert draw(0, 7, 1) == first


@pytest.mark.parametrize("other", [(1, 7, 1), (0, 8, 1), (0, 7, 0), (0, 1, 7)])
def test_seed_step_and_rank_each_matter(other):
    assert draw(*other) != draw(0, 7, 1)


def test_the_draws_of_others_go_on_as_if_nothing_had_been():
    torch.manual_seed(1)
    wanted = torch.rand(2).tolist()
    torch.manual_seed(1)
    draw(0, 0, 0)
    assert torch.rand(2).tolist() == wanted
