import json
import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.errors import AnnotationError
from eeg_kedro.io.annotation_tsv import read_annotation_tsv
from eeg_kedro.io.source_file import SourceFile

ROWS = st.sampled_from(list('0123456789.,;-+einf#"\n\r\t \0szbckglabelonsetduration_'))


def _read(root, relative):
    return read_annotation_tsv(SourceFile(str(root), relative))


def test_a_byte_order_mark_does_not_hide_the_onset(shared_data):
    found = _read(shared_data / "chbmit" / "bids", "sub-chb01/eeg/sub-chb01_task-rest_run-3_events.tsv")
    assert [(a.onset, a.offset, a.label) for a in found.annotations] == [(2996.0, 3036.0, "seizure")]


def test_szcore_confidences_are_numbers_or_nan(shared_data):
    found = _read(shared_data / "szcore", "epilepsy2bids_sample_events.tsv")
    assert [a.onset for a in found.annotations] == [36.89, 304.56, 1023.45]
    confidence = [a.confidence for a in found.annotations]
    assert confidence[0] == 1
    assert math.isnan(confidence[1])
    assert confidence[2] == 0
    assert found.duration == 3600


def test_every_seizeit2_table_reads_as_pandas_reads_it(shared_data):
    for path in sorted((shared_data / "seizeit2").rglob("*_events.tsv")):
        table = pd.read_csv(path, sep="\t")
        found = _read(shared_data, path.relative_to(shared_data).as_posix())
        assert [a.onset for a in found.annotations] == table["onset"].tolist()
        assert [a.label for a in found.annotations] == table["eventType"].tolist()
        assert found.duration == table["recordingDuration"][0]


def test_the_bids_events_equal_the_table_of_all_seizures(shared_data):
    seizures = pd.read_csv(shared_data / "chbmit" / "seizures.csv")
    for row in seizures.itertuples():
        name = f"sub-{row.patient}/eeg/sub-{row.patient}_task-rest_run-{row.run}_events.tsv"
        found = _read(shared_data / "chbmit" / "bids", name).annotations
        assert (row.onset_s, row.duration_s) in [(a.onset, a.duration) for a in found]


def test_a_header_alone_says_somebody_looked(tmp_path):
    (tmp_path / "a.tsv").write_text("onset\tduration\ttrial_type\r\n\r\n")
    assert _read(tmp_path, "a.tsv").annotations == ()


def test_commas_instead_of_tabs_are_refused(tmp_path):
    (tmp_path / "a.tsv").write_text("onset,duration,trial_type\n1,2,sz\n")
    with pytest.raises(AnnotationError, match="tabs"):
        _read(tmp_path, "a.tsv")


def test_an_empty_file_is_called_empty(tmp_path):
    (tmp_path / "a.tsv").write_bytes(b"")
    with pytest.raises(AnnotationError, match="the file is empty"):
        _read(tmp_path, "a.tsv")


def test_cells_in_quotes_are_read_and_a_single_quote_is_text(tmp_path):
    (tmp_path / "a.tsv").write_text(
        'onset\tduration\tlabel\tnote\n"1.5"\t2\t"sz"\t"he said\n3\t1\tsz\t5" away\n'
    )
    assert [(a.onset, a.label) for a in _read(tmp_path, "a.tsv").annotations] == [(1.5, "sz"), (3, "sz")]


def test_a_column_that_is_there_twice_is_refused(tmp_path):
    (tmp_path / "a.tsv").write_text("onset\tonset\tduration\tlabel\n1\t2\t1\tsz\n")
    with pytest.raises(AnnotationError, match="two columns of one name"):
        _read(tmp_path, "a.tsv")


def test_a_negative_duration_is_left_to_a_caller_who_mends_it(tmp_path):
    (tmp_path / "a.tsv").write_text("onset\tduration\tlabel\n5\t-2\tsz\n")
    with pytest.raises(AnnotationError, match="negative duration in line 2"):
        _read(tmp_path, "a.tsv")
    (found,) = read_annotation_tsv(SourceFile(str(tmp_path), "a.tsv"), keep_negative=True).annotations
    assert (found.onset, found.duration) == (5, -2)


@given(content=st.one_of(st.binary(max_size=300), st.text(ROWS, max_size=300).map(str.encode)))
def test_any_bytes_are_read_or_refused(tmp_path_factory, content):
    folder = tmp_path_factory.getbasetemp()
    (folder / "any.tsv").write_bytes(content)
    try:
        _read(folder, "any.tsv")
    except AnnotationError as error:
        assert error.file == "any.tsv"  # noqa: PT017


def test_expected_example_is_what_the_events_say(shared_data):
    expected = json.loads((shared_data / "chbmit" / "expected_example.json").read_text())["example_chb01_03"]
    found = _read(shared_data / "chbmit" / "bids", "sub-chb01/eeg/sub-chb01_task-rest_run-3_events.tsv")
    assert [[a.onset, a.offset] for a in found.annotations] == expected["seizures"]
