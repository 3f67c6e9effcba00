"""Patients' names, birth dates and hospital ids never reach an artifact, a log or MLflow (issue 7)."""

import base64
import gzip
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eeg_kedro.corpora.clean_copies import deidentify_folder, write_report
from eeg_kedro.corpora.folder_listing import list_folder
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.survey import survey_corpus
from eeg_kedro.errors import EegError
from eeg_kedro.io.deidentify import CleaningOptions, write_clean_copy
from eeg_kedro.io.source_file import SourceFile
from tests.telling_corpus import FREE_TEXT, LABELLED, SECRETS, telling_edf, write_corpus
from tests.telling_scan import Scanner

PROJECT = Path(__file__).resolve().parents[1]
SCANNER = Scanner(SECRETS)
COMMAND = (sys.executable, "-m", "kedro", "run", "--env=test", "--pipelines=process_primary,extract")
PARAMS = (
    "corpus.layout=flat,ingest.max_failed=1.0,ingest.keep_sex=true,ingest.keep_age_band=true,"
    "categorize.window_seconds=10,categorize.stride_seconds=5,inspect.most_pages=1"
)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Run ingest to inspect and extract as a user does, and keep what was printed."""
    root = tmp_path_factory.mktemp("data")
    corpus = write_corpus(root / "01_raw/telling")
    done = subprocess.run(
        [*COMMAND, f"--params=corpus.root={corpus},{PARAMS}"],
        cwd=PROJECT,
        env=os.environ | {"EEG_KEDRO_DATA": str(root), "COLUMNS": "400", "PYTHONWARNINGS": "default"},
        capture_output=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    return root, done.stdout + done.stderr


def test_the_run_has_made_what_there_is_to_scan(run):
    root, said = run
    report = pd.read_parquet(root / "02_intermediate/ingest_report.parquet").set_index("path")
    assert {*report.loc[["p1_1.edf", "p1_2.edf", "p2_1.edf", "p5_1.edf"], "status"]} <= {"taken", "repaired"}
    assert {
        *report.loc[["p3_1.edf", "p3_5.edf", "p3_6.edf", "p4_1.edf", "p4_4.edf", "p5_2.edf"], "status"]
    } == {"refused"}
    assert len([*(root / "03_primary/windows").glob("*.parquet")]) >= 3
    assert len([*(root / "08_reporting").rglob("*.html")]) >= 2
    assert (root / "mlflow/mlflow.db").stat().st_size > 0
    assert b"p3_1.edf" in said


def test_no_secret_is_in_any_artifact(run):
    root, _ = run
    found, n_files = SCANNER.below(root, skip=root / "01_raw")
    assert n_files > 20
    assert found == {}


def test_no_secret_is_in_any_log(run):
    _, said = run
    assert len(said) > 1000
    assert SCANNER.in_bytes(said) == []


def test_sex_and_age_band_are_all_that_came_through(run):
    root, _ = run
    inventory = pd.read_parquet(root / "02_intermediate/inventory.parquet").set_index(["participant", "run"])
    assert tuple(inventory.loc[("p1", "1"), ["sex", "age_band"]]) == ("F", "50-54")


def survey_text(folder):
    survey = survey_corpus(list_folder(folder), "flat", IngestOptions(keep_sex=True, keep_age_band=True))
    return repr([table.to_dict("records") for table in survey.tables]).encode()


@settings(max_examples=100, deadline=None)
@example(at=253, lost=197, put=b"", claimed=4)  # what the electrodes are made of, where labels are looked for
@given(
    at=st.integers(0, 256 * 10),
    lost=st.integers(0, 300),
    put=st.binary(max_size=20) | st.sampled_from([b"", b"0       ", b"8   ", b"\xef\xbf\xbd"]),
    claimed=st.sampled_from([4, -1, 7]),
)
def test_a_header_that_lost_or_gained_bytes_anywhere_tells_nothing(tmp_path_factory, at, lost, put, claimed):
    folder = tmp_path_factory.mktemp("damaged")
    raw = telling_edf(seconds=4, claimed=claimed)
    (folder / "p1_1.edf").write_bytes(raw[:at] + put + raw[at + lost :])
    assert SCANNER.in_bytes(survey_text(folder)) == []


@pytest.mark.parametrize("mode", ["auto", "ignore", "require"])
def test_free_text_among_annotations_of_a_file_tells_nothing(tmp_path, mode):
    (tmp_path / "p1_1.edf").write_bytes(telling_edf(record_texts=LABELLED + FREE_TEXT))
    survey = survey_corpus(list_folder(tmp_path), "flat", IngestOptions(edf_annotations=mode))
    assert SCANNER.in_bytes(repr([table.to_dict("records") for table in survey.tables]).encode()) == []


def test_clean_copies_of_the_corpus_tell_nothing(tmp_path):
    source = write_corpus(tmp_path / "01_raw")
    rows = [*deidentify_folder(source, tmp_path / "out", CleaningOptions(), with_annotations=True)]
    write_report(rows, tmp_path / "out")
    found, n_files = SCANNER.below(tmp_path, skip=tmp_path / "01_raw")
    assert {row.file for row in rows if row.status == "copied"} >= {
        "p1_1.edf",
        "p2_1.edf",
        "p1_1.tsv",
        "p4_1.tsv",
    }
    assert n_files > 10
    assert found == {}


@settings(max_examples=100, deadline=None)
@given(
    at=st.integers(0, 256 * 10),
    lost=st.integers(0, 300),
    put=st.binary(max_size=20) | st.sampled_from([b"", b"0       ", b"9   "]),
    as_text=st.booleans(),
)
def test_a_copy_of_a_damaged_file_tells_nothing_or_is_not_made(tmp_path_factory, at, lost, put, as_text):
    folder = tmp_path_factory.mktemp("damaged")
    raw = telling_edf(seconds=4, record_texts=LABELLED if as_text else b"")
    (folder / "a.edf").write_bytes(raw[:at] + put + raw[at + lost :])
    try:
        write_clean_copy(SourceFile(str(folder), "a.edf"), folder / "out.edf", CleaningOptions())
        left = (folder / "out.edf").read_bytes()
    except EegError as error:
        left = str(error).encode()
    assert SCANNER.in_bytes(left) == []


def plant_parquet_cell(path):
    pq.write_table(pa.table({"a": [1.0] * 3000, "note": ["x", "Harry"] * 1500}), path, compression="zstd")


def plant_parquet_metadata(path):
    packed = pa.Codec("zstd").compress(b"x" * 500 + b'{"patient": "Haagse"}', asbytes=True)
    pq.write_table(pa.table({"a": [1]}).replace_schema_metadata({"eeg": packed}), path)


def plant_sqlite(path):
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE tags (value TEXT)")
        base.execute("INSERT INTO tags VALUES (?)", ["x" * 9000 + "born 02.05.1951"])
    base.close()


PLANTS = {
    "cell.parquet": plant_parquet_cell,
    "metadata.parquet": plant_parquet_metadata,
    "base.db": plant_sqlite,
    "run.log": lambda path: path.write_text("INFO reading the file of HAAGSE"),
    "umlaut.json": lambda path: path.write_text('{"name": "J\\u00fcrgen"}'),
    "latin.txt": lambda path: path.write_bytes("MÜLLER".encode("latin-1")),
    "wide.bin": lambda path: path.write_bytes("..Telemetry03".encode("utf-16-le")),
    "page.html": lambda path: path.write_text("data:text/plain;base64,eHh4IEhhYWdzZV9IYXJyeSB4eHg="),
    "long.html": lambda path: path.write_bytes(base64.b64encode(gzip.compress(os.urandom(900) + b"Harry"))),
    "packed.gz": lambda path: path.write_bytes(gzip.compress(b"PSG-1234/2002")),
    "Haagse.csv": lambda path: path.write_text("the name of the file tells"),
}


@pytest.mark.parametrize("name", PLANTS)
def test_the_scanner_sees_what_is_planted(tmp_path, name):
    PLANTS[name](tmp_path / name)
    found, _ = SCANNER.below(tmp_path, skip=tmp_path / "01_raw")
    assert [*found] == [name]
