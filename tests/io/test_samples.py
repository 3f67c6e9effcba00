import numpy as np
import pytest

from eeg_kedro.errors import ChangedFileError, HeaderError, SignalError
from eeg_kedro.io.edf_samples import EdfSamples
from eeg_kedro.io.samples import open_samples
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.signal.channel_names import clean_channel_name


def test_edf_and_csv_of_one_signal_give_equal_blocks(edf_file, text_file):
    edf = open_samples(edf_file(), "edf", (0, 1), 256.0)
    signal = np.concatenate(list(edf.blocks(1000)), axis=1)
    rows = "\n".join(",".join(repr(float(v)) for v in column) for column in signal.T)
    csv = open_samples(text_file("FP1,FP2\n" + rows), "csv", (0, 1), 256.0, (1.0, 1.0))
    assert csv.n_times == edf.n_times
    assert all(np.array_equal(a, b) for a, b in zip(csv.blocks(300), edf.blocks(300), strict=True))
    np.testing.assert_allclose(csv.extent().limits, edf.extent().limits, rtol=1e-6)


def test_a_rate_other_than_surveyed_is_noticed(edf_file):
    with pytest.raises(ChangedFileError, match="sampling rate"):
        open_samples(edf_file(), "edf", (0,), 200.0)


def test_an_unknown_format_is_refused(edf_file):
    with pytest.raises(SignalError, match="edf, bdf, csv, parquet"):
        open_samples(edf_file(), "xls", (0,), 256.0)


def test_one_unit_scale_per_channel_is_needed(text_file):
    with pytest.raises(SignalError, match="unit scale"):
        open_samples(text_file("Fz,Cz\n1,2\n"), "csv", (0, 1), 256.0, (1.0,))


def test_fingerprint_of_a_table_is_the_hash_of_its_bytes(text_file):
    file = text_file("Fz\n1\n")
    assert open_samples(file, "csv", (0,), 256.0).fingerprint() == file.sha256()


def test_other_channels_than_surveyed_are_noticed(edf_file):
    file = edf_file()
    found = tuple(clean_channel_name(label) for label in EdfSamples(file, (0, 1)).labels)
    assert open_samples(file, "edf", (0, 1), 256.0, (), found).n_times > 0
    with pytest.raises(ChangedFileError, match="channels are not those"):
        open_samples(file, "edf", (0, 1), 256.0, (), found[::-1])


def test_bytes_of_a_damaged_header_are_never_quoted(tmp_path):
    (tmp_path / "x.edf").write_bytes((b"0       " + b"Jane_Doe 13-OCT-1970".ljust(248) + b" " * 600)[8:])
    with pytest.raises(HeaderError) as caught:
        open_samples(SourceFile(str(tmp_path), "x.edf"), "edf", (0,), 256.0)
    assert "Jane" not in str(caught.value)
