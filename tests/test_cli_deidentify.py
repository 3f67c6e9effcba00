import pytest
from click.testing import CliRunner

from eeg_kedro.cli import cli
from tests.raw_edf import edf_bytes, signal

NAMED = b"MCH-0234567 F 02-MAY-1951 Haagse_Harry"


@pytest.fixture
def source(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source/p1_1.edf").write_bytes(edf_bytes([signal(b"Fp1")], NAMED))
    return tmp_path / "source"


def deidentify(source, target, *more):
    return CliRunner().invoke(cli, ["deidentify", f"--source={source}", f"--target={target}", *more])


def test_the_command_copies_prints_a_table_and_writes_a_report(source, tmp_path):
    result = deidentify(source, tmp_path / "out", "--keep-sex")
    assert result.exit_code == 0
    assert "copied         p1_1.edf" in result.output
    assert "1 copied; 0 recordings failed" in result.output
    assert (tmp_path / "out/p1_1.edf").read_bytes()[8:88].strip() == b"X F X X"
    assert (tmp_path / "out/deidentify_report.csv").read_text().count("\n") == 2


def test_a_refused_recording_ends_with_exit_code_1(source, tmp_path):
    (source / "bad.edf").write_bytes(b"Haagse")
    result = deidentify(source, tmp_path / "out")
    assert result.exit_code == 1
    assert "Haagse" not in result.output + (tmp_path / "out/deidentify_report.csv").read_text()
    assert (tmp_path / "out/p1_1.edf").is_file()


@pytest.mark.parametrize("more", [["--rename"], ["--key=k"], ["--with-annotations", "--annotations=none"]])
def test_options_that_belong_together_are_asked_for_together(source, tmp_path, more):
    assert deidentify(source, tmp_path / "out", *more).exit_code == 2
    assert not (tmp_path / "out").exists()


def test_coded_names_and_their_key(source, tmp_path):
    result = deidentify(source, tmp_path / "out", "--rename", f"--key={tmp_path / 'key.csv'}")
    assert result.exit_code == 0
    assert (tmp_path / "out/p0001_0001.edf").is_file()
    assert "p1_1" not in result.output
