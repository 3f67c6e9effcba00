import torch

from eeg_kedro.training.ranks import Ranks


def test_alone_every_exchange_gives_back_what_it_got():
    ranks, flat = Ranks.single(), torch.tensor([1.0, 2.0])
    assert ranks.sum_(flat) is flat
    assert flat.tolist() == [1.0, 2.0]
    assert ranks.gather_text("me") == ["me"]
    assert ranks.leads
    ranks.barrier()


def test_without_variables_a_process_is_alone():
    assert Ranks.from_environment(environment={}) == Ranks.single()


def test_torchrun_tells_who_this_is():
    told = {"RANK": "5", "WORLD_SIZE": "8", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "4"}
    ranks = Ranks.from_environment("cuda", told)
    assert (ranks.rank, ranks.world_size, ranks.local_world_size) == (5, 8, 4)
    assert ranks.device == torch.device("cuda:1")
    assert not ranks.leads
