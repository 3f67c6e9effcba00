from pathlib import Path

import edfio
import numpy as np
import pytest

from eeg_kedro.io.source_file import SourceFile

LABELS = ("EEG FP1-REF", "EEG FP2-REF")
# where the flaws of real files sit: offset and width in the fixed part of the header
FIELDS = {
    "version": (0, 8),
    "start": (168, 16),
    "header_bytes": (184, 8),
    "reserved": (192, 44),
    "n_records": (236, 8),
    "record_duration": (244, 8),
    "n_signals": (252, 4),
}


@pytest.fixture
def edf_file(tmp_path):
    """Write two channels of 10 s at 256 Hz, then overwrite header fields by name."""

    def write(cut=None, extra=b"", signal_fields=(), **fields):
        rng = np.random.default_rng(0)
        signals = [
            edfio.EdfSignal(row, 256, label=label, physical_dimension="uV", physical_range=(-200, 200))
            for label, row in zip(LABELS, rng.normal(0, 30, (2, 2560)).clip(-200, 200), strict=True)
        ]
        path = tmp_path / "a.edf"
        edfio.Edf(signals).write(path)
        raw = bytearray(path.read_bytes())
        for name, value in fields.items():
            offset, width = FIELDS[name]
            raw[offset : offset + width] = value.ljust(width, b" ")
        for offset, value in signal_fields:
            raw[256 + offset : 256 + offset + len(value)] = value
        path.write_bytes(bytes(raw[:cut]) + extra)
        return SourceFile(str(tmp_path), "a.edf")

    return write


@pytest.fixture
def text_file(tmp_path):
    """Write bytes or text to a file of the corpus."""

    def write(content, name="a.csv"):
        raw = content.encode() if isinstance(content, str) else content
        (tmp_path / name).write_bytes(raw)
        return SourceFile(str(tmp_path), name)

    return write


@pytest.fixture
def real_file(shared_data):
    """Find a real recording by its path below the shared data."""
    return lambda relative: SourceFile(str(Path(shared_data)), relative)
