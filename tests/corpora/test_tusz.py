import pytest

from eeg_kedro.labels.seizure_labels import TUSZ_SEIZURES

PLACE = "edf/dev/aaaaaaac/s001_2002/01_tcp_ar/aaaaaaac_s001_t000"
HEADER = (
    "# version = csv_v1.0.0\n# duration = 10.0000 secs\n#\nchannel,start_time,stop_time,label,confidence\n"
)
CSV = HEADER + "FP1-F7,2.0000,5.0000,fnsz,1.0000\nF7-T3,3.0000,6.0000,cpsz,1.0000\nF3-C3,0.0,1.0,bckg,1.0\n"


def test_names_and_split_come_from_the_layout(corpus):
    corpus.edf(PLACE + ".edf")
    corpus.text(PLACE + ".csv", CSV)
    (row,) = corpus.survey().inventory.to_dict("records")
    assert (row["participant"], row["session"], row["run"], row["split"]) == (
        "aaaaaaac",
        "s001",
        "s001-t000",
        "dev",
    )
    assert (row["layout"], row["reference"], row["montage"]) == ("tusz", "REF", "referential")


def test_every_class_but_background_is_a_seizure_united_over_channels(corpus):
    corpus.edf(PLACE + ".edf")
    corpus.text(PLACE + ".csv", CSV)
    survey = corpus.survey()
    assert survey.inventory["n_seizures"].tolist() == [1]
    assert survey.inventory["seizure_seconds"].tolist() == [4.0]
    assert survey.events["kind"].tolist() == ["background", "seizure", "seizure"]


def test_csv_bi_alone_is_used_and_beside_csv_compared(corpus):
    corpus.edf(PLACE + ".edf")
    corpus.text(PLACE + ".csv_bi", HEADER + "TERM,2.0,6.0,seiz,1.0\n")
    assert corpus.survey().inventory["seizure_seconds"].tolist() == [4.0]
    corpus.text(PLACE + ".csv", CSV.replace("6.0000", "8.0000"))
    survey = corpus.survey(annotation_conflict="first")
    assert survey.inventory["seizure_seconds"].tolist() == [6.0]
    row = corpus.row(survey, PLACE + ".csv_bi")
    assert (row["status"], row["kind"]) == ("taken", "annotation")
    assert "seizure 1 at 2 to 6 s here, seizure 1 at 2 to 8 s there" in row["reason"]


def test_every_row_of_every_channel_and_class_is_kept(corpus):
    corpus.edf(PLACE + ".edf")
    rows = [("FP1-F7", 2.0, 5.0, "fnsz"), ("FP1-F7", 4.0, 6.0, "cpsz"), ("F7-T3", 2.0, 5.0, "fnsz")]
    rows += [("F7-T3", 2.0, 5.0, "fnsz"), ("F3-C3", 0.0, 10.0, "bckg"), ("C3-P3", 5.0, 9.0, "tcsz")]
    corpus.text(
        PLACE + ".csv", HEADER + "".join(f"{c},{a:.4f},{b:.4f},{label},1.0000\n" for c, a, b, label in rows)
    )
    survey = corpus.survey()
    ends = survey.events["onset"] + survey.events["duration"]
    found = zip(survey.events["channel"], survey.events["onset"], ends, survey.events["label"], strict=True)
    assert sorted(found) == sorted(rows)
    assert survey.inventory[["n_seizures", "seizure_seconds"]].values.tolist() == [[1, 7.0]]


def test_the_split_is_found_when_the_root_lies_below_it(corpus, tmp_path):
    corpus.edf(PLACE + ".edf")
    for below in ("edf", "edf/dev", "edf/dev/aaaaaaac", "edf/dev/aaaaaaac/s001_2002/01_tcp_ar"):
        corpus.root = tmp_path / "corpus" / below
        assert corpus.survey().inventory["split"].tolist() == ["dev"]


def test_a_folder_called_dev_far_above_is_no_split(corpus, tmp_path):
    corpus.root = tmp_path / "dev" / "data" / "tusz"
    corpus.edf("aaaaaaac_s001_t000.edf")
    assert corpus.survey().inventory["split"].tolist() == [""]


def test_an_unknown_label_refuses_the_recording_by_name(corpus):
    corpus.edf(PLACE + ".edf")
    corpus.text(PLACE + ".csv", CSV.replace("cpsz", "wave"))
    survey = corpus.survey()
    row = corpus.row(survey, PLACE + ".edf")
    assert (row["status"], row["failed"], len(survey.inventory)) == ("refused", True, 0)
    assert "'wave'" in row["reason"]
    assert "ingest.extra_labels" in row["remedy"]
    assert corpus.survey(extra_labels={"wave": "other"}).inventory["seizure_seconds"].tolist() == [3.0]


def _survey(corpus, rows, head=HEADER, place=PLACE, **edf):
    corpus.edf(place + ".edf", **edf)
    corpus.text(place + ".csv", head + rows)
    return corpus.survey()


@pytest.mark.parametrize("session", ["s001_2002", "s001_2003_07_21", "s012"])
@pytest.mark.parametrize("montage", ["01_tcp_ar", "02_tcp_le", "03_tcp_ar_a", "04_tcp_le_a"])
def test_sessions_with_full_dates_and_every_montage_folder_are_read(corpus, session, montage):
    place = f"edf/train/aaaaaaac/{session}/{montage}/aaaaaaac_s001_t000"
    survey = _survey(corpus, "F4-C4,2.0,5.0,fnsz,1.0\n", place=place)
    (row,) = survey.inventory.to_dict("records")
    assert (row["session"], row["split"], row["n_seizures"]) == ("s001", "train", 1)
    assert "2003" not in row["participant"] + row["session"] + row["run"]


def test_channels_against_linked_ears_are_read_and_missing_midline_is_told(corpus):
    names = ("EEG FP1-LE", "EEG F3-LE", "EEG C3-LE", "EEG CZ-LE", "EEG A1-LE")
    (row,) = _survey(corpus, "A1-T3,2,5,fnsz,1\n", names=names).inventory.to_dict("records")
    assert row["reference"] == "LE"
    assert {"FZ", "PZ"} <= set(row["missing_channels"])
    assert not {"FP1", "CZ"} & set(row["missing_channels"])


@pytest.mark.parametrize("sfreq", [250, 256, 400, 512, 1000])
def test_times_fall_on_the_nearest_sample_at_every_rate_of_the_corpus(corpus, sfreq):
    survey = _survey(corpus, "FP1-F7,2.1234,5.0002,fnsz,1.0\n", sfreq=sfreq)
    (event,) = survey.events.to_dict("records")
    assert event["onset_sample"] == round(2.1234 * sfreq)
    assert event["onset_sample"] + event["n_samples"] == round(5.0002 * sfreq)


def test_a_date_with_colons_is_mended_and_told(corpus):
    path = corpus.edf(PLACE + ".edf")
    whole = path.read_bytes()
    path.write_bytes(whole[:168] + b"01:01:85" + whole[176:])
    corpus.text(PLACE + ".csv", CSV)
    survey = corpus.survey()
    row = corpus.row(survey, PLACE + ".edf")
    assert (len(survey.inventory), row["failed"]) == (1, False)
    assert "85" not in row["reason"]


@pytest.mark.parametrize(
    "line", ["# duration = 10.00", "# duration = 10.0000 secs", "#duration=10 secs", "#"]
)
def test_the_stated_duration_is_written_in_several_ways(corpus, line):
    survey = _survey(corpus, "FP1-F7,2,5,fnsz,1\n", head=HEADER.replace("# duration = 10.0000 secs", line))
    assert corpus.row(survey, PLACE + ".edf")["reason"] == ""


def test_another_stated_duration_is_told(corpus):
    survey = _survey(corpus, "FP1-F7,2,5,fnsz,1\n", head=HEADER.replace("10.0000", "1211.0000"))
    assert (
        "annotations are for 1211 s, the recording has 10 s" in corpus.row(survey, PLACE + ".edf")["reason"]
    )


def test_events_that_overrun_the_recording_are_cut_and_told(corpus):
    survey = _survey(corpus, "FP1-F7,8.0,13.5,fnsz,1.0\nF7-T3,11.0,12.0,fnsz,1.0\n")
    assert survey.events[["onset", "duration"]].values.tolist() == [[8.0, 2.0]]
    row = corpus.row(survey, PLACE + ".edf")
    assert row["status"] == "repaired"
    assert "fnsz 8 to 13.5 s is cut" in row["reason"]
    assert "fnsz 11 to 12 s begins after the end" in row["reason"]


@pytest.mark.parametrize("label", TUSZ_SEIZURES)
def test_every_class_of_the_corpus_is_a_seizure_mysz_and_nesz_too(corpus, label):
    survey = _survey(corpus, f"FP1-F7,2,5,{label},1.0\n")
    assert survey.events[["label", "kind"]].values.tolist() == [[label, "seizure"]]


def test_labels_of_every_channel_are_kept_with_the_ear_channels(corpus):
    rows = "".join(f"{name},2.0,5.0,cpsz,1.0\n" for name in ("A1-T3", "T4-A2", "FP1-F7", "C3-CZ"))
    survey = _survey(corpus, rows)
    assert sorted(survey.events["channel"]) == ["A1-T3", "C3-CZ", "FP1-F7", "T4-A2"]
    assert survey.inventory["n_seizures"].tolist() == [1]


def test_a_gap_between_rows_is_background_and_a_file_without_rows_was_looked_at(corpus):
    survey = _survey(corpus, "FP1-F7,1,2,fnsz,1\nFP1-F7,4,5,fnsz,1\n")
    assert survey.inventory[["n_seizures", "seizure_seconds"]].values.tolist() == [[2, 2.0]]
    survey = _survey(corpus, "")
    assert survey.inventory[["annotated", "n_seizures"]].values.tolist() == [[True, 0]]


def test_two_files_that_disagree_are_an_error_with_both_values(corpus):
    corpus.text(PLACE + ".csv_bi", HEADER + "TERM,2.0,9.0,seiz,1.0\n")
    survey = _survey(corpus, "FP1-F7,2.0,5.0,fnsz,1.0\n")
    row = corpus.row(survey, PLACE + ".edf")
    assert (row["failed"], len(survey.inventory)) == (True, 0)
    assert "2 to 5 s" in row["reason"]
    assert "2 to 9 s" in row["reason"]


TSE = "version = tse_v1.0.0\n\n0.0000 2.0000 bckg 1.0000\n2.0000 6.0000 {} 1.0000\n6.0 10.0 bckg 1.0\n"


def test_annotations_of_older_versions_are_read(corpus):
    corpus.edf(PLACE + ".edf")
    corpus.text(PLACE + ".tse_bi", TSE.format("seiz"))
    assert corpus.survey().events["label"].tolist() == ["bckg", "seiz", "bckg"]
    corpus.text(PLACE + ".tse", TSE.format("gnsz"))
    survey = corpus.survey()
    assert survey.inventory["seizure_seconds"].tolist() == [4.0]
    assert survey.events["label"].tolist() == ["bckg", "gnsz", "bckg"]
    assert "agrees" in corpus.row(survey, PLACE + ".tse_bi")["reason"]


def test_channel_labels_of_older_versions_are_named_with_a_remedy(corpus):
    corpus.edf(PLACE + ".edf")
    corpus.text(PLACE + ".lbl", "version = lbl_v1.0.0\n")
    row = corpus.row(corpus.survey(), PLACE + ".lbl")
    assert (row["kind"], row["status"], row["failed"]) == ("annotation", "refused", False)
    assert "TUSZ 2.0" in row["remedy"]
