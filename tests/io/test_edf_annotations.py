import json
import tracemalloc
from itertools import pairwise

import edfio
import mne
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.errors import AnnotationError, EegError, HeaderError
from eeg_kedro.io.edf_annotations import holds_texts, read_edf_annotations
from eeg_kedro.io.source_file import SourceFile
from tests.raw_edf import edf_bytes, texts

# printable, without the separators; blanks at the ends are the text's own
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=12)
EVENTS = st.lists(
    st.tuples(st.integers(0, 99_999), st.one_of(st.none(), st.integers(0, 99_999)), TEXTS), max_size=12
)


def write_edf(path, lists, bytes_per_record=120, kind="edf", reserved=None):
    """Write one signal between annotation signals; `lists` are the bytes of each record, or of each signal in it."""
    wide = 2 if kind == "edf" else 3
    records = [(raw,) if isinstance(raw, bytes) else raw for raw in lists]
    n_text = len(records[0])
    ordinary = ("EEG C3", "", "uV", "-100", "100", "-32768", "32767", "", "10", "")
    text = (
        f"{kind.upper()} Annotations",
        "",
        "",
        "-1",
        "1",
        "-32768",
        "32767",
        "",
        bytes_per_record // wide,
        "",
    )
    signals = [text, ordinary, *[text] * (n_text - 1)]
    widths = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
    version = b"0       " if kind == "edf" else b"\xffBIOSEMI"
    variant = reserved if reserved is not None else f"{kind.upper()}+C"
    numbers = f"{256 * (n_text + 2):<8}{variant:<44}{len(lists):<8}{1:<8}{n_text + 1:<4}"
    fixed = (
        version
        + b"X X X X".ljust(80)
        + b"Startdate X X X X".ljust(80)
        + b"01.01.8500.00.00"
        + numbers.encode()
    )
    fields = "".join(
        f"{value:<{width}}"
        for width, values in zip(widths, zip(*signals, strict=True), strict=True)
        for value in values
    )
    body = b"".join(
        b"".join(
            [
                first.ljust(bytes_per_record, b"\0"),
                bytes(10 * wide),
                *(raw.ljust(bytes_per_record, b"\0") for raw in more),
            ]
        )
        for first, *more in records
    )
    path.write_bytes(fixed + fields.encode() + body)
    return path


def read(path):
    return list(read_edf_annotations(SourceFile(str(path.parent), path.name)))


def told(path):
    return [(a.onset, a.duration, a.label) for a in read(path)]


def test_onset_duration_and_text_are_read_and_time_keeping_is_none(tmp_path):
    lists = [b"+0\x14\x14\0+0.5\x152.25\x14seizure\x14\0", b"+1\x14\x14\0+1.1\x14Spike\x14\0"]
    assert told(write_edf(tmp_path / "a.edf", lists)) == [(0.5, 2.25, "seizure"), (1.1, 0.0, "Spike")]


def test_several_texts_of_one_list_are_annotations_of_their_own(tmp_path):
    lists = [b"+0\x14\x14Recording starts\x14\0+3\x154\x14sz\x14left\x14\0"]
    assert told(write_edf(tmp_path / "a.edf", lists)) == [
        (0, 0, "Recording starts"),
        (3, 4, "sz"),
        (3, 4, "left"),
    ]


def test_all_annotation_signals_of_all_records_are_read(tmp_path):
    lists = [
        (b"+0.5\x14\x14\0+1\x14a\x14\0", b"+2\x14b\x14\0", b"+3\x14c\x14\0"),
        (b"+1.5\x14\x14\0", b"", b"+4.5\x14d\x14\0"),
    ]
    for kind in ("edf", "bdf"):
        path = write_edf(tmp_path / f"a.{kind}", lists, kind=kind)
        assert told(path) == [(0.5, 0, "a"), (1.5, 0, "b"), (2.5, 0, "c"), (4, 0, "d")]


def test_times_count_from_the_first_sample_not_from_the_second_of_the_header(tmp_path):
    lists = [b"+0.25\x14\x14\0+1.5\x14sz\x14\0+0.1\x14early\x14\0"]
    assert told(write_edf(tmp_path / "a.edf", lists)) == [(1.25, 0, "sz"), (-0.15, 0, "early")]


def test_a_first_list_with_a_text_moves_no_time(tmp_path):
    assert told(write_edf(tmp_path / "a.edf", [b"+5\x151\x14sz\x14\0"])) == [(5, 1, "sz")]


def test_texts_are_utf8_and_else_latin1(tmp_path):
    lists = [b"+0\x14\x14\0+1\x14" + "Übung ☂".encode() + b"\x14\0+2\x14Anf\xe4lle\x14\0"]
    assert [a.label for a in read(write_edf(tmp_path / "a.edf", lists))] == ["Übung ☂", "Anfälle"]


def test_an_annotation_of_one_signal_names_its_channel(tmp_path):
    (one, other) = read(
        write_edf(tmp_path / "a.edf", [b"+0\x14\x14\0+1\x14sz@@EEG C3\x14\0+1\x14mail@@home\x14\0"])
    )
    assert (one.label, one.channel) == ("sz", "EEG C3")
    assert (other.label, other.channel) == ("mail@@home", "")


@pytest.mark.parametrize("padding", [b"", b"\0" * 20, b"  ", b"\0 \0"])
def test_whatever_fills_up_a_record_is_no_annotation(tmp_path, padding):
    lists = [b"+0\x14\x14\0" + padding + b"\0+1\x14sz\x14\0" + padding, padding]
    assert told(write_edf(tmp_path / "a.edf", lists)) == [(1, 0, "sz")]


def test_a_duration_that_was_left_empty_is_none(tmp_path):
    assert told(write_edf(tmp_path / "a.edf", [b"+0\x14\x14\0+1\x15\x14sz\x14\0"])) == [(1, 0, "sz")]


def test_lists_that_fill_their_record_to_the_last_byte_are_read(tmp_path):
    raw = b"+0\x14\x14\0+1\x14spike\x14"
    assert told(write_edf(tmp_path / "a.edf", [raw], len(raw))) == [(1, 0, "spike")]


def test_bdf_and_files_that_do_not_call_themselves_plus_are_read(tmp_path):
    lists = [b"+0\x14\x14\0+1\x14sz\x14\0"]
    assert told(write_edf(tmp_path / "a.bdf", lists, kind="bdf")) == [(1, 0, "sz")]
    assert told(write_edf(tmp_path / "a.edf", lists, reserved="")) == [(1, 0, "sz")]


BROKEN = [
    b"+1\x15",
    b"1s\x14sz\x14",
    b"+1\x15-2\x14sz\x14",
    b"+1\x14cut",
    b"sz",
    b"+1e3\x14sz\x14",
    b"+9999999999\x14sz\x14",
    b"+1\x159999999999\x14sz\x14",
    b"+" + b"1" * 100 + b"\x14sz\x14",
]


def write_hypnogram(path, stated, raw=b"+0\x14\x14\0+1\x14N2\x14\0"):
    """Write annotations only; the header says how long a record is."""
    path.write_bytes(edf_bytes([texts(64)], n_records=1, annotations=[raw], reserved=b"EDF+C", duration=b"0"))
    content = bytearray(path.read_bytes())
    content[256 + 216 : 256 + 224] = stated.ljust(8)
    path.write_bytes(content)
    return path


def test_a_hypnogram_is_read(tmp_path):
    assert told(write_hypnogram(tmp_path / "a.edf", b"64")) == [(1, 0, "N2")]


@pytest.mark.parametrize("stated", [b"1e14", b"99999999", b"65"])
def test_a_hypnogram_whose_header_asks_for_more_than_the_file_holds_is_refused_and_nothing_is_reserved(
    tmp_path, stated
):
    path = write_hypnogram(tmp_path / "a.edf", stated)
    tracemalloc.start()
    try:
        with pytest.raises(HeaderError, match="no complete data record of annotations"):
            read(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1e6


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_list_is_refused_by_its_place_and_without_its_text(tmp_path, broken):
    path = write_edf(
        tmp_path / "a.edf", [b"+0\x14\x14\0", b"+1\x14\x14\0" + broken + b"Jane Doe" * (broken == b"sz")]
    )
    with pytest.raises(AnnotationError, match="annotation list 3, in data record 2") as caught:
        read(path)
    assert "Jane" not in str(caught.value)
    assert caught.value.file == "a.edf"


def test_plain_edf_holds_none_and_nothing_else_of_it_is_read(tmp_path):
    signal = edfio.EdfSignal(np.zeros(100), 10, label="C3", physical_dimension="uV", physical_range=(-1, 1))
    edfio.Edf([signal]).write(tmp_path / "a.edf")
    plain = tmp_path / "plain.edf"
    plain.write_bytes((tmp_path / "a.edf").read_bytes().replace(b"EDF Annotations ", b"EEG C4          "))
    assert not holds_texts(SourceFile(str(tmp_path), "plain.edf"))
    assert read(plain) == []


@settings(max_examples=50)
@given(events=EVENTS, subsecond=st.sampled_from([0, 250_000]))
def test_what_edfio_writes_comes_back(tmp_path_factory, events, subsecond):
    path = tmp_path_factory.getbasetemp() / "written.edf"
    signal = edfio.EdfSignal(np.zeros(100), 10, label="C3", physical_dimension="uV", physical_range=(-1, 1))
    notes = [
        edfio.EdfAnnotation(a / 10_000, None if b is None else b / 10_000, text) for a, b, text in events
    ]
    start = edfio.edf.datetime.time(1, 2, 3, subsecond)
    edfio.Edf([signal], annotations=notes, starttime=start).write(path)
    expected = sorted((note.onset, note.duration or 0.0, note.text) for note in notes)
    assert sorted((round(onset, 9), duration, text) for onset, duration, text in told(path)) == expected


def _real_files(shared_data):
    for folder in ("edf", "iiic_edf", "chbmit_hollow"):
        for name, facts in json.loads((shared_data / folder / "facts.json").read_text())["files"].items():
            yield shared_data / folder / name, facts


def test_real_files_hold_as_many_annotations_as_their_facts_say(shared_data):
    for path, facts in _real_files(shared_data):
        assert len(read(path)) == facts["edfio"]["annotations"], path.name


def test_real_annotations_are_those_of_edfio_and_mne(shared_data):
    for path, _ in _real_files(shared_data):
        read_all = edfio.read_bdf if path.suffix == ".bdf" else edfio.read_edf
        theirs = sorted((a.onset, a.duration or 0.0, a.text) for a in read_all(path).annotations)
        assert sorted(told(path)) == theirs
        found = mne.read_annotations(path)
        rows = zip(found.onset.round(9), found.duration.round(9), found.description.tolist(), strict=True)
        assert sorted(told(path)) == sorted(rows)


def test_a_hypnogram_without_any_signal_is_read_to_its_end(shared_data):
    found = read(shared_data / "edf" / "sleepedf_SC4001EC-Hypnogram.edf")
    assert (found[0].onset, found[-1].offset, len(found)) == (0.0, 86400.0, 154)
    assert all(one.offset == other.onset for one, other in pairwise(found))


@given(raw=st.binary(max_size=120))
def test_any_bytes_in_the_annotation_signal_are_read_or_refused(tmp_path_factory, raw):
    path = write_edf(tmp_path_factory.getbasetemp() / "any.edf", [b"+0\x14\x14\0", raw])
    try:
        assert all(np.isfinite([a.onset, a.duration]).all() and a.label for a in read(path))
    except EegError as error:
        assert error.file == "any.edf"  # noqa: PT017
