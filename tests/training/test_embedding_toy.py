import pytest

from tests.training.embedding_toy import collapse_step, judge, make_net, make_toy, train_toy

COLLAPSING = {"objective": "triplet", "mining": "batch_hard", "margin": 1.0, "normalize": False}


@pytest.fixture(scope="module")
def toy():
    return make_toy(0)


@pytest.mark.slow  # 600 steps, as in the reference: some five CPU-seconds
def test_the_default_objective_shows_seizures_of_unseen_patients_and_raises_no_alarm(toy):
    net = make_net(0)
    train_toy(toy, net, 600)
    assert judge(toy, net)["label_knn_auroc"] >= 0.90


@pytest.mark.parametrize("seed", range(3))
def test_the_collapse_of_batch_hard_is_seen_within_100_steps(seed):
    step = collapse_step(make_toy(seed), make_net(seed), 100, seed=seed, **COLLAPSING)
    assert step is not None
    assert step <= 100


@pytest.mark.parametrize("options", [{}, {"objective": "triplet"}], ids=["supcon", "semihard"])
def test_the_alarm_is_silent_where_nothing_collapses(toy, options):
    assert collapse_step(toy, make_net(0), 150, **options) is None


def test_a_collapsed_loss_is_its_margin(toy):
    losses = train_toy(toy, make_net(0), 150, alarm=False, **COLLAPSING)
    assert losses[0] > 1.01
    assert losses[-1] == pytest.approx(1.0, abs=1e-2)
