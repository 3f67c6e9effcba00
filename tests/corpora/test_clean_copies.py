import csv
import os
import stat

import pytest

from eeg_kedro.corpora.clean_copies import (
    REPORT_NAME,
    _copy_table,
    deidentify_folder,
    tell_row,
    write_report,
)
from eeg_kedro.corpora.code_key import CodeKey
from eeg_kedro.corpora.copy_target import CopyTarget
from eeg_kedro.errors import EegError, LayoutError, ParameterError
from eeg_kedro.io.deidentify import CleaningOptions
from eeg_kedro.io.source_file import SourceFile
from tests.raw_edf import edf_bytes, signal, texts

NAMED = b"MCH-0234567 F 02-MAY-1951 Haagse_Harry"


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    for name in ("p1_1.edf", "p1_2.edf", "deep/p2_1.EDF"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(edf_bytes([signal(b"Fp1")], NAMED))
    return folder


def copy(source, target, options=None, **more):
    return [*deidentify_folder(source, target, options or CleaningOptions(), **more)]


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_every_recording_is_copied_to_its_place_and_nothing_else(source, tmp_path):
    (source / "participants.tsv").write_text("Haagse Harry")
    rows = copy(source, tmp_path / "out")
    assert files(tmp_path / "out") == ["deep/p2_1.EDF", "p1_1.edf", "p1_2.edf"]
    assert [(row.file, row.status) for row in rows if row.status != "copied"] == [
        ("participants.tsv", "not copied")
    ]
    assert not any(b"Haagse" in (tmp_path / "out" / name).read_bytes() for name in files(tmp_path / "out"))


def test_one_bad_file_stops_no_other_and_counts_as_failed(source, tmp_path):
    (source / "bad.edf").write_bytes(b"Haagse Harry")
    rows = copy(source, tmp_path / "out")
    assert [row.file for row in rows if row.failed] == ["bad.edf"]
    assert len(files(tmp_path / "out")) == 3
    assert "Haagse" not in str(rows)


def test_packed_recordings_count_as_failed(source, tmp_path):
    (source / "p3.edf.gz").write_bytes(b"")
    assert [row.file for row in copy(source, tmp_path / "out") if row.failed] == ["p3.edf.gz"]


@pytest.mark.parametrize("target", ["source", "source/inside", ""])
def test_source_and_target_must_be_apart(source, tmp_path, target):
    with pytest.raises(LayoutError, match="inside"):
        copy(source, tmp_path / target)
    assert files(source) == ["deep/p2_1.EDF", "p1_1.edf", "p1_2.edf"]


def test_a_target_inside_the_source_is_seen_through_a_link(source, tmp_path):
    (tmp_path / "link").symlink_to(source)
    with pytest.raises(LayoutError):
        copy(source, tmp_path / "link/out")


def test_again_leaves_copies_alone_and_never_trusts_another_file(source, tmp_path):
    copy(source, tmp_path / "out")
    (tmp_path / "out/p1_1.edf").write_bytes((source / "p1_1.edf").read_bytes())
    rows = {row.file: row for row in copy(source, tmp_path / "out")}
    assert rows["p1_2.edf"].status == "already there"
    assert (rows["p1_1.edf"].status, rows["p1_1.edf"].failed) == ("refused", True)
    copy(source, tmp_path / "out", overwrite=True)
    assert b"Haagse" not in (tmp_path / "out/p1_1.edf").read_bytes()


def test_coded_names_keep_recordings_of_a_participant_together(source, tmp_path):
    key = CodeKey(tmp_path / "key.csv")
    rows = copy(source, tmp_path / "out", key=key)
    assert files(tmp_path / "out") == ["p0001_0001.edf", "p0002_0001.edf", "p0002_0002.edf"]
    assert "deep" not in str(rows)
    assert stat.S_IMODE(os.stat(tmp_path / "key.csv").st_mode) == 0o600
    with (tmp_path / "key.csv").open() as stream:
        assert {row["copy"]: row["source"] for row in csv.DictReader(stream)}["p0002_0001.edf"] == "p1_1.edf"


def test_codes_stay_when_recordings_are_added(source, tmp_path):
    copy(source, tmp_path / "out", key=CodeKey(tmp_path / "key.csv"))
    for name in ("a0_1.edf", "p1_0.edf"):
        (source / name).write_bytes(edf_bytes([signal(b"Fp1")], NAMED))
    rows = copy(source, tmp_path / "out", key=CodeKey(tmp_path / "key.csv"))
    assert sorted(row.file for row in rows if row.status == "copied") == ["p0002_0003.edf", "p0003_0001.edf"]


def test_a_key_goes_neither_into_the_target_nor_over_another_file(source, tmp_path):
    with pytest.raises(LayoutError, match="key"):
        copy(source, tmp_path / "out", key=CodeKey(tmp_path / "out/key.csv"))
    (tmp_path / "notes.csv").write_text("mine")
    with pytest.raises(ParameterError, match="no key"):
        CodeKey(tmp_path / "notes.csv")


def test_with_codes_no_name_of_a_file_is_told(source, tmp_path):
    (source / "Haagse.edf").write_bytes(b"broken")
    (source / "Haagse.tsv").write_text("x")
    (source / "letter.haagse").write_text("x")
    rows = copy(source, tmp_path / "out", key=CodeKey(tmp_path / "key.csv"))
    path = write_report(rows, tmp_path / "out")
    assert path.name == REPORT_NAME
    assert "haagse" not in path.read_text().lower()
    assert [row.status for row in rows if row.failed] == ["refused"]


def test_annotation_tables_are_reduced_to_what_is_declared(source, tmp_path):
    (source / "p1_1.tsv").write_text(
        "onset\tduration\teventType\tcomment\n1\t2.5\tsz\tHarry was asleep\n5\t1\tHarry moved\t\n"
    )
    (source / "p1_2.csv").write_text(
        "# Patient: Haagse\nchannel,start_time,stop_time,label,confidence\nFP1-F7,1.5,2,fnsz,0.9\nHarry,3,4,seiz,1\n"
    )
    copy(source, tmp_path / "out", with_annotations=True)
    tsv = (tmp_path / "out/p1_1.tsv").read_text().splitlines()
    assert tsv[1:] == ["1\t2.5\tsz\tn/a\tn/a", "5\t1\tremoved\tn/a\tn/a"]
    rows = (tmp_path / "out/p1_2.csv").read_text().splitlines()
    assert rows[-2:] == ["FP1-F7,1.5,2,fnsz,0.9", "TERM,3,4,seiz,1"]
    assert "Haagse" not in str(rows)


def test_a_table_that_is_no_annotation_is_left_out_without_a_quote(source, tmp_path):
    (source / "p1_1.csv").write_text("onset,duration,label\nHarry,2,seiz\n")
    rows = copy(source, tmp_path / "out", with_annotations=True)
    row = next(row for row in rows if row.file == "p1_1.csv")
    assert row.status == "not copied"
    assert "Harry" not in str(rows)


def test_a_disk_that_cannot_be_written_is_a_refusal(source, tmp_path, monkeypatch):
    def deny(*_args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("eeg_kedro.corpora.clean_copies.write_clean_copy", deny)
    rows = copy(source, tmp_path / "out")
    assert [row.reason for row in rows] == ["cannot be written: Permission denied"] * 3


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(EegError, match="no such folder"):
        copy(tmp_path / "gone", tmp_path / "out")


@pytest.fixture
def linked(source, tmp_path):
    """Make a target one of whose folders is a link into the source."""
    (source / "deep/p2_1.tsv").write_text("onset\tduration\teventType\n1\t2\tsz\n")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/deep").symlink_to(source / "deep")
    return tmp_path / "out"


@pytest.mark.parametrize("overwrite", [True, False])
def test_nothing_is_written_through_a_link_into_the_source(source, linked, overwrite):
    before = {name: (source / name).read_bytes() for name in files(source)}
    rows = {row.file: row for row in copy(source, linked, with_annotations=True, overwrite=overwrite)}
    assert {name: (source / name).read_bytes() for name in files(source)} == before
    assert (rows["deep/p2_1.EDF"].status, rows["deep/p2_1.EDF"].failed) == ("refused", True)
    assert "link" in rows["deep/p2_1.EDF"].reason
    assert rows["p1_1.edf"].status == "copied"


def test_no_table_is_written_through_a_link(source, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    copy(source, tmp_path / "out")
    (source / "deep/p2_1.tsv").write_text("onset\tduration\teventType\n1\t2\tsz\n")
    (tmp_path / "out/deep").rename(tmp_path / "moved")
    (tmp_path / "out/deep").symlink_to(tmp_path / "elsewhere")
    table = SourceFile(str(source), "deep/p2_1.tsv")
    row = _copy_table(
        table, CopyTarget(source, tmp_path / "out"), ("deep/p2_1.EDF",) * 2, CleaningOptions(), overwrite=True
    )
    assert (row.status, files(tmp_path / "elsewhere")) == ("not copied", [])
    assert "link" in row.reason


def test_originals_that_lie_in_the_target_behind_a_link_of_the_source_are_safe(source, tmp_path):
    (tmp_path / "out").mkdir()
    original = edf_bytes([signal(b"Fp1")], NAMED)
    (tmp_path / "out/p1_1.edf").write_bytes(original)
    (source / "p9_1.edf").symlink_to(tmp_path / "out/p1_1.edf")
    with pytest.raises(LayoutError, match="link"):
        copy(source, tmp_path / "out", overwrite=True)
    assert (tmp_path / "out/p1_1.edf").read_bytes() == original


def test_a_copy_made_with_laxer_options_is_refused_not_passed_over(source, tmp_path):
    record = b"+0\x14\x14Harry\x14\0"
    (source / "p1_1.edf").write_bytes(edf_bytes([signal(b"Fp1"), texts()], NAMED, annotations=[record] * 4))
    copy(source, tmp_path / "out", CleaningOptions(keep_texts=("Harry",)))
    rows = {row.file: row for row in copy(source, tmp_path / "out")}
    assert (rows["p1_1.edf"].status, rows["p1_1.edf"].failed) == ("refused", True)
    assert rows["p1_2.edf"].status == "already there"


def test_a_folder_in_the_place_of_a_table_or_a_recording_stops_nothing(source, tmp_path):
    (source / "p1_1.tsv").write_text("onset\tduration\teventType\n1\t2\tsz\n")
    for name in ("p1_1.tsv", "p1_2.edf"):
        (tmp_path / "out" / name).mkdir(parents=True)
    rows = {row.file: row for row in copy(source, tmp_path / "out", with_annotations=True, overwrite=True)}
    assert rows["p1_1.tsv"].status == "not copied"
    assert rows["p1_1.tsv"].reason == "cannot be written: Is a directory"
    assert (rows["p1_2.edf"].status, rows["p1_2.edf"].reason) == (
        "refused",
        "cannot be written: Is a directory",
    )
    assert rows["p1_1.edf"].status == "copied"


def test_an_end_that_could_not_be_checked_is_told(source, tmp_path):
    (source / "p1_1.edf").write_bytes(edf_bytes([signal(b"Fp1")], NAMED, claimed=-1) + b"Harry" * 200)
    rows = {row.file: row for row in copy(source, tmp_path / "out")}
    assert "could not be checked" in rows["p1_1.edf"].reason
    assert "could not be checked" in tell_row(rows["p1_1.edf"])
    assert rows["p1_2.edf"].reason == ""


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"copy,source,participant\n" + b"x" * 200_000, b"copy,source\0\n"]
)
def test_a_key_that_cannot_be_read_is_no_key(tmp_path, content):
    (tmp_path / "key.csv").write_bytes(content)
    with pytest.raises(ParameterError, match="no key"):
        CodeKey(tmp_path / "key.csv")


def test_a_key_that_is_a_folder_is_no_key(tmp_path):
    with pytest.raises(ParameterError, match="no key"):
        CodeKey(tmp_path)
