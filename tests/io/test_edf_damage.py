import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.errors import HeaderError
from eeg_kedro.io import edf_damage
from eeg_kedro.io.edf_header import read_edf_header
from eeg_kedro.io.source_file import SourceFile

HEADER = 3 * 256
MICRO = (2 * 96, b"\xb5V      \xb5V      ")  # the unit of both signals in Latin-1


def as_latin_1(raw):
    return raw.decode("latin-1").encode()


def as_replaced(raw):
    return raw.decode("utf-8", errors="replace").encode()


def as_windows(raw):
    return raw.replace(b"\n", b"\r\n")


def rewritten(file, rewrite):
    file.path.write_bytes(rewrite(file.path.read_bytes()))
    return file


@pytest.mark.parametrize("flaw", [{}, {"n_records": b"-1"}, {"signal_fields": [MICRO]}, {"cut": -500}])
@pytest.mark.parametrize(
    ("rewrite", "how", "remedy"),
    [
        (as_latin_1, "rewritten as UTF-8", "iconv -f UTF-8 -t LATIN1"),
        (as_replaced, "lost to replacement characters", "original"),
        (as_windows, "every byte 10 (a line end) has become 13 10", "binary mode"),
    ],
)
def test_a_file_that_was_copied_as_text_is_refused_saying_how(edf_file, flaw, rewrite, how, remedy):
    with pytest.raises(HeaderError, match="copied as text") as caught:
        read_edf_header(rewritten(edf_file(**flaw), rewrite))
    assert how in caught.value.what
    assert remedy in caught.value.remedy


def test_sizes_are_told(edf_file):
    file = rewritten(edf_file(), as_latin_1)
    with pytest.raises(HeaderError) as caught:
        read_edf_header(file)
    assert caught.value.value == file.stamp()[0]
    assert caught.value.allowed == f"{HEADER + 10 * 1024} bytes by its header"


@pytest.mark.parametrize("flaw", [{"extra": b"junk"}, {"n_records": b"99"}, {"cut": -7}, {"n_records": b"3"}])
def test_a_file_of_another_size_that_is_binary_is_read(edf_file, flaw):
    assert read_edf_header(edf_file(**flaw)).n_records >= 9


@pytest.mark.parametrize("level", [b"\0\0", b"\x0a\x00", b"A\0"])
def test_a_flat_file_with_umlauts_in_its_header_is_no_text(edf_file, level):
    file = edf_file(start="ä".encode("latin-1"), signal_fields=[(32, "µ".encode() * 80)], n_records=b"9")
    raw = file.path.read_bytes()
    file.path.write_bytes(raw[:HEADER] + level * ((len(raw) - HEADER) // 2))
    assert read_edf_header(file).n_records == 10


@pytest.mark.parametrize(
    ("content", "what", "remedy"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n", "git-lfs", "git lfs pull"),
        (b"../.git/annex/objects/xx/yy/SHA256E-s5--0.edf", "git-annex", "git annex get"),
        (b"/annex/objects/SHA256E-s5--0.edf\n", "git-annex", "git annex get"),
        (b"PK\x03\x04" + bytes(400), "ZIP archive", "unpack"),
        (gzip.compress(b"0" * 999, mtime=0), "gzip", "unpack"),
        (b"<!DOCTYPE html><html>404</html>", "web page", "download"),
        (b"\xffBIOSEMI".decode("latin-1").encode() + b" " * 900, "rewritten as UTF-8", "binary mode"),
        (b"\xef\xbf\xbdBIOSEMI" + b" " * 900, "replacement characters", "binary mode"),
        (b"\xef\xbb\xbf0       " + b" " * 900, "byte order mark", "binary mode"),
        (b"", "the file is empty", "copy the file again"),
    ],
)
def test_what_is_no_recording_is_told_from_one(text_file, content, what, remedy):
    with pytest.raises(HeaderError, match=what) as caught:
        read_edf_header(text_file(content, "a.edf"))
    assert remedy in caught.value.remedy


def test_a_long_file_is_looked_at_in_three_places(tmp_path, monkeypatch):
    monkeypatch.setattr(edf_damage, "_PIECE", 64)
    text = "äöü" * 500
    (tmp_path / "a.edf").write_bytes(text.encode())
    file = SourceFile(str(tmp_path), "a.edf")
    with pytest.raises(HeaderError, match="UTF-8"):
        edf_damage.refuse_rewritten(file, 1)  # from the middle of a character
    (tmp_path / "a.edf").write_bytes(text.encode() + b"\xff")
    edf_damage.refuse_rewritten(file, 1)


@settings(max_examples=60, deadline=None)
@given(data=st.binary(min_size=64, max_size=4000))
def test_bytes_are_called_text_only_if_they_are(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("damage")
    (folder / "a.edf").write_bytes(data)
    try:
        edf_damage.refuse_rewritten(SourceFile(str(folder), "a.edf"), 0)
    except HeaderError as error:
        if "UTF-8" in error.what:
            data.strip(bytes(range(0x80, 0x100))).decode("utf-8")
        else:
            assert data[1:].count(b"\n") <= data.count(b"\r\n")
