import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eeg_kedro.corpora.folder_listing import list_folder
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.raw_signal import plan_opening
from eeg_kedro.corpora.survey import survey_corpus
from eeg_kedro.errors import EegError, LayoutError, SignalError
from eeg_kedro.io.muse_csv import open_muse, read_muse_header
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.signal.cleaning import CleanOptions, clean_recording
from tests.corpora.headset_files import MUSE_HEADER, burst_times, event_row, muse_row, muse_table

CONSTANT = burst_times(2560)


def read(root, row, **options):
    source = plan_opening(str(root), row, **options)()
    return np.concatenate(list(source.blocks(999)), axis=1)


def only(survey):
    (row,) = survey.inventory.to_dict("records")
    return row


def test_a_constant_recording_is_256_hz_by_its_bursts(corpus):
    corpus.text("museMonitor_1.csv", muse_table(CONSTANT))
    survey = corpus.survey()
    row = only(survey)
    assert (survey.layout, row["source_format"], row["sfreq"], row["n_times"]) == ("muse", "muse", 256, 2560)
    assert (row["ch_names"], row["montage"], row["reference"]) == (
        ["AF7", "AF8", "TP9", "TP10"],
        "referential",
        "FPZ",
    )
    assert "taken for 256 Hz" in corpus.row(survey, "museMonitor_1.csv")["reason"]


def test_samples_come_in_the_order_of_the_inventory(corpus):
    corpus.text("m_1.csv", muse_table(CONSTANT[:500]))
    samples = read(corpus.root, only(corpus.survey()))
    assert samples[:, 8].tolist() == [802, 803, 801, 804]  # AF7, AF8, TP9, TP10 of row 8
    assert samples.shape == (4, 500)


def test_other_columns_and_auxiliary_inputs_are_named(corpus):
    corpus.text("m_1.csv", muse_table(CONSTANT))
    other = only(corpus.survey())["other_channels"]
    assert "Delta_TP9: not EEG" in other
    assert any(label.startswith("AUX_RIGHT: ") for label in other)


@pytest.mark.parametrize("end", [",55.0,", ",55.0"])
def test_rows_of_events_are_no_samples_and_are_counted(corpus, end):
    rows = [
        (0, event_row(0, "/muse/event/connected MuseS-84AC")),
        (40, event_row(0.1, "/muse/elements/blink")),
        (90, event_row(0.2, "/muse/elements/blink")),
        (99, event_row(0.3, "/muse/elements/jaw_clench")),
        (200, event_row(0.4, "/Marker/1")),
    ]
    corpus.text("m_1.csv", muse_table(CONSTANT, rows, end))
    survey = corpus.survey()
    row, reason = only(survey), corpus.row(survey, "m_1.csv")["reason"]
    assert (row["n_times"], len(survey.events)) == (2560, 0)
    assert "5 rows without raw values" in reason
    assert "2 blink, 1 connection, 1 jaw clench, 1 marker" in reason
    assert "84AC" not in survey.report.to_string()
    assert np.isfinite(read(corpus.root, row)).all()


def test_a_sample_that_carries_a_marker_stays_a_sample(corpus):
    text = (
        muse_table(CONSTANT[:400], end=",55.0,")
        + muse_row(CONSTANT[400], [1, 2, 3, 4], ",55.0,/Marker/2")
        + "\n"
    )
    corpus.text("m_1.csv", text + muse_row(CONSTANT[401], [1, 2, 3, 4]) + "\n")
    survey = corpus.survey()
    assert only(survey)["n_times"] == 402
    assert "1 sample with an event of the app" in corpus.row(survey, "m_1.csv")["reason"]


@pytest.mark.parametrize(("sfreq", "taken"), [(219.0, 220), (259.0, 256), (128.0, 128)])
def test_the_rate_is_that_of_the_stamps_and_a_known_one_if_it_is_near(corpus, sfreq, taken):
    corpus.text("m_1.csv", muse_table(np.arange(3000) / sfreq))
    assert only(corpus.survey())["sfreq"] == pytest.approx(taken, rel=1e-3)


def test_a_second_lost_cuts_the_recording_and_keeps_its_time(corpus):
    late = CONSTANT + 7.5 * (np.arange(2560) >= 1200)
    corpus.text("m_1.csv", muse_table(late, [(0, event_row(0, "/muse/event/connected x"))]))
    survey = corpus.survey()
    one, two = survey.inventory.to_dict("records")
    assert (one["run"], one["n_times"], two["run"], two["n_times"]) == ("1-seg1", 1200, "1-seg2", 1360)
    assert two["time_offset"] == pytest.approx(1200 / 256 + 7.5, abs=0.06)
    assert read(corpus.root, two).shape == (4, 1360)
    assert "1 gap" in corpus.row(survey, "m_1.csv")["reason"]


def test_a_packet_that_comes_late_and_is_caught_up_is_no_gap(corpus):
    delayed = np.maximum(CONSTANT, np.where(np.arange(2560) >= 1200, CONSTANT[1200] + 3, 0))
    corpus.text("m_1.csv", muse_table(delayed))
    assert only(corpus.survey())["n_times"] == 2560


def test_stamps_that_go_back_are_refused_with_their_line(corpus):
    corpus.text("m_1.csv", muse_table(CONSTANT - 3600.0 * (np.arange(2560) >= 1200)))
    row = corpus.row(corpus.survey(), "m_1.csv")
    assert (row["status"], row["failed"]) == ("refused", True)
    assert "line 1202: the stamps go back by 3600" in row["reason"]


def test_one_row_per_second_is_told_and_cleaning_refuses_it(corpus):
    corpus.text("m_1.csv", muse_table(np.arange(59) + 0.004 * (np.arange(59) % 3)))
    survey = corpus.survey()
    row = only(survey)
    assert (row["sfreq"], row["n_times"]) == (1.0, 59)
    assert "too slow for EEG" in corpus.row(survey, "m_1.csv")["reason"]
    with pytest.raises(SignalError, match="sampled too slowly for EEG"):
        clean_recording(plan_opening(str(corpus.root), row, with_aux=True), row, CleanOptions())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            muse_table(CONSTANT[:20]) + muse_row(1, [1, 2, 3]) + "\n" + muse_row(2, [1, 2, 3, 4]) + "\n",
            "line 22: Exp",
        ),
        (
            muse_table(CONSTANT[:20]) + "2024-05-01 00:00:00.000,1\n" + muse_row(2, [1] * 4) + "\n",
            "line 22: Exp",
        ),
        (muse_table(CONSTANT[:20]).replace("803.0", "8o3.0"), "a cell is no number"),
        (muse_table(["nan"] * 0), "no rows"),
        (MUSE_HEADER + "\n" + event_row(1, "/muse/elements/blink") + "\n", "no row has raw values"),
        (MUSE_HEADER.replace("RAW_", "X_") + "\n" + muse_row(1, [1, 2, 3, 4]) + "\n", "no raw EEG"),
        (muse_table(CONSTANT[:20]).replace("2024-05-01 ", ""), "tell no rate"),
        (muse_table([0.0] * 30), "tell no rate"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(corpus, text, message):
    corpus.text("m_1.csv", text)
    row = corpus.row(corpus.survey(), "m_1.csv")
    assert row["status"] == "refused"
    assert message in row["reason"]


def test_a_row_that_was_being_written_at_the_end_is_left_out(corpus):
    corpus.text("m_1.csv", muse_table(CONSTANT) + muse_row(11, [1, 2, 3, 4])[:-40])
    survey = corpus.survey()
    assert only(survey)["n_times"] == 2560
    assert "the last row is cut short" in corpus.row(survey, "m_1.csv")["reason"]


def test_a_clock_without_dates_goes_over_midnight(corpus):
    text = "\n".join(
        line[11:] if k else line for k, line in enumerate(muse_table(np.arange(6000) / 256).splitlines())
    )
    corpus.text("m_1.csv", text)
    assert only(corpus.survey())["sfreq"] == 256


@pytest.mark.parametrize("first", ["timestamps", "TimeStamp"])
def test_tables_of_other_recorders_of_the_headband_are_known(corpus, first):
    rows = [f"{1.7e9 + k / 256:.6f},{k},2,3,4,5" for k in range(600)]
    corpus.text("m_1.csv", "\n".join([f"{first},TP9,AF7,AF8,TP10,Right AUX", *rows]) + "\n")
    survey = corpus.survey()
    assert (survey.layout, only(survey)["sfreq"], only(survey)["n_times"]) == ("muse", 256, 600)


def test_the_headband_of_2014_has_two_other_electrodes(corpus):
    corpus.text("m_1.csv", muse_table(np.arange(3000) / 220).replace("AF7", "FP1").replace("AF8", "FP2"))
    assert only(corpus.survey())["ch_names"] == ["FP1", "FP2", "TP9", "TP10"]


BARE = "\n".join(f"{850 + k % 5}.25,{851 - k % 3},852,853" for k in range(300)) + "\n"


def test_bare_columns_beside_a_known_table_are_taken_and_all_that_is_assumed_is_told(corpus):
    corpus.text("m_1.csv", muse_table(CONSTANT))
    corpus.text("bare_1.csv", BARE)
    corpus.text("bare_2.csv", BARE.replace(",853\n", ",853,1\n"))
    survey = corpus.survey()
    rows = survey.inventory.set_index(["participant", "run"])
    bare = rows.loc[("bare", "1")]
    assert (bare["sfreq"], bare["n_times"], bare["source_format"]) == (256, 300, "csv")
    assert read(corpus.root, bare)[:, 0].tolist() == [851, 852, 850.25, 853]
    reason = corpus.row(survey, "bare_1.csv")["reason"]
    assert "TP9, AF7, AF8, TP10, Muse's own order" in reason
    assert "256 Hz assumed" in reason
    assert any("AUX" in label for label in rows.loc[("bare", "2"), "other_channels"])


def test_a_folder_of_bare_columns_is_muse_only_if_the_user_says_so(corpus):
    corpus.text("bare_1.csv", BARE)
    with pytest.raises(LayoutError, match="fits no layout"):
        corpus.survey()
    assert only(corpus.survey("muse", csv_sfreq=220))["sfreq"] == 220


def test_a_sidecar_says_what_bare_columns_cannot(corpus):
    corpus.text("bare_1.csv", BARE)
    corpus.text("bare_1.json", json.dumps({"sfreq": 220, "ch_names": ["TP9", "FP1", "FP2", "TP10"]}))
    survey = corpus.survey("muse")
    assert (only(survey)["sfreq"], only(survey)["ch_names"]) == (220, ["FP1", "FP2", "TP9", "TP10"])
    assert "assumed" not in corpus.row(survey, "bare_1.csv")["reason"]


def test_a_sidecar_that_contradicts_the_stamps_is_an_error_with_both(corpus):
    corpus.text("m_1.csv", muse_table(CONSTANT))
    corpus.text("m_1.json", '{"sfreq": 220}')
    (row,) = [r for r in corpus.survey().report.to_dict("records") if r["path"] == "m_1.csv"]
    assert "another rate than the stamps" in row["reason"]


def test_any_other_table_in_the_folder_is_refused_by_name(corpus):
    corpus.text("m_1.csv", muse_table(CONSTANT))
    corpus.text("notes_1.csv", "name,score\na,1\nb,2\n")
    corpus.text("bare_1.csv", "1,2,3\n4,5,6\n")
    survey = corpus.survey()
    assert len(survey.inventory) == 1
    assert {corpus.row(survey, name)["status"] for name in ("notes_1.csv", "bare_1.csv")} == {"refused"}


def test_events_beside_the_table_are_read(corpus):
    corpus.text("m_1.csv", muse_table(CONSTANT))
    corpus.text("m_1_events.tsv", "onset\tduration\teventType\n1\t2\tsz\n")
    assert only(corpus.survey())["n_seizures"] == 1


def test_tables_of_other_caps_are_no_muse(corpus):
    corpus.text("p_1.csv", "time,TP9,TP10,Cz,Pz\n" + "".join(f"{k / 256},1,2,3,4\n" for k in range(300)))
    corpus.text("p_1.json", '{"sfreq": 256, "unit": "uV"}')
    assert corpus.survey().layout == "csv"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tail=st.binary(max_size=200), cut=st.integers(0, 6000))
def test_damage_is_a_typed_error_or_is_read(tmp_path, tail, cut):
    (tmp_path / "m_1.csv").write_bytes(muse_table(CONSTANT[:30]).encode()[:cut] + tail)
    file = SourceFile(str(tmp_path), "m_1.csv")
    try:
        n_times = read_muse_header(file, {}).n_times
    except EegError:
        return
    assert open_muse(file, (0,), 256.0, (1.0,)).n_times == n_times


def facts(shared_data, name):
    return json.loads((shared_data / "csv_facts.json").read_text())[f"shared/data/muse/{name}"]


def test_the_real_folder_is_ingested_as_it_is(shared_data):
    survey = survey_corpus(list_folder(shared_data / "muse"), "auto", IngestOptions())
    assert survey.layout == "muse"
    for row in survey.inventory.to_dict("records"):
        fact = facts(shared_data, row["source"])
        assert row["n_times"] == fact["rows"]
        assert row["ch_names"] == ["AF7", "AF8", "TP9", "TP10"]
        samples = read(shared_data / "muse", row).astype(float)
        if "column_means" in fact:
            columns = np.argsort(row["picks"])
            assert samples.mean(axis=1)[columns].round(3).tolist() == pytest.approx(
                fact["column_means"], abs=1e-3
            )
    assert len(survey.inventory) == 3


def test_the_real_mind_monitor_table_is_one_row_per_second(shared_data):
    fact, root = facts(shared_data, "museS_mindmonitor_1.csv"), shared_data / "muse"
    survey = survey_corpus(list_folder(root), "muse", IngestOptions())
    (row,) = [r for r in survey.inventory.to_dict("records") if r["source_format"] == "muse"]
    lines = (root / "museS_mindmonitor_1.csv").read_text().splitlines()
    assert (lines[1].split(",")[0], lines[-1].split(",")[0]) == (fact["first_time"], fact["last_time"])
    assert len(lines[0].split(",")) == fact["columns"]
    assert (row["n_times"], row["sfreq"]) == (fact["rows_with_raw_eeg"], 1.0)
    (report,) = [r for r in survey.report.to_dict("records") if r["path"] == row["source"]]
    assert "rows without raw values" not in report["reason"]  # event_rows: 0
    with pytest.raises(SignalError, match="sampled too slowly for EEG"):
        clean_recording(plan_opening(str(root), row, with_aux=True), row, CleanOptions())
