import json
import time
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eeg_kedro.corpora.folder_listing import list_folder
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.raw_signal import plan_opening
from eeg_kedro.corpora.survey import survey_corpus
from eeg_kedro.errors import EegError, LayoutError
from eeg_kedro.io.openbci_text import open_openbci, read_openbci_header
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.window_parquet import WindowOptions, write_windows
from eeg_kedro.signal.cleaning import CleanOptions, clean_recording
from tests.corpora.headset_files import MUSE_HEADER, Board, muse_row

NAME = "OpenBCI-RAW-p_1.txt"
NAMES = [f"EXG CHANNEL {k}" for k in range(8)]


def read(root, row):
    return np.concatenate(list(plan_opening(str(root), row)().blocks(333)), axis=1)


def only(survey):
    (row,) = survey.inventory.to_dict("records")
    return row


@pytest.mark.parametrize(
    "write",
    [Board.new, Board.old, Board.oldest, lambda board: board.new(names=False)],
    ids=["new", "old", "oldest", "new without names"],
)
def test_both_generations_are_read_alike(corpus, write):
    board = Board()
    corpus.text(NAME, write(board))
    survey = corpus.survey()
    row = only(survey)
    assert (survey.layout, row["source_format"], row["sfreq"], row["n_times"]) == (
        "openbci",
        "openbci",
        250,
        2000,
    )
    assert (row["ch_names"], row["montage"], row["unit_scales"]) == (NAMES, "unknown", [1.0] * 8)
    assert np.array_equal(read(corpus.root, row), board.values.T.astype(np.float32))


@pytest.mark.parametrize(("n_channels", "sfreq", "step"), [(4, 200, 1), (16, 125, 2), (8, 1000, 1)])
def test_other_boards_have_other_channels_and_rates(corpus, n_channels, sfreq, step):
    board = Board(1000, n_channels, sfreq, index=np.arange(1000) * step % 256)
    corpus.text(NAME, board.old())
    row = only(corpus.survey())
    assert (len(row["ch_names"]), row["sfreq"], row["n_times"]) == (n_channels, sfreq, 1000)


def test_columns_that_are_no_channels_are_named(corpus):
    corpus.text(NAME, Board().new())
    assert only(corpus.survey())["other_channels"] == [
        "Accel Channel 0: not EEG",
        "Other: not EEG",
        "Marker Channel: not EEG",
    ]


def test_channels_get_the_names_the_user_gives(corpus):
    corpus.text(NAME, Board(n_channels=4, index=np.arange(2000) % 201, sfreq=200).old())
    names = {f"EXG Channel {k}": name for k, name in enumerate(["Fp1", "Fp2", "O1", "O2"])}
    row = only(corpus.survey(channel_names=names))
    assert (row["ch_names"], row["montage"]) == (["FP1", "O1", "FP2", "O2"], "referential")
    assert read(corpus.root, row).shape == (4, 2000)


def test_a_sidecar_may_name_the_channels_too(corpus):
    corpus.text(NAME, Board(n_channels=4, index=np.arange(2000) % 201, sfreq=200).old())
    corpus.text(NAME.replace(".txt", ".json"), json.dumps({"ch_names": ["Fp1", "Fp2", "O1", "O2"]}))
    assert only(corpus.survey())["ch_names"] == ["FP1", "O1", "FP2", "O2"]


@pytest.mark.parametrize("write", [Board.new, Board.old])
def test_lost_samples_are_missing_values_and_nothing_is_shifted(corpus, write):
    gone = [300, 301, 302, 900]
    board, whole = Board(lost=gone), Board()
    corpus.text(NAME, write(board))
    survey = corpus.survey()
    samples = read(corpus.root, only(survey))
    assert np.flatnonzero(np.isnan(samples[0])).tolist() == gone
    kept = np.setdiff1d(np.arange(2000), gone)
    assert np.array_equal(samples[:, kept], whole.values[kept].T.astype(np.float32))
    assert "4 samples (0.016 s) lost in 2 places" in corpus.row(survey, NAME)["reason"]


@pytest.mark.parametrize("write", [Board.new, Board.old])
@pytest.mark.parametrize("n_lost", [256, 300, 1000, 1024])
def test_more_than_a_second_lost_cuts_the_recording_to_the_sample(corpus, write, n_lost):
    board = Board(4000, lost=range(1500, 1500 + n_lost))
    corpus.text(NAME, write(board))
    one, two = corpus.survey().inventory.to_dict("records")
    assert (one["n_times"], two["n_times"]) == (1500, 2500 - n_lost)
    assert two["time_offset"] == pytest.approx((1500 + n_lost) / 250)
    assert np.array_equal(read(corpus.root, two), board.values[1500:].T.astype(np.float32))


def test_a_board_that_was_started_anew_is_cut_where_the_stamps_show_how_long_it_stood(corpus):
    index = np.concatenate([np.arange(1000) % 256, np.arange(1000) % 256])
    corpus.text(NAME, Board(index=index, pauses=[(1000, 60.3)]).new())
    one, two = corpus.survey().inventory.to_dict("records")
    assert (one["n_times"], two["n_times"]) == (1000, 1000)
    assert two["time_offset"] == pytest.approx(64.3, abs=0.05)


def test_without_stamps_a_counter_that_starts_anew_cuts_too_and_the_report_says_what_is_unknown(corpus):
    index = np.concatenate([np.arange(1000) % 256, np.arange(1000) % 256])
    corpus.text(NAME, Board(index=index).oldest())
    survey = corpus.survey()
    assert survey.inventory["n_times"].tolist() == [1000, 1000]
    assert "starts anew in 1 place" in corpus.row(survey, NAME)["reason"]


def test_a_leap_of_the_counter_that_took_no_time_is_not_believed(corpus):
    index = (np.arange(2000) + 150 * (np.arange(2000) >= 800)) % 256
    corpus.text(NAME, Board(index=index).new())
    survey = corpus.survey()
    assert only(survey)["n_times"] == 2000
    assert "leaps in 1 place where no time is lost" in corpus.row(survey, NAME)["reason"]


def test_stamps_that_come_in_bursts_are_no_gaps(corpus):
    board = Board(4000)
    board.times = np.maximum(board.times, np.where(np.arange(4000) >= 1000, board.times[1000] + 4, 0))
    corpus.text(NAME, board.new())
    assert only(corpus.survey())["n_times"] == 4000


@pytest.mark.parametrize("write", [Board.new, Board.old, Board.oldest])
def test_a_row_that_was_being_written_is_left_out_and_told(corpus, write):
    corpus.text(NAME, write(Board())[:-70])
    survey = corpus.survey()
    assert only(survey)["n_times"] == 1999
    assert "the last row is cut short" in corpus.row(survey, NAME)["reason"]


def test_zero_bytes_at_the_end_are_left_out_and_told(corpus):
    path = corpus.text(NAME, Board().old())
    path.write_bytes(path.read_bytes() + b"\0" * 5000)
    survey = corpus.survey()
    assert only(survey)["n_times"] == 2000
    assert "cut short" in corpus.row(survey, NAME)["reason"]


@pytest.mark.parametrize("row", ["0.0," * 13 + "0.0", ",".join(map(str, range(14)))])
def test_the_placeholder_where_names_will_be_is_no_sample(corpus, row):
    text = Board().new(names=False).splitlines()
    corpus.text(NAME, "\n".join([*text[:4], row, *text[4:]]) + "\n")
    survey = corpus.survey()
    assert only(survey)["n_times"] == 2000
    assert "placeholder" in corpus.row(survey, NAME)["reason"]


def test_commas_as_decimal_signs_are_read_where_spaces_tell_the_cells(corpus):
    board = Board()
    head, body = board.oldest().split("Aux Data\n")
    corpus.text(NAME, head + "Aux Data\n" + body.replace(".", ","))
    assert np.array_equal(read(corpus.root, only(corpus.survey())), board.values.T.astype(np.float32))


@pytest.mark.parametrize("write", [Board.old, Board.oldest])
def test_commas_that_are_decimal_signs_and_separators_are_refused(corpus, write):
    head, body = write(Board()).split("Aux Data\n")
    corpus.text(NAME, head + "Aux Data\n" + body.replace(".", ",").replace(", ", ","))
    row = corpus.row(corpus.survey(), NAME)
    assert (row["status"], row["failed"]) == ("refused", True)


def test_a_rate_that_the_stamps_deny_is_told(corpus):
    corpus.text(NAME, Board().old().replace("250.0 Hz", "200.0 Hz"))
    reason = corpus.row(corpus.survey(), NAME)["reason"]
    assert "stated are 200 Hz, the stamps of arrival tell 249.9 Hz" in reason


def test_a_file_without_a_rate_takes_that_of_the_options(corpus):
    corpus.text(NAME, Board().old().replace("%Sample Rate = 250.0 Hz\n", ""))
    assert "rate of the table is not stated" in corpus.row(corpus.survey(), NAME)["reason"]
    assert only(corpus.survey(csv_sfreq=250))["sfreq"] == 250


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("\0" * 100, "empty"),
        ("hello\n", "not a text file of the OpenBCI GUI"),
        ("%OpenBCI Raw EEG Data\n%Sample Rate = 250.0 Hz\n", "no rows of numbers"),
        (
            Board(20).new().splitlines()[0] + "\n%Sample Rate = 250 Hz\nSample Index, EXG Channel 0\n",
            "no rows",
        ),
        (Board(20).oldest().replace("0.00, 1.00", "0.00"), "do not tell them"),
        (Board(20).old().replace("channels = 8", "channels = 80"), "states 80 channels"),
        (Board(20).old().replace("channels = 8", "channels = " + "9" * 5000), "channels of 5000 digits"),
        (Board(20).new().replace("channels = 8", "channels = " + "9" * 5000), "channels of 5000 digits"),
        (Board(20).new().replace("EXG", "ABC"), "no column is called EXG"),
        (Board(20).old().replace("\n7, ", "\n7, 1, "), "line 14: Expected 14 columns, got 15"),
        (Board(20).old().replace("\n7, 6", "\n7, x"), "line 14, column 2: a cell is no number"),
    ],
)
def test_what_is_no_file_of_the_gui_is_refused_by_name(corpus, text, message):
    corpus.text("OpenBCI-RAW-ok_1.txt", Board(500).new())
    corpus.text(NAME, text)
    survey = corpus.survey()
    row = corpus.row(survey, NAME)
    assert (row["status"], len(survey.inventory)) == ("refused", 1)
    assert message in row["reason"]


def test_a_clock_that_goes_back_is_refused_with_its_line(corpus):
    corpus.text(NAME, Board(pauses=[(700, -3600)]).new())
    assert "line 706: the stamps go back by 3600" in corpus.row(corpus.survey(), NAME)["reason"]


def test_a_counter_or_stamps_that_leap_in_every_row_take_no_time(corpus):
    leaps = Board(60_000, n_channels=4, index=np.arange(60_000) * 37 % 256)
    to_and_fro, anew = Board(60_000, n_channels=4), Board(60_000, n_channels=4, index=np.arange(60_000) % 6)
    to_and_fro.times += 2e6 * (np.arange(60_000) % 2)
    for number, board in enumerate((leaps, to_and_fro, anew)):
        file = corpus.text(f"OpenBCI-RAW-{number}.txt", board.old())
        begin = time.perf_counter()
        with suppress(EegError):
            read_openbci_header(SourceFile(str(corpus.root), file.name), {})
        assert time.perf_counter() - begin < 2


def test_what_else_lies_in_a_session_is_named_and_a_notes_file_is_not_taken(corpus):
    corpus.text(f"OpenBCISession_x/{NAME}", Board().new())
    corpus.text("OpenBCISession_x/BrainFlow-RAW_x_0.csv", "0\t1\t2\n")
    corpus.text("OpenBCISession_x/notes.txt", "subject fell asleep\n")
    survey = corpus.survey()
    assert len(survey.inventory) == 1
    reason = corpus.row(survey, "OpenBCISession_x/BrainFlow-RAW_x_0.csv")["reason"]
    assert "the same recording" in reason
    assert "fell" not in survey.report.to_string()


def test_a_folder_of_both_headsets_is_not_guessed_at(corpus):
    corpus.text(NAME, Board(100).new())
    corpus.text("m_1.csv", MUSE_HEADER + "\n" + muse_row(0, [1, 2, 3, 4]) + "\n")
    with pytest.raises(LayoutError, match="more than one layout"):
        corpus.survey()


def test_a_recording_with_losses_becomes_windows(corpus, tmp_path):
    t = np.arange(5000) / 250
    board = Board(5000, 4, lost=range(2000, 2010))
    board.values = (np.outer(t, [1, -1, 2, 0]) + 30_000 + 30 * np.sin(63 * t)[:, None])[
        np.setdiff1d(np.arange(5000), range(2000, 2010))
    ]
    board.values += 5 * np.random.default_rng(0).standard_normal(board.values.shape)
    corpus.text(NAME, board.new())
    row = only(
        corpus.survey(channel_names={f"EXG Channel {k}": n for k, n in enumerate(["C3", "C4", "O1", "O2"])})
    )
    signal = clean_recording(plan_opening(str(corpus.root), row, with_aux=True), row, CleanOptions(sfreq=256))
    footer = write_windows(signal, tmp_path / "w.parquet", WindowOptions(window_length=512))
    assert signal.n_times == 5120
    assert (tmp_path / "w.parquet").stat().st_size > 1000
    assert footer["quality"] is not None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=st.booleans(), tail=st.binary(max_size=200), cut=st.integers(0, 5000), place=st.integers(0, 3000))
def test_damage_is_a_typed_error_or_is_read(tmp_path, old, tail, cut, place):
    text = (Board(30).old() if old else Board(30).new()).encode()
    (tmp_path / NAME).write_bytes((text[:place] + tail + text[place:])[:cut])
    file = SourceFile(str(tmp_path), NAME)
    try:
        header = read_openbci_header(file, {})
    except EegError:
        return
    source = open_openbci(file, (0,), header.sfreq, (1.0,))
    assert sum(block.shape[1] for block in source.blocks(7)) == header.n_times == source.n_times


def test_the_real_file_has_the_facts_that_were_counted(shared_data):
    facts = json.loads((shared_data / "csv_facts.json").read_text())
    root = shared_data / "openbci"
    survey = survey_corpus(list_folder(root), "auto", IngestOptions())
    row, samples = only(survey), read(root, only(survey)).astype(float)
    fact = facts[f"shared/data/openbci/{row['source']}"]
    assert (survey.layout, row["n_times"], row["sfreq"]) == ("openbci", fact["rows"], fact["header_rate_hz"])
    assert (row["duration"], len(row["ch_names"])) == (fact["seconds"], fact["channels"])
    assert samples.mean(axis=1).round(1).tolist() == pytest.approx(fact["mean_uv"], abs=0.11)
    assert samples.std(axis=1, ddof=1).round(1).tolist() == pytest.approx(fact["std_uv"], abs=0.11)
    (report,) = survey.report.to_dict("records")
    assert "lost" not in report["reason"]  # index_jumps_not_plus1_mod256: 0
