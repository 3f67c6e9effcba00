import errno
import json

import pytest

from eeg_kedro.errors import DiskFullError
from eeg_kedro.io.atomic_file import disk_full, read_json, replacing, write_json


def test_the_file_appears_whole_and_leaves_no_part(tmp_path):
    with replacing(tmp_path / "deep" / "a.txt") as part:
        part.write_text("whole")
        assert not (tmp_path / "deep" / "a.txt").exists()
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["a.txt"]


def test_an_error_leaves_the_old_file(tmp_path):
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "a.txt") as part:
        part.write_bytes(b"half" * (1 // 0))
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.txt", "old")]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_a_typed_error_with_free_bytes_and_remedy(tmp_path, number):
    with (
        pytest.raises(DiskFullError, match=r"a\.txt: no room left .* bytes free.*EEG_KEDRO_DATA"),
        replacing(tmp_path / "a.txt"),
    ):
        raise OSError(number, "full")


def test_other_errors_of_the_system_stay_what_they_are(tmp_path):
    with pytest.raises(PermissionError) as caught, replacing(tmp_path / "a.txt"):
        raise PermissionError(errno.EACCES, "no")
    assert caught.value.__cause__ is None


def test_an_error_that_is_its_own_cause_ends_the_search(tmp_path):
    error = PermissionError(errno.EACCES, "no")
    error.__cause__ = error
    assert disk_full(error, tmp_path / "a.txt") is None


def test_a_full_disk_is_seen_through_wrapped_errors(tmp_path):
    try:
        raise OSError(errno.ENOSPC, "full")
    except OSError as cause:
        wrapped = ValueError("failed while saving")
        wrapped.__cause__ = cause
    assert isinstance(disk_full(wrapped, tmp_path / "a"), DiskFullError)
    assert disk_full(ValueError("something else"), tmp_path / "a") is None


def test_a_full_disk_is_seen_when_arrow_meets_it(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pytest.raises(OSError) as raised, pa.OSFile("/dev/full", "wb") as sink:
        pq.write_table(pa.table({"a": list(range(100_000))}), sink)
    assert isinstance(disk_full(raised.value, tmp_path / "a"), DiskFullError)


def test_a_long_name_has_room_for_its_part(tmp_path):
    name = "é" * 120 + ".parquet"
    with replacing(tmp_path / name) as part:
        part.write_text("whole")
    assert (tmp_path / name).exists()


@pytest.mark.parametrize("content", [b"", b'{"a": ', b"\xff\xfe", b"[1]"])
def test_a_damaged_record_reads_as_absent(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    assert read_json(tmp_path / "a.json") is None
    assert read_json(tmp_path / "absent.json") is None


def test_a_record_comes_back(tmp_path):
    write_json(tmp_path / "a.json", {"b": 1, "a": "µ"})
    assert (
        read_json(tmp_path / "a.json") == {"a": "µ", "b": 1} == json.loads((tmp_path / "a.json").read_text())
    )
