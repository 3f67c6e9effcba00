import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from eeg_kedro.errors import BusyError, CheckpointError, NonFiniteError, ParameterError, StaleError
from eeg_kedro.training import pretraining
from eeg_kedro.training.checkpoint import CheckpointStore
from eeg_kedro.training.gates.gate_table import measure_gates
from eeg_kedro.training.model_file import load_model
from eeg_kedro.training.pretraining import find_last, measure_pretrained, pretrain
from tests.training.pretrain_corpus import digest, make_job, write_corpus
from tests.written_windows import make_samples, write_run

TORCHRUN = """
from pathlib import Path
import os
from eeg_kedro.training.model_file import save_model
from eeg_kedro.training.pretraining import pretrain
from tests.training.pretrain_corpus import make_job
from eeg_kedro.sampling.windows.window_files import list_window_files
files = list_window_files({windows!r}, None)
for report in pretrain(make_job(files, Path({store!r}), loop__epochs=1)):
    pass
save_model(Path({out!r}, os.environ["RANK"]), report.checkpoint.weights, {{}})
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("windows"))


def run(job, **callbacks):
    return list(pretrain(job, **callbacks))


def resumed(job, report):
    """Train on from a report that was saved."""
    CheckpointStore(job.store_folder).save(report.checkpoint)
    return run(job)[-1].checkpoint


def test_from_whatever_step_it_goes_on_the_weights_are_the_same_to_the_bit(files, tmp_path):
    whole = run(make_job(files, tmp_path / "whole", loop__save_steps=1, encoder__dropout=0.1))
    expected = digest(whole[-1].checkpoint.weights)
    assert [report.checkpoint.step for report in whole] == list(range(1, 9))
    for report in whole[:-1]:
        job = make_job(files, tmp_path / str(report.checkpoint.step), encoder__dropout=0.1)
        last = resumed(job, report)
        assert digest(last.weights) == expected
        assert digest(last.best_weights) == digest(whole[-1].checkpoint.best_weights)


@pytest.fixture(scope="module")
def by_two(files, tmp_path_factory):
    """Reports, steps and notices of a training in two processes."""
    folder, steps, notices = tmp_path_factory.mktemp("two"), [], []
    job = make_job(files, folder, nproc=2, loop__save_steps=3)
    return run(job, on_step=steps.append, on_notice=notices.append), steps, notices, folder


def test_two_processes_learn_what_one_does(files, tmp_path, by_two):
    one = run(make_job(files, tmp_path, loop__save_steps=3))
    for single, double in zip(one, by_two[0], strict=True):
        assert (single.is_best, single.finished) == (double.is_best, double.finished)
        for name, weight in single.checkpoint.weights.items():
            torch.testing.assert_close(weight, double.checkpoint.weights[name], rtol=0, atol=1e-6)


def test_two_processes_tell_where_they_are_and_leave_nothing_behind(by_two):
    _, steps, notices, folder = by_two
    assert (steps[0].epochs, steps[0].steps_per_epoch) == (2, 4)
    assert "in 2 processes on cpu, CPU threads of each: 1" in notices[0]
    assert "computed by torch" in notices[1]
    assert [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith("lock")] == []


def test_two_processes_go_on_within_an_epoch_to_the_bit(files, tmp_path, by_two):
    whole = by_two[0]
    assert whole[0].metrics is None
    last = resumed(make_job(files, tmp_path, nproc=2, loop__save_steps=3), whole[0])
    assert digest(last.weights) == digest(whole[-1].checkpoint.weights)


def test_processes_of_torchrun_train_in_place_and_alike(files, tmp_path):
    script, out = tmp_path / "train.py", tmp_path / "out"
    out.mkdir()
    windows = next(iter(files.values())).parent
    script.write_text(TORCHRUN.format(windows=str(windows), store=str(tmp_path / "store"), out=str(out)))
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2", script]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run(command, check=True, capture_output=True, env=environment)
    one = run(make_job(files, tmp_path / "one", loop__epochs=1))[-1].checkpoint.weights
    for rank in "01":
        torch.testing.assert_close(load_model(out / rank)[0], one, rtol=0, atol=1e-6)


def test_a_finished_training_is_handed_out_again_and_not_trained(files, tmp_path):
    notices, job = [], make_job(files, tmp_path, loop__epochs=1)
    (report,) = run(job)
    CheckpointStore(tmp_path).save(report.checkpoint)
    (again,) = run(job, on_notice=notices.append)
    assert digest(again.checkpoint.weights) == digest(report.checkpoint.weights)
    assert (again.finished, again.metrics) == (True, None)
    assert notices == ["mamba2_eeg_d16_l2_m50_mae is trained already: all 1 epochs are done"]


def test_it_starts_over_where_it_is_told_to(files, tmp_path):
    first = run(make_job(files, tmp_path))
    CheckpointStore(tmp_path).save(first[-1].checkpoint)
    again = run(make_job(files, tmp_path, resume="never"))
    assert [report.checkpoint.step for report in again] == [4, 8]
    assert digest(again[0].checkpoint.weights) == digest(first[0].checkpoint.weights)


def test_another_configuration_is_refused_before_anything_is_trained(files, tmp_path):
    CheckpointStore(tmp_path).save(run(make_job(files, tmp_path))[0].checkpoint)
    with pytest.raises(CheckpointError, match=r"options.loop.lr: 0.001 -> 0.02"):
        next(pretrain(make_job(files, tmp_path, loop__lr=0.02)))


def test_a_batch_that_cannot_be_shared_is_refused(files, tmp_path):
    with pytest.raises(ParameterError, match=r"batch_size=6, 4 processes"):
        next(pretrain(make_job(files, tmp_path, nproc=4)))


def test_windows_that_were_cut_again_are_refused(files, tmp_path):
    files = write_corpus(tmp_path)
    job = make_job(files, tmp_path / "store")
    write_run(tmp_path, ("b", "1"), make_samples(1234))
    with pytest.raises(StaleError):
        next(pretrain(job))


def test_a_loss_that_is_no_number_names_the_recordings(files, tmp_path):
    job = make_job(files, tmp_path, scale={"microvolts": 1e-30})
    with pytest.raises(NonFiniteError, match=r"epoch 1, step 1: .* on .*[ab]_1 (C3|FZ|O1)"):
        run(job)


def test_machines_that_do_not_see_one_folder_are_told(files, tmp_path, monkeypatch):
    monkeypatch.setattr(pretraining.Ranks, "gather_text", lambda *_: ["8", "none"])
    with pytest.raises(CheckpointError, match=r"steps 8, none, by rank.*EEG_KEDRO_DATA"):
        find_last(make_job(files, tmp_path), 2, print)


def test_threads_are_those_asked_for_while_it_trains_and_as_before_afterwards(files, tmp_path):
    before = torch.get_num_threads()
    reports = pretrain(make_job(files, tmp_path, loop__threads=before + 1, loop__epochs=1))
    assert next(reports).checkpoint.trainer["environment"]["threads"] == before + 1
    reports.close()
    assert torch.get_num_threads() == before


def test_a_second_training_of_a_name_waits_its_turn(files, tmp_path):
    first = pretrain(make_job(files, tmp_path))
    next(first)
    with pytest.raises(BusyError, match="mamba2_eeg_d16_l2_m50_mae: another run is writing"):
        run(make_job(files, tmp_path))
    first.close()
    assert run(make_job(files, tmp_path, tag="other"))


@pytest.mark.parametrize(
    ("changes", "named"),
    [({"encoder__direction": "causal"}, "direction: 'alternate' -> 'causal'"), ({"tag": "b"}, "name: ")],
)
def test_gates_are_not_measured_of_another_model(files, tmp_path, changes, named):
    job = make_job(files, tmp_path, loop__epochs=1)
    checkpoint = run(job)[-1].checkpoint
    other = make_job(files, tmp_path, **changes)
    with pytest.raises(CheckpointError, match=named):
        measure_pretrained(checkpoint, job.plan, files, other.options)


def test_gates_are_measured_of_the_best_weights(files, tmp_path, monkeypatch):
    job, seen = make_job(files, tmp_path, gates={"control_steps": 1}), []
    checkpoint = run(job)[-1].checkpoint
    monkeypatch.setattr(
        pretraining,
        "measure_gates",
        lambda model, *rest, **options: (
            seen.append(digest(model.state_dict())) or measure_gates(model, *rest, **options)
        ),
    )
    gates, examples, metrics = measure_pretrained(checkpoint, job.plan, files, job.options)
    assert seen == [digest(checkpoint.best_weights)]
    assert metrics["masked_loss"] == pytest.approx(
        min(row["validation_loss"] for row in checkpoint.history), rel=1e-5
    )
    assert {*json.loads(json.dumps(metrics))} <= {*gates["gate"]}
    assert len(examples)
