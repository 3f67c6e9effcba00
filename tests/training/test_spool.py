import json
from types import SimpleNamespace

import pytest

from eeg_kedro.errors import DiskFullError, ParameterError
from eeg_kedro.training.spool import Spool, open_spool, read_error, write_error


def heard(spool):
    return [(message.writer, message.kind, message.payload) for message in spool.poll()]


def test_messages_arrive_once_and_in_order(tmp_path):
    reader, writer = Spool(tmp_path), Spool(tmp_path)
    for number in range(12):
        writer.put("step", {"number": number})
    assert [payload["number"] for *_, payload in heard(reader)] == list(range(12))
    writer.put("done", {})
    assert heard(reader) == [(0, "done", {})]
    assert not list(tmp_path.glob("*.json"))


def test_each_writer_has_its_own_series(tmp_path):
    reader = Spool(tmp_path, n_writers=3)
    for writer in (2, 0):
        Spool(tmp_path, writer).put("hello", {"of": writer})
    assert heard(reader) == [(0, "hello", {"of": 0}), (2, "hello", {"of": 2})]


def test_a_message_that_is_being_written_is_not_heard(tmp_path, monkeypatch):
    reader, writer = Spool(tmp_path), Spool(tmp_path)
    monkeypatch.setattr(
        "pathlib.Path.write_text", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "full"))
    )
    with pytest.raises(DiskFullError):
        writer.put("step", {})
    assert heard(reader) == []
    monkeypatch.undo()
    writer.put("step", {"again": True})
    assert heard(reader) == [(0, "step", {"again": True})]


def test_waiting_messages_of_a_kind_are_counted_until_they_are_taken(tmp_path):
    reader, writer = Spool(tmp_path), Spool(tmp_path)
    for kind in ("report", "step", "report"):
        writer.put(kind, {})
    assert writer.count_waiting("report") == 2
    next(reader.poll())
    assert writer.count_waiting("report") == 1


def test_writers_end_when_asked_and_when_the_reader_has_left(tmp_path):
    with open_spool(tmp_path, 1) as spool:
        writer = Spool(spool.folder)
        assert not writer.is_stopped()
        spool.stop()
        assert writer.is_stopped()
    assert Spool(spool.folder).is_stopped()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_reader_left_is_removed_and_what_a_living_one_uses_is_kept(tmp_path):
    (tmp_path / ".spool-dead").mkdir()
    (tmp_path / ".spool-dead" / "alive").touch()
    with open_spool(tmp_path, 1) as first, open_spool(tmp_path, 1) as second:
        assert sorted(tmp_path.iterdir()) == sorted([first.folder, second.folder])


def test_an_error_keeps_its_class_and_every_part_of_its_sentence():
    error = ParameterError("it is odd", file="a_1", value=3, allowed="even", remedy="add one")
    again = read_error(json.loads(json.dumps(write_error(error))))
    assert type(again) is ParameterError
    assert str(again) == str(error)


def test_a_value_that_json_does_not_know_becomes_text():
    error = ParameterError("it is odd", value=SimpleNamespace(a=1))
    assert read_error(write_error(error)).value == "namespace(a=1)"
