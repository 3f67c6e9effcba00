"""Annotation signals are found whatever they are called, and samples are never taken for them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.io.deidentify import CleaningOptions, write_clean_copy
from eeg_kedro.io.source_file import SourceFile
from tests.raw_edf import edf_bytes, signal, texts


def clean(folder, raw):
    (folder / "a.edf").write_bytes(raw)
    copy = write_clean_copy(SourceFile(str(folder), "a.edf"), folder / "out.edf", CleaningOptions())
    return (folder / "out.edf").read_bytes(), copy


@pytest.mark.parametrize("label", [b"Annotations", b"My annot.", b"EDF-Annotations", b"BDF+ ANNOTATION"])
@pytest.mark.parametrize("reserved", [b"", b"EDF+C"])
def test_annotations_are_known_by_their_label_wherever_it_says_so(tmp_path, label, reserved):
    record = b"+0\x14Harry\x14\0"
    raw = edf_bytes([signal(b"Fp1"), texts() | {"label": label}], reserved=reserved, annotations=[record] * 4)
    raw = raw if b"Annot" in label else raw[: 256 * 3] + (raw[768:1280] + record.ljust(128, b"\0")) * 4
    made, copy = clean(tmp_path, raw)
    assert b"Harry" not in made
    assert copy.changed["annotations_removed"] == 4


@pytest.mark.parametrize("reserved", [b"EDF+C", b"EDF+D"])
@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"+0\x14Harry\x14\0",
        b"+0\x14\x14Harry\x14\0",
        b"+0\x14\x14\0\0+1\x14" + b"Harry".ljust(118) + b"\x14",
    ],
)
def test_annotations_are_found_in_any_record_of_a_plus_file(tmp_path, reserved, first):
    raw = edf_bytes(
        [signal(b"Fp1"), texts()], reserved=reserved, annotations=[first, b"", b"+2\x15\x31\x14Harry\x14\0"]
    )
    made, _ = clean(tmp_path, raw.replace(b"EDF Annotations ", b"Notes           "))
    assert b"Harry" not in made


def test_the_search_for_annotations_goes_beyond_the_first_chunk(tmp_path, monkeypatch):
    monkeypatch.setattr("eeg_kedro.io.edf_places.CHUNK", 2000)
    late = [b""] * 19 + [b"+19\x14Harry\x14\0"]
    raw = edf_bytes([signal(b"Fp1"), texts()], reserved=b"EDF+C", n_records=20, annotations=late)
    made, _ = clean(tmp_path, raw.replace(b"EDF Annotations ", b"Notes           "))
    assert b"Harry" not in made


@given(seed=st.integers(0, 2**32 - 1))
def test_ordinary_samples_of_a_plus_file_are_never_taken_for_annotations(tmp_path_factory, seed):
    folder = tmp_path_factory.mktemp("samples")
    rng = np.random.default_rng(seed)
    raw = edf_bytes(
        [signal(b"Fp1", 8), texts(16)], reserved=b"EDF+C", annotations=[b"+0\x14\x14\0"] * 4, seed=seed
    )
    start = rng.choice(
        [b"+5", b"-1.5\x14", b"+3\x14\x14", b"+0\x14ab\x14"]
    )  # as samples may begin, but go on otherwise
    raw = raw[:768] + (start + rng.integers(21, 256, 16 - len(start), np.uint8).tobytes()) + raw[784:]
    assert clean(folder, raw)[0][768:] == raw[768:]
