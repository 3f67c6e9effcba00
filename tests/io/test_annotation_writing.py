import datetime as dt
import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.errors import ScoringError
from eeg_kedro.io.annotation_csv import read_annotation_csv
from eeg_kedro.io.annotation_tsv import read_annotation_tsv
from eeg_kedro.io.annotation_writing import write_csv_bi, write_hed_score
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.labels.intervals import sample_of
from eeg_kedro.labels.seizure_labels import LabelKind, label_kind

RATES = (200, 250, 256, 400, 500, 512, 1000)
LENGTHS = (1.0, 1.5, 59.99, 3599.99, 3599.996, 86400.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("written")


def read_tsv(text, folder):
    (folder / "a_events.tsv").write_text(text)
    return read_annotation_tsv(SourceFile(str(folder), "a_events.tsv"))


def read_csv_bi(text, folder):
    (folder / "a.csv_bi").write_text(text)
    return read_annotation_csv(SourceFile(str(folder), "a.csv_bi"))


def seizures(found):
    return [a for a in found.annotations if label_kind(a.label) is LabelKind.SEIZURE]


def test_a_hed_score_table_reads_as_szcore_shows_it():
    text = write_hed_score([36.888], [237.2], 3600, [0.987], dt.datetime(2024, 5, 6, 7, 8, 9))
    assert text == (
        "onset\tduration\teventType\tconfidence\tchannels\tdateTime\trecordingDuration\n"
        "36.89\t200.31\tsz\t0.99\tn/a\t2024-05-06 07:08:09\t3600.00\n"
    )


def test_no_seizure_is_one_row_of_background_over_the_file():
    rows = write_hed_score([], [], 61.5).splitlines()
    assert rows[1:] == ["0.00\t61.50\tbckg\tn/a\tn/a\t2000-01-01 00:00:00\t61.50"]


def test_the_columns_are_those_of_the_sample_of_epilepsy2bids(shared_data):
    sample = (shared_data / "szcore" / "epilepsy2bids_sample_events.tsv").read_text().splitlines()
    assert write_hed_score([], [], 10).splitlines()[0] == sample[0]


def test_a_csv_bi_file_fills_the_gaps_with_background():
    assert write_csv_bi([0, 42.2786], [10, 81.776], 1800, "test_001", [math.nan, 0.5], "01_tcp_ar.txt") == (
        "# version = csv_v1.0.0\n"
        "# bname = test_001\n"
        "# duration = 1800.0000 secs\n"
        "# montage_file = 01_tcp_ar.txt\n"
        "#\n"
        "channel,start_time,stop_time,label,confidence\n"
        "TERM,0.0000,10.0000,seiz,1.0000\n"
        "TERM,10.0000,42.2786,bckg,1.0000\n"
        "TERM,42.2786,81.7760,seiz,0.5000\n"
        "TERM,81.7760,1800.0000,bckg,1.0000\n"
    )


def test_a_csv_bi_file_without_seizures_is_background_from_end_to_end():
    assert write_csv_bi([], [], 1, "a").splitlines()[-1] == "TERM,0.0000,1.0000,bckg,1.0000"


@st.composite
def written_events(draw):
    duration = draw(st.one_of(st.sampled_from(LENGTHS), st.floats(1, 86400)))
    edges = draw(st.lists(st.floats(0, 1), min_size=0, max_size=16, unique=True).map(sorted))
    starts, stops = np.array(edges[: len(edges) // 2 * 2]).reshape(-1, 2).T * duration
    there = starts < stops
    return starts[there], stops[there], duration


@given(written_events())
def test_a_hed_score_table_comes_back_to_a_hundredth_of_a_second(folder, events):
    starts, stops, duration = events
    found = read_tsv(write_hed_score(starts, stops, duration), folder)
    assert found.duration == float(f"{duration:.2f}")
    assert_same(seizures(found), starts, stops, 0.005)
    assert all(a.duration > 0 and a.offset <= found.duration + 1e-9 for a in found.annotations)


@given(written_events())
def test_a_csv_bi_file_comes_back_and_covers_the_recording_once(folder, events):
    starts, stops, duration = events
    found = read_csv_bi(write_csv_bi(starts, stops, duration, "a"), folder)
    assert found.duration == float(f"{duration:.4f}")
    assert_same(seizures(found), starts, stops, 0.00005)
    edges = [(a.onset, a.offset) for a in found.annotations]
    assert (edges[0][0], edges[-1][1]) == (0, pytest.approx(found.duration))
    assert all(after[0] == pytest.approx(before[1]) for before, after in pairwise(edges))


def assert_same(found, starts, stops, half):
    """Every event is within the rounding of a written one, and the other way round; short ones get a whole mark."""
    onsets, offsets = np.array([(a.onset, a.offset) for a in found]).reshape(-1, 2).T
    for start, stop in zip(starts, stops, strict=True):
        off = (half if stop - start >= 2 * half else 3 * half) + 1e-9
        assert ((onsets <= start + off) & (offsets >= stop - off)).any()
    for onset, offset in zip(onsets, offsets, strict=True):
        assert np.abs(starts - onset).min() <= 3 * half + 1e-9
        assert np.abs(stops - offset).min() <= 3 * half + 1e-9


@pytest.mark.parametrize("sfreq", RATES)
def test_samples_come_back_from_csv_bi_exactly_at_every_rate(tmp_path, sfreq):
    rng = np.random.default_rng(sfreq)
    edges = np.unique(rng.integers(0, 86400 * sfreq, 200))[: 2 * 99].reshape(-1, 2)
    n_times = 86400 * sfreq
    found = seizures(read_csv_bi(write_csv_bi(*edges.T / sfreq, n_times / sfreq, "a"), tmp_path))
    assert sample_of([a.onset for a in found], sfreq).tolist() == edges[:, 0].tolist()
    assert sample_of([a.offset for a in found], sfreq).tolist() == edges[:, 1].tolist()


@pytest.mark.parametrize("sfreq", RATES)
def test_an_event_at_300_to_330_s_comes_back_there_at_every_rate(tmp_path, sfreq):
    start, stop, n_times = 300 * sfreq, 330 * sfreq, 3600 * sfreq
    text = write_hed_score([start / sfreq], [stop / sfreq], n_times / sfreq)
    (found,) = seizures(read_tsv(text, tmp_path))
    assert (found.onset * sfreq, found.offset * sfreq) == (start, stop)


@pytest.mark.parametrize("sfreq", RATES)
@pytest.mark.parametrize("seconds", [1, 59, 3600, 86400])
def test_any_sample_comes_back_from_hed_score_within_its_hundredth(tmp_path, sfreq, seconds):
    n_times = seconds * sfreq + 1
    start, stop = n_times // 3, n_times // 3 + n_times // 2
    found = read_tsv(write_hed_score([start / sfreq], [stop / sfreq], n_times / sfreq), tmp_path)
    (event,) = found.annotations
    assert abs(event.onset - start / sfreq) <= 0.005 + 1e-9
    assert abs(event.offset - stop / sfreq) <= 0.005 + 1e-9
    assert found.duration == round(n_times / sfreq, 2)


def test_an_event_shorter_than_the_grid_does_not_vanish(tmp_path):
    (event,) = read_tsv(write_hed_score([9.999], [10.0], 10.0), tmp_path).annotations
    assert (event.onset, event.duration) == (9.99, 0.01)


def test_events_that_meet_on_the_grid_are_one_with_the_greater_confidence():
    text = write_hed_score([1.0, 2.001, 5.0], [2.0, 3.0, 6.0], 10, [0.2, 0.7, np.nan])
    table = [line.split("\t")[:4] for line in text.splitlines()[1:]]
    assert table == [["1.00", "2.00", "sz", "0.70"], ["5.00", "1.00", "sz", "n/a"]]


@pytest.mark.parametrize(
    ("starts", "stops", "confidences"),
    [
        ([5], [5], []),
        ([5], [4], []),
        ([-1], [4], []),
        ([5], [11], []),
        ([np.nan], [4], []),
        ([5, 6], [7], []),
        ([1], [2], [0.1, 0.2]),
    ],
)
def test_events_that_cannot_be_are_refused(starts, stops, confidences):
    with pytest.raises(ScoringError, match="events that cannot be written"):
        write_hed_score(starts, stops, 10.0, confidences)


@pytest.mark.parametrize("confidence", [-0.1, 1.1, np.inf])
def test_a_confidence_is_a_share(confidence):
    with pytest.raises(ScoringError, match="no share"):
        write_csv_bi([1], [2], 10.0, "a", [confidence])


@pytest.mark.parametrize("duration", [0.0, 0.004, -1.0, np.nan, np.inf])
def test_a_recording_without_length_is_refused(duration):
    with pytest.raises(ScoringError, match="too short"):
        write_hed_score([], [], duration)


def test_szcores_own_way_of_reading_finds_the_seizures_and_the_length(tmp_path):
    # its loader: pandas, floats, and a dateTime that must parse; its mask: products truncated
    (tmp_path / "a.tsv").write_text(write_hed_score([300, 500.25], [330, 502], 3599.996, [0.5, np.nan]))
    table = pd.read_csv(tmp_path / "a.tsv", delimiter="\t")
    assert [dt.datetime.strptime(text, "%Y-%m-%d %H:%M:%S") for text in table["dateTime"]]
    assert int(table["recordingDuration"][0] * 1) == 3600  # as the reference, printed alike, is read
    ends = table["onset"] + table["duration"]
    assert [(int(a), int(b)) for a, b in zip(table["onset"], ends, strict=True)] == [(300, 330), (500, 502)]
