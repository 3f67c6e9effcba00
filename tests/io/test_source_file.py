import hashlib
import os
import sys

import numpy as np
import pytest

from eeg_kedro.errors import ChangedFileError, SignalError
from eeg_kedro.io.source_file import SourceFile


def test_stamp_is_size_and_modification_time(text_file):
    file = text_file("abc")
    os.utime(file.path, ns=(1, 7))
    assert file.stamp() == (3, 7)


def test_a_missing_file_is_a_typed_error(tmp_path):
    with pytest.raises(SignalError, match=r"sub/b\.edf: the file is gone"):
        SourceFile(str(tmp_path), "sub/b.edf").stamp()


def test_a_folder_is_not_a_source_file(tmp_path):
    (tmp_path / "x.edf").mkdir()
    with pytest.raises(SignalError, match="not a regular file"):
        SourceFile(str(tmp_path), "x.edf").stamp()


@pytest.mark.skipif(sys.platform == "win32", reason="pipes are of POSIX")
def test_a_link_to_a_pipe_is_refused_and_nobody_waits_for_it(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a.edf").symlink_to(tmp_path / "pipe")
    file = SourceFile(str(tmp_path), "a.edf")
    with pytest.raises(SignalError, match="not a regular file"), file.open():
        pass
    with pytest.raises(SignalError, match="not a regular file"):
        file.sha256()


def test_opening_a_missing_file_is_a_typed_error(tmp_path):
    with pytest.raises(SignalError, match="gone"), SourceFile(str(tmp_path), "b.edf").open():
        pass


def test_a_touched_file_is_noticed(text_file):
    file = text_file("abc")
    stamp = file.stamp()
    os.utime(file.path, ns=(1, 1))
    with pytest.raises(ChangedFileError, match="changed while it was read"):
        file.check_unchanged(stamp)


def test_a_file_that_became_shorter_is_noticed(text_file):
    file = text_file("abc")
    with pytest.raises(ChangedFileError, match="shorter"), file.open() as handle:
        file.fill(handle, 1, np.empty(3, np.uint8))


def test_sha256_is_that_of_all_bytes(text_file):
    content = os.urandom(2_500_000)
    assert text_file(content).sha256() == hashlib.sha256(content).hexdigest()
