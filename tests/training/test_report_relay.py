from types import SimpleNamespace

import pytest
import torch

from eeg_kedro.errors import CheckpointError
from eeg_kedro.training import report_relay
from eeg_kedro.training.checkpoint import Checkpoint
from eeg_kedro.training.report_relay import receive_reports, seldom, send_reports
from eeg_kedro.training.spool import Spool
from eeg_kedro.training.trainer import StepReport, TrainingReport

STEP = StepReport(0, 1, 4, 2, 0.5, 1000.0, 3.0)


def make_report(number):
    trainer = {"progress": {"steps": number, "finished": False, "history": []}}
    checkpoint = Checkpoint("m", {"name": "m"}, {"w": torch.full((3,), number + 0.1)}, None, trainer)
    return TrainingReport(checkpoint, {"validation_loss": 0.25}, number == 1, number == 2, "")


def run(on_step):
    if on_step is not None:
        on_step(STEP)
    yield from map(make_report, range(3))


def test_reports_arrive_whole_and_leave_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(report_relay, "MOST_WAITING", 9)
    steps = []
    send_reports(Spool(tmp_path), True, run)
    received = list(receive_reports(Spool(tmp_path).poll(), tmp_path, steps.append))
    for sent, report in zip(map(make_report, range(3)), received, strict=True):
        assert torch.equal(report.checkpoint.weights["w"], sent.checkpoint.weights["w"])
        assert (report.metrics, report.is_best, report.finished) == (
            sent.metrics,
            sent.is_best,
            sent.finished,
        )
    assert steps == [STEP]
    assert list(tmp_path.iterdir()) == []


def test_only_the_process_that_leads_tells(tmp_path):
    send_reports(Spool(tmp_path), False, run)
    assert list(tmp_path.iterdir()) == []


def test_a_sender_waits_for_a_slow_receiver(tmp_path, monkeypatch):
    reader, waited = Spool(tmp_path), []

    def read_one(_):
        waited.append(len(list(receive_reports([next(reader.poll())], tmp_path, None))))

    monkeypatch.setattr(report_relay, "time", SimpleNamespace(sleep=read_one))
    send_reports(Spool(tmp_path), True, lambda _: run(None))
    assert waited == [1]
    assert len(list(tmp_path.glob("report-*"))) == report_relay.MOST_WAITING


def test_a_checkpoint_that_somebody_removed_is_named(tmp_path):
    send_reports(Spool(tmp_path), True, lambda _: [make_report(0)])
    (tmp_path / "report-000000").rename(tmp_path / "elsewhere")
    with pytest.raises(CheckpointError, match="gone before it was read"):
        list(receive_reports(Spool(tmp_path).poll(), tmp_path, None))


def test_steps_are_told_not_more_often_than_asked_for(monkeypatch):
    told, now = [], iter([5.0, 5.4, 5.9, 6.1, 6.2])
    monkeypatch.setattr(report_relay, "time", SimpleNamespace(monotonic=lambda: next(now)))
    tell = seldom(told.append, seconds=1.0)
    for step in range(5):
        tell(step)
    assert told == [0, 3]
    assert seldom(None) is None
