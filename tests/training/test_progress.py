import math

from eeg_kedro.training.progress import Progress


def test_what_an_epoch_has_come_to_is_weighted_by_what_each_step_held():
    progress = Progress(epoch_seconds=2.0)
    progress.count_step(loss_sum=10.0, loss_count=5, tokens=30, norm=1.0)
    progress.count_step(loss_sum=0.0, loss_count=15, tokens=10, norm=3.0)
    metrics = progress.epoch_metrics()
    assert (metrics["train_loss"], metrics["grad_norm"], metrics["tokens_per_second"]) == (0.5, 2.0, 20.0)
    assert (progress.step, progress.steps, progress.tokens) == (2, 2, 40)


def test_a_closed_epoch_leaves_nothing_to_the_next():
    progress = Progress(step=3, steps=3, loss_sum=1.0, epoch_tokens=5.0, epoch_seconds=1.0)
    assert progress.close_epoch({"validation_loss": 0.5})
    fresh = Progress(epoch=1, steps=3, best=0.5, history=progress.history)
    assert progress == fresh
    assert progress.history == [{"validation_loss": 0.5, "epoch": 0, "step": 3, "is_best": True}]


def test_an_equal_loss_is_no_better_one():
    progress = Progress(best=0.5)
    assert not progress.close_epoch({"validation_loss": 0.5})
    assert progress.waited == 1


def test_it_is_a_dict_of_its_own_and_back():
    progress = Progress(epoch=2, history=[{"epoch": 0}])
    values = progress.as_dict()
    twin = Progress.from_dict(values)
    assert twin == progress
    values["history"][0]["epoch"] = 9
    assert (twin, progress.best) == (progress, math.inf)


def test_an_empty_epoch_divides_by_nothing():
    assert Progress().epoch_metrics()["train_loss"] == 0
