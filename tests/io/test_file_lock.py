import pytest

from eeg_kedro.errors import BusyError
from eeg_kedro.io.file_lock import alone, is_locked


def test_a_second_writer_is_refused_until_the_first_is_done(tmp_path):
    part = tmp_path / "a.part"
    with part.open("wb") as first, alone(first, tmp_path / "a"):
        assert is_locked(part)
        with (
            part.open("rb") as second,
            pytest.raises(BusyError, match="a: another run"),
            alone(second, tmp_path / "a"),
        ):
            pass
    assert not is_locked(part)
