import itertools

import pytest
import torch
from torch import nn

from eeg_kedro.errors import NonFiniteError, ParameterError
from eeg_kedro.training.checkpoint_files import read_checkpoint, write_checkpoint
from eeg_kedro.training.loop_options import LoopOptions
from eeg_kedro.training.parameter_groups import parameter_groups
from eeg_kedro.training.precision import has_bfloat16
from eeg_kedro.training.schedule import learning_rate
from tests.training.tiny_task import STEPS, TinyTask, digest, train


def test_a_run_resumed_from_any_step_ends_with_the_same_weights(tmp_path):
    whole = train(TinyTask(dropout=0.3), save_steps=1)
    for report in whole:
        folder = tmp_path / str(report.checkpoint.step)
        folder.mkdir()
        write_checkpoint(folder, report.checkpoint)
        resumed = train(TinyTask(dropout=0.3), resume=read_checkpoint(folder), save_steps=4)[-1]
        assert digest(resumed.checkpoint.weights) == digest(whole[-1].checkpoint.weights)
        assert digest(resumed.checkpoint.best_weights) == digest(whole[-1].checkpoint.best_weights)


def test_a_resumed_run_reports_the_same_metrics_but_for_its_speed():
    whole = train(TinyTask(dropout=0.3), save_steps=1)
    resumed = train(TinyTask(dropout=0.3), resume=whole[2].checkpoint)
    wanted, found = (without_clock(run[-1].checkpoint.history) for run in (whole, resumed))
    assert found == wanted


def without_clock(history):
    clock = {"seconds", "tokens_per_second", "peak_memory_megabytes"}
    return [{name: value for name, value in row.items() if name not in clock} for row in history]


def test_to_resume_leaves_the_checkpoint_as_it_was():
    halfway = train(TinyTask(), save_steps=4)[0].checkpoint
    before = halfway.trainer["optimizer"]["state"][0]["exp_avg_sq"].clone()
    ends = [digest(train(TinyTask(), resume=halfway)[-1].checkpoint.weights) for _ in range(2)]
    assert torch.equal(halfway.trainer["optimizer"]["state"][0]["exp_avg_sq"], before)
    assert ends[0] == ends[1]


def test_validation_is_without_dropout_and_without_gradients():
    task, seen = TinyTask(dropout=0.5), []
    task.model.register_forward_hook(lambda net, _, out: seen.append((net.training, out.requires_grad)))
    train(task)
    assert seen == 2 * [*STEPS * [(True, True)], (False, False)]


def test_the_state_of_the_optimiser_decides_how_a_run_goes_on():
    whole = train(TinyTask(), save_steps=1)
    halfway = whole[3].checkpoint
    for state in halfway.trainer["optimizer"]["state"].values():
        state["exp_avg_sq"] *= 4
    resumed = train(TinyTask(), resume=halfway)
    assert digest(resumed[-1].checkpoint.weights) != digest(whole[-1].checkpoint.weights)


def test_a_step_is_that_of_a_plain_loop_with_a_mean_loss():
    task, twin = TinyTask(), TinyTask()
    options = LoopOptions(epochs=1, clip_norm=0.5, weight_decay=0.3)
    optimizer = torch.optim.AdamW(parameter_groups(twin.model, 0.3), lr=1, betas=(0.9, 0.95), fused=False)
    for step, batch in enumerate(twin.batches(0, 0)):
        optimizer.zero_grad()
        error, count, _ = twin.loss(batch)
        (error / count).backward()
        nn.utils.clip_grad_norm_(twin.model.parameters(), 0.5)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, STEPS, options)
        optimizer.step()
    train(task, epochs=1, clip_norm=0.5, weight_decay=0.3)
    for found, wanted in zip(task.model.parameters(), twin.model.parameters(), strict=True):
        torch.testing.assert_close(found, wanted, rtol=0, atol=2e-7)


def test_what_others_draw_changes_nothing_and_their_draws_are_left_alone():
    whole = train(TinyTask(dropout=0.3), save_steps=1)
    torch.manual_seed(5)
    state = torch.get_rng_state()
    again = train(TinyTask(dropout=0.3), save_steps=1)
    assert torch.equal(torch.get_rng_state(), state)
    assert digest(again[-1].checkpoint.weights) == digest(whole[-1].checkpoint.weights)


def test_dropout_differs_from_step_to_step():
    seen = []
    task = TinyTask(dropout=0.5)
    task.model[2].register_forward_hook(lambda *found: seen.append(found[2].detach() == 0))
    train(task, epochs=1)
    training = seen[:STEPS]
    assert not any(torch.equal(a, b) for a, b in itertools.combinations(training, 2))


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_a_loss_that_is_no_number_names_its_batch_and_leaves_the_weights(dropout):
    good = train(TinyTask(dropout), save_steps=1)[7].checkpoint
    task = TinyTask(dropout, poisoned=(1, 2, 4))
    with pytest.raises(NonFiniteError, match=r"epoch 2, step 3.* items 0, 1, 2, 3, 4, 5, 6, 7"):
        train(task)
    assert good.step == STEPS + 2
    assert digest(task.model.state_dict()) == digest(good.weights)


def test_a_gradient_that_is_no_number_names_its_batch():
    task = TinyTask()
    task.loss = lambda batch: (task.model(batch[1] * 0).mul(0).sqrt().sum(), torch.tensor(1), 1)
    with pytest.raises(NonFiniteError, match="items 0"):
        train(task)
    assert digest(task.model.state_dict()) == digest(TinyTask().model.state_dict())


def test_a_validation_loss_that_is_no_number_stops_the_run():
    with pytest.raises(NonFiniteError, match="validation loss of epoch 1"):
        train(TinyTask(validation=[float("nan")]))


def test_it_stops_when_the_validation_loss_gets_no_better():
    reports = train(TinyTask(validation=[3.0, 2.0, 2.0, 2.5, 1.0]), epochs=5, patience=2)
    assert [report.is_best for report in reports] == [True, True, False, False]
    assert (reports[-1].finished, reports[-1].reason) == (True, "no better validation loss for 2 epochs")
    assert not any(report.finished for report in reports[:-1])


def test_without_patience_every_epoch_is_trained():
    reports = train(TinyTask(validation=[1.0, 2.0, 3.0]), epochs=3, patience=0)
    assert [report.reason for report in reports] == ["", "", "all 3 epochs are done"]


def test_the_best_weights_are_those_of_the_best_epoch():
    reports = train(TinyTask(validation=[3.0, 1.0, 2.0]), epochs=3)
    last = reports[-1].checkpoint
    assert digest(last.best_weights) == digest(reports[1].checkpoint.weights) != digest(last.weights)


def test_patience_goes_on_counting_after_a_resume():
    first = train(TinyTask(validation=[1.0, 2.0, 2.0]), epochs=3)
    resumed = train(TinyTask(validation=[2.0, 2.0]), resume=first[1].checkpoint, epochs=3, patience=2)
    assert resumed[0].finished


def test_a_finished_checkpoint_is_reported_once_and_not_trained_on():
    last = train(TinyTask())[-1].checkpoint
    (report,) = train(TinyTask(), resume=last)
    assert (report.finished, report.metrics, report.reason) == (True, None, "all 2 epochs are done")
    assert digest(report.checkpoint.weights) == digest(last.weights)


def test_reports_within_an_epoch_have_no_metrics():
    reports = train(TinyTask(), save_steps=4)
    assert [report.checkpoint.step for report in reports] == [4, 6, 10, 12]
    assert [report.metrics is None for report in reports] == [True, False, True, False]
    assert reports[0].checkpoint.best_weights is None


def test_metrics_tell_losses_rate_norm_speed_and_memory():
    metrics = train(TinyTask())[0].metrics
    assert metrics["validation_zero_loss"] == pytest.approx(7.368421 / 20, rel=1e-5)
    assert metrics["train_loss"] > metrics["validation_loss"] > 0
    assert all(
        metrics[name] > 0 for name in ("lr", "grad_norm", "tokens_per_second", "peak_memory_megabytes")
    )


def test_checkpoints_hold_copies():
    reports = train(TinyTask(), save_steps=1)
    assert len({digest(report.checkpoint.weights) for report in reports}) == 2 * STEPS
    moments = [report.checkpoint.trainer["optimizer"]["state"][0]["exp_avg_sq"] for report in reports]
    assert len({float(moment.sum()) for moment in moments}) == 2 * STEPS


def test_every_step_is_told_with_the_time_left():
    told = []
    train(TinyTask(), on_step=told.append)
    assert [(step.epoch, step.step) for step in told] == [(e, s + 1) for e in (0, 1) for s in range(STEPS)]
    assert told[-1].eta_seconds == 0 < told[0].eta_seconds
    assert all(step.tokens_per_second > 0 and step.loss > 0 for step in told)


def test_too_few_batches_are_no_short_epoch():
    task = TinyTask()
    task.steps_per_epoch = STEPS + 1
    with pytest.raises(ValueError, match="zip"):
        train(task)


def test_bfloat16_is_close_to_float32():
    if not has_bfloat16(torch.device("cpu")):
        with pytest.raises(ParameterError):
            train(TinyTask(), precision="bfloat16")
        return
    half, full = (train(TinyTask(), precision=kind)[-1] for kind in ("bfloat16", "float32"))
    assert half.metrics["train_loss"] == pytest.approx(full.metrics["train_loss"], rel=0.01)
    assert digest(half.checkpoint.weights) != digest(full.checkpoint.weights)
    assert {tensor.dtype for tensor in half.checkpoint.weights.values()} == {torch.float32}
