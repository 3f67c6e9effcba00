import numpy as np
import pyarrow.parquet as pq
import pytest

from eeg_kedro.corpora import hms
from eeg_kedro.corpora.folder_listing import list_folder
from eeg_kedro.corpora.raw_signal import plan_opening
from tests.corpora.hms_files import EEG_COLUMNS, ELECTRODES, IRR, KAGGLE, HmsFolder, cut, spectrogram_columns


@pytest.fixture
def folder(corpus):
    return HmsFolder(corpus.root)


def test_a_table_of_votes_and_its_eegs_are_recognized(folder, corpus):
    folder.table(cut())
    folder.eeg()
    survey = corpus.survey()
    assert (survey.layout, len(survey.inventory)) == ("hms", 1)
    assert survey.why == "train.csv has eeg_id and columns of votes; 1 parquet files"


def test_eegs_are_recognized_without_any_table(folder, corpus):
    folder.eeg(folder="test_eegs")
    assert corpus.survey().layout == "hms"
    assert hms.recognize(list_folder(corpus.root.parent)) != ""  # below another folder, too


def test_other_tables_and_parquets_are_not_recognized(folder, corpus):
    folder.eeg(folder="recordings")
    folder.table({"eeg_id": 1, "label": "x"}, name="labels.csv", columns=["eeg_id", "label"])
    folder.table(cut(), name="votes.csv", columns=KAGGLE[1:])
    assert hms.recognize(list_folder(corpus.root)) == ""


def test_the_table_of_votes_is_found_among_many_others(folder, corpus):
    for number in range(200):
        corpus.text(f"{number}.csv", "a,b\n1,2\n")
    folder.table(cut())
    assert hms.recognize(list_folder(corpus.root)).startswith("train.csv has eeg_id")


def test_the_patient_is_the_participant_and_the_eeg_the_run(folder, corpus):
    folder.table(cut(1, patient_id=77), cut(2, patient_id=77))
    folder.eeg(1)
    folder.eeg(2, n_times=13_200)
    inventory = corpus.survey().inventory
    assert inventory[["participant", "person", "run"]].to_numpy().tolist() == [
        ["77", "77", "1"],
        ["77", "77", "2"],
    ]
    assert inventory[["sfreq", "n_times"]].to_numpy().tolist() == [[200, 10_000], [200, 13_200]]


def test_columns_in_any_order_are_the_same_signals(folder, corpus):
    folder.table(cut(1), cut(2))
    folder.eeg(1)
    folder.eeg(2, columns=EEG_COLUMNS[::-1])
    for _, row in corpus.survey().inventory.iterrows():
        samples = np.concatenate(
            list(plan_opening(str(corpus.root), row, with_aux=True)().blocks(999)), axis=1
        )
        table = pq.read_table(corpus.root / row["source"])
        names = {name.upper(): name for name in EEG_COLUMNS}
        for name, signal in zip([*row["ch_names"], *row["aux_names"]], samples, strict=True):
            assert np.array_equal(signal, table[names[name]].to_numpy())


def test_the_heart_is_read_along_and_is_no_eeg(folder, corpus):
    folder.table(cut())
    folder.eeg()
    row = corpus.survey().inventory.iloc[0]
    assert sorted(row["ch_names"]) == sorted(name.upper() for name in ELECTRODES)
    assert (row["aux_names"], row["aux_kinds"], row["unit_scales"][0]) == (["EKG"], ["ecg"], 1.0)


def test_experts_voted_on_the_central_ten_of_fifty_seconds(folder, corpus):
    folder.table(cut(eeg_label_offset_seconds=6.0, eeg_sub_id=3, votes=(3, 1, 0, 0, 0, 0)))
    folder.eeg(n_times=20_000)
    survey = corpus.survey()
    (event,), (vote,) = survey.events.to_dict("records"), survey.votes.to_dict("records")
    assert (event["onset"], event["duration"], event["onset_sample"], event["n_samples"]) == (
        26,
        10,
        5200,
        2000,
    )
    assert (event["label"], event["kind"], event["confidence"]) == ("seizure", "seizure", 0.75)
    assert (vote["onset"], vote["duration"], vote["sub_id"], vote["n_votes"]) == (26, 10, 3, 4)


def test_the_spectrogram_of_a_cut_begins_where_the_table_says(folder, corpus):
    folder.table(cut(1, spectrogram_id=5, spectrogram_label_offset_seconds=44.0), cut(2))
    votes = corpus.survey().votes
    assert votes["spectrogram_id"].tolist() == ["5", ""]
    assert votes["spectrogram_onset"].tolist()[0] == 44
    assert np.isnan(votes["spectrogram_onset"][1])


def test_overlapping_cuts_that_differ_are_both_kept(folder, corpus):
    seizures = [cut(eeg_sub_id=i, eeg_label_offset_seconds=2.0 * i) for i in (0, 1)]
    folder.table(
        *seizures, cut(eeg_sub_id=2, eeg_label_offset_seconds=4.0, consensus="GPD", votes=(0, 0, 2, 0, 0, 1))
    )
    folder.eeg()
    survey = corpus.survey()
    assert survey.events[["onset", "label", "kind"]].to_numpy().tolist() == [
        [20, "seizure", "seizure"], [22, "seizure", "seizure"], [24, "gpd", "other"],
    ]  # fmt: skip
    assert survey.inventory[["n_seizures", "seizure_seconds"]].iloc[0].tolist() == [1, 12]


def test_what_nobody_voted_on_is_not_background(folder, corpus):
    folder.table(cut())
    folder.eeg()
    for unannotated in ("unknown", "background"):
        survey = corpus.survey(unannotated=unannotated)
        assert survey.inventory[["annotated", "annotation_source"]].iloc[0].tolist() == [False, "train.csv"]
    assert (
        corpus.row(survey, "train_eegs/1.parquet")["reason"] == "cuts voted on: 1; the rest is not annotated"
    )


def test_cuts_end_to_end_do_not_speak_of_what_lies_before_them(folder, corpus):
    folder.table(*(cut(eeg_sub_id=i, eeg_label_offset_seconds=10 * i) for i in range(3)))
    folder.eeg(n_times=10_000)
    survey = corpus.survey()
    assert (survey.inventory["seizure_seconds"][0], survey.inventory["annotated"][0]) == (30, False)


def test_without_offsets_the_cut_is_the_middle_of_the_file(folder, corpus):
    folder.table(cut(1), cut(2), cut(3), name="votes.csv", columns=IRR)
    for eeg_id, n_times in enumerate((2000, 10_000, 1000), start=1):
        folder.eeg(eeg_id, n_times=n_times, folder="eegs_10s")
    survey = corpus.survey()
    for table in (survey.events, survey.votes):
        assert table[["onset", "duration"]].to_numpy().tolist() == [[0, 10], [20, 10], [0, 5]]
    assert survey.inventory["annotated"].tolist() == [True, False, True]


def test_a_tie_is_an_event_for_each_of_its_classes(folder, corpus):
    folder.table(cut(votes=(0, 0, 6, 6, 0, 0), consensus="TIE:GPD|LRDA"))
    folder.eeg()
    survey = corpus.survey()
    assert survey.events[["label", "confidence"]].to_numpy().tolist() == [["gpd", 0.5], ["lrda", 0.5]]
    assert survey.votes["consensus"].tolist() == ["tie:gpd|lrda"]
    assert "1 cuts are ties" in corpus.row(survey, "train.csv")["reason"]


def test_a_stated_consensus_is_kept_where_the_votes_say_otherwise(folder, corpus):
    folder.table(cut(votes=(1, 0, 0, 0, 0, 3)))
    folder.eeg()
    survey = corpus.survey()
    assert survey.events[["label", "confidence"]].to_numpy().tolist() == [["seizure", 0.25]]
    assert (
        "in 1 cuts the stated consensus is not the class with most votes"
        in corpus.row(survey, "train.csv")["reason"]
    )


def test_without_a_stated_consensus_most_votes_count(folder, corpus):
    columns = [name for name in KAGGLE if name != "expert_consensus"]
    folder.table(cut(1, votes=(1, 0, 0, 0, 0, 3)), cut(2, votes=(2, 2, 0, 0, 0, 0)), columns=columns)
    survey = corpus.survey()
    assert survey.votes["consensus"].tolist() == ["other", "tie:seizure|lpd"]
    assert "no consensus is stated" in corpus.row(survey, "train.csv")["reason"]


def test_recordings_without_votes_are_taken_and_not_annotated(folder, corpus):
    folder.table(cut())
    named = [{"eeg_id": eeg_id, "spectrogram_id": 4, "patient_id": 6} for eeg_id in (3, 9)]
    folder.table(*named, name="test.csv", columns=["spectrogram_id", "eeg_id", "patient_id"])
    folder.eeg(3, folder="test_eegs")
    folder.eeg(8, folder="elsewhere")
    survey = corpus.survey()
    assert survey.inventory[["participant", "run", "annotated"]].to_numpy().tolist() == [
        ["6", "3", False], ["8", "8", False],
    ]  # fmt: skip
    assert (
        corpus.row(survey, "test.csv")["reason"]
        == "names 2 recordings, without votes; 1 of them are not in the folder"
    )
    assert "its windows have no category" in corpus.row(survey, "test_eegs/3.parquet")["reason"]


def test_without_patients_a_recording_is_a_person_of_its_own_and_that_is_told(folder, corpus):
    folder.table(cut(), columns=IRR)
    folder.eeg()
    survey = corpus.survey()
    assert survey.inventory[["participant", "person"]].iloc[0].tolist() == ["1", "1"]
    assert "no table names its patient" in corpus.row(survey, "train_eegs/1.parquet")["reason"]


def test_votes_on_recordings_that_are_not_there_are_kept_and_told_once(folder, corpus):
    folder.table(*(cut(i, patient_id=i, spectrogram_id=i + 1000) for i in range(500)))
    folder.eeg(7)
    survey = corpus.survey()
    assert (len(survey.inventory), len(survey.votes), len(survey.events), len(survey.report)) == (
        1,
        500,
        500,
        2,
    )
    assert survey.events["has_signal"].sum() == 1
    assert survey.events["onset_sample"].unique().tolist() == [4000]
    reason = corpus.row(survey, "train.csv")["reason"]
    assert "499 recordings are not in the folder, their votes are kept" in reason
    assert "500 of 500 spectrograms are not in the folder" in reason


def test_of_absent_recordings_without_offsets_the_place_is_unknown(folder, corpus):
    folder.table(cut(1), cut(2), columns=IRR)
    folder.eeg(2, n_times=2000)
    survey = corpus.survey()
    assert survey.events["run"].tolist() == ["2"]
    assert np.isnan(survey.votes["onset"][0])
    assert "where 1 cuts lie in them is not stated" in corpus.row(survey, "train.csv")["reason"]


WRONG = [
    ("seizure_vote in line 3 is no number of votes (found '-1')", {"votes": (-1, 0, 0, 0, 0, 0)}),
    ("seizure_vote in line 3 is no number of votes (found '1.5')", {"votes": (1.5, 0, 0, 0, 0, 0)}),
    ("nobody voted in line 3", {"votes": (0,) * 6}),
    ("unknown expert_consensus in line 3", {"consensus": "Jane Doe"}),
    ("eeg_label_offset_seconds in line 3 is no time", {"eeg_label_offset_seconds": "Jane Doe"}),
    ("eeg_sub_id in line 3 is no whole number", {"eeg_sub_id": "Jane Doe"}),
    ("patient_id in line 3 is no id", {"patient_id": "Jane Doe"}),
]


@pytest.mark.parametrize(("what", "cells"), WRONG)
def test_a_row_that_makes_no_sense_refuses_its_recording_only(folder, corpus, what, cells):
    folder.table(cut(1), cut(2, **cells), cut(3))
    for eeg_id in (1, 2, 3):
        folder.eeg(eeg_id)
    survey = corpus.survey()
    assert (survey.inventory["run"].tolist(), survey.votes["run"].tolist()) == (["1", "3"], ["1", "3"])
    refused = corpus.row(survey, "train_eegs/2.parquet")
    assert (refused["status"], refused["failed"], what in refused["reason"]) == ("refused", True, True)
    assert (
        "rows on 1 recordings and 0 rows without an id are not used"
        in corpus.row(survey, "train.csv")["reason"]
    )
    assert "Doe" not in survey.report.to_string()


def test_bad_rows_on_an_absent_recording_are_told_by_the_table(folder, corpus):
    folder.table(cut(1), cut(2, votes=(0,) * 6), cut("", votes=(1,) * 6))
    folder.eeg(1)
    survey = corpus.survey()
    row = corpus.row(survey, "train.csv")
    assert (len(survey.report), len(survey.events), row["status"], row["failed"]) == (2, 1, "repaired", False)
    assert (
        "rows on 1 recordings and 1 rows without an id are not used; the first: eeg_id in line 4"
        in row["reason"]
    )


def test_two_rows_on_one_cut_that_disagree_refuse_it_with_both_values(folder, corpus):
    folder.table(cut(1), cut(1, votes=(0, 0, 4, 0, 0, 0), consensus="GPD"), cut(2), cut(2))
    folder.eeg(1)
    folder.eeg(2)
    survey = corpus.survey()
    assert (survey.inventory["run"].tolist(), len(survey.votes)) == (["2"], 1)
    reason = corpus.row(survey, "train_eegs/1.parquet")["reason"]
    assert "seizure (seizure 3) from 0 s and gpd (gpd 4) from 0 s" in reason
    assert "1 rows are there more than once, used once" in corpus.row(survey, "train.csv")["reason"]


def test_one_recording_of_two_patients_is_refused(folder, corpus):
    folder.table(cut(1, patient_id=4), cut(1, patient_id=5, eeg_sub_id=1))
    folder.eeg(1)
    survey = corpus.survey()
    assert survey.inventory.empty
    assert "name different patients" in corpus.row(survey, "train_eegs/1.parquet")["reason"]


def test_patients_whose_names_become_one_are_refused(folder, corpus):
    folder.table(cut(1, patient_id="A_1"), cut(2, patient_id="A.1"), cut(3, patient_id="A2"))
    for eeg_id in (1, 2, 3):
        folder.eeg(eeg_id)
    survey = corpus.survey()
    assert survey.inventory["participant"].tolist() == ["A2"]
    assert "become one participant" in corpus.row(survey, "train_eegs/1.parquet")["reason"]


def test_tables_that_disagree_are_an_error_unless_the_first_counts(folder, corpus):
    folder.table(cut(1), cut(2))
    folder.table(cut(1, votes=(0, 5, 0, 0, 0, 0), consensus="LPD"), cut(2), name="folds/train_folds.csv")
    folder.eeg(1)
    folder.eeg(2)
    survey = corpus.survey()
    assert survey.inventory["run"].tolist() == ["2"]
    assert "folds/train_folds.csv disagree" in corpus.row(survey, "train_eegs/1.parquet")["reason"]
    first = corpus.survey(annotation_conflict="first")
    assert first.votes[["run", "consensus"]].to_numpy().tolist() == [["1", "seizure"], ["2", "seizure"]]
    assert "the first is used" in corpus.row(first, "train_eegs/1.parquet")["reason"]


def test_tables_may_share_the_cuts_of_one_recording(folder, corpus):
    folder.table(cut(eeg_sub_id=0))
    folder.table(cut(eeg_sub_id=1, eeg_label_offset_seconds=6), name="train_2.csv")
    folder.eeg()
    votes = corpus.survey().votes
    assert votes[["sub_id", "onset", "source"]].to_numpy().tolist() == [
        [0, 20, "train.csv"],
        [1, 26, "train_2.csv"],
    ]


def test_votes_summed_over_cuts_are_not_taken_for_a_further_cut(folder, corpus):
    folder.table(cut(eeg_sub_id=0), cut(eeg_sub_id=1, eeg_label_offset_seconds=6))
    folder.table(cut(votes=(6, 0, 0, 0, 0, 0)), name="train_sums.csv", columns=IRR)
    folder.eeg()
    survey = corpus.survey()
    assert survey.votes["n_votes"].tolist() == [3, 3]
    reason = corpus.row(survey, "train_eegs/1.parquet")["reason"]
    assert "train_sums.csv does not tell the cuts apart as the other table does: not used" in reason


def test_a_submission_is_no_table_of_votes(folder, corpus):
    columns = ["eeg_id", *(name for name in KAGGLE if name.endswith("_vote"))]
    folder.table(cut(3, votes=(0.166666667,) * 6), name="sample_submission.csv", columns=columns)
    folder.eeg(3, folder="test_eegs")
    survey = corpus.survey()
    assert (len(survey.inventory), len(survey.votes)) == (1, 0)
    assert "as a submission has them" in corpus.row(survey, "sample_submission.csv")["reason"]


def test_a_table_that_lost_a_column_of_votes_does_not_make_recordings_unannotated(folder, corpus):
    folder.table(cut(), columns=[name for name in KAGGLE if name != "gpd_vote"])
    folder.eeg()
    survey = corpus.survey()
    row = corpus.row(survey, "train_eegs/1.parquet")
    assert (len(survey.inventory), row["failed"]) == (0, True)
    assert "columns of votes are missing (found 'gpd_vote')" in row["reason"]


def test_an_id_of_both_kinds_is_told_apart_by_columns(folder, corpus):
    folder.table(cut(5, spectrogram_id=5))
    folder.eeg(5, folder="a")
    folder.spectrogram(5, folder="b")
    survey = corpus.survey()
    assert survey.inventory["source"].tolist() == ["a/5.parquet"]
    assert corpus.row(survey, "b/5.parquet")["kind"] == "sidecar"


def test_a_spectrogram_that_is_called_as_an_eeg_is_refused(folder, corpus):
    folder.table(cut(1))
    folder.spectrogram(1, folder="train_eegs")
    row = corpus.row(corpus.survey(), "train_eegs/1.parquet")
    assert (row["status"], row["failed"]) == ("refused", True)
    assert len(row["reason"]) < 300


def test_missing_and_further_columns_are_named(folder, corpus):
    folder.table(cut())
    folder.eeg(columns=[*EEG_COLUMNS[1:-1], "Marker"])
    survey = corpus.survey()
    reason = corpus.row(survey, "train_eegs/1.parquet")["reason"]
    assert "without FP1, EKG" in reason
    assert "further columns, left out: Marker" in reason
    assert survey.inventory["missing_channels"][0] == ["FP1"]


def test_an_electrode_without_numbers_is_refused_by_name(folder, corpus):
    folder.table(cut(1), cut(2))
    folder.eeg(1, Cz=["a"] * 10_000)
    folder.eeg(2, Cz=np.arange(10_000.0))  # float64 is as good
    survey = corpus.survey()
    assert survey.inventory["run"].tolist() == ["2"]
    assert "the column Cz holds string, no numbers" in corpus.row(survey, "train_eegs/1.parquet")["reason"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "empty"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git-lfs"),
        (b"PAR1nothing", "not a readable"),
    ],
)
def test_a_file_that_is_no_parquet_stops_nobody(folder, corpus, content, what):
    folder.table(cut(1), cut(2))
    folder.eeg(1)
    folder.eeg(2).write_bytes(content)
    folder.eeg(66, folder="more").write_bytes(content)  # of no table: it may be a recording
    survey = corpus.survey()
    assert survey.inventory["run"].tolist() == ["1"]
    for path in ("train_eegs/2.parquet", "more/66.parquet"):
        row = corpus.row(survey, path)
        assert what in row["reason"]
        assert row["failed"]


def test_missing_samples_are_read_as_such(folder, corpus):
    folder.table(cut())
    gap = np.where(np.arange(10_000) < 7, np.nan, 1).astype(np.float32)
    folder.eeg(Fp1=gap)
    row = corpus.survey().inventory.iloc[0]
    extent = plan_opening(str(corpus.root), row)().extent()
    assert extent.n_nonfinite.tolist() == [7] + [0] * 18


def test_spectrograms_are_checked_and_reported(folder, corpus):
    folder.table(cut(spectrogram_id=5), cut(2, spectrogram_id=6), cut(3, spectrogram_id=7))
    folder.spectrogram(5)
    folder.spectrogram(6, columns=spectrogram_columns(lambda freq: round(freq, 2) * 100))
    folder.spectrogram(7, columns=spectrogram_columns()[:-1])
    folder.spectrogram(8)
    survey = corpus.survey()
    rows = {i: corpus.row(survey, f"train_spectrograms/{i}.parquet") for i in (5, 6, 7, 8)}
    assert [rows[i]["status"] for i in rows] == ["taken", "repaired", "refused", "taken"]
    assert (rows[5]["kind"], rows[5]["reason"], rows[5]["participant"]) == (
        "sidecar",
        "spectrogram, 600 s",
        "9",
    )
    assert (
        "8 columns are not rounded half up: LL_3.12 for LL_3.13, LL_15.62 for LL_15.63" in rows[6]["reason"]
    )
    assert "RP_19.92" in rows[7]["reason"]
    assert rows[8]["reason"].endswith("no table names it")


def test_every_further_file_is_described(folder, corpus):
    folder.table(cut())
    folder.eeg()
    for name in ("example_figures/a.pdf", "brain_eegs.npy", "train_eegs/2.parquet.zip", "notes.csv"):
        corpus.text(name, "content")
    folder.table(cut(), name="deep/notes.csv", columns=["label_id"])
    survey = corpus.survey()
    assert len(survey.report) == 7
    packed = corpus.row(survey, "train_eegs/2.parquet.zip")
    assert (packed["remedy"], packed["failed"]) == ("unpack it", True)
    assert corpus.row(survey, "brain_eegs.npy")["reason"] == "arrays, not a recording; not read"


def test_ids_that_went_through_floats_still_name_their_files(folder, corpus):
    folder.table(cut("1.0", patient_id="77.0", spectrogram_id="5.0", votes=("3.0", 0, 0, 0, 0, 0)))
    folder.eeg(1)
    folder.spectrogram(5)
    survey = corpus.survey()
    assert survey.inventory[["participant", "run"]].iloc[0].tolist() == ["77", "1"]
    assert survey.votes[["spectrogram_id", "seizure_votes"]].iloc[0].tolist() == ["5", 3]


def test_one_eeg_that_lies_there_twice_is_refused(folder, corpus):
    folder.table(cut())
    folder.eeg()
    folder.eeg(folder="copy")
    survey = corpus.survey()
    assert survey.inventory.empty
    assert (
        "participant and run are those of copy/1.parquet too"
        in corpus.row(survey, "train_eegs/1.parquet")["reason"]
    )


def test_a_table_that_breaks_off_refuses_the_recordings_and_not_the_run(folder, corpus):
    folder.table(cut())
    with (corpus.root / "train.csv").open("ab") as stream:
        stream.write(b"\0\0")
    folder.eeg()
    survey = corpus.survey()
    assert survey.inventory.empty
    assert corpus.row(survey, "train.csv")["status"] == "refused"
    assert "not a table of annotations" in corpus.row(survey, "train_eegs/1.parquet")["reason"]


def test_tables_that_name_two_patients_for_one_recording_refuse_it_with_both(folder, corpus):
    folder.table(cut(1, patient_id=7), cut(2, patient_id=7))
    folder.table(cut(1, patient_id=8), cut(2, patient_id=7), name="train2.csv")
    folder.eeg(1)
    folder.eeg(2)
    survey = corpus.survey()
    assert (survey.inventory["run"].tolist(), survey.votes["run"].tolist()) == (["2"], ["2"])
    reason = corpus.row(survey, "train_eegs/1.parquet")["reason"]
    assert "different patients for the recording 1 (found '7 in train.csv; 8 in train2.csv')" in reason
    first = corpus.survey(annotation_conflict="first")
    assert first.inventory[["participant", "run"]].values.tolist() == [["7", "1"], ["7", "2"]]
    assert first.votes["participant"].tolist() == ["7", "7"]
    assert "8 in train2.csv): the first is used" in corpus.row(first, "train_eegs/1.parquet")["reason"]


def test_a_table_without_patients_contradicts_none(folder, corpus):
    folder.table(cut(1, patient_id=7))
    folder.table(cut(1), name="test.csv", columns=["eeg_id", "spectrogram_id"])
    folder.eeg(1)
    assert corpus.survey().inventory["participant"].tolist() == ["7"]


OTHER = {"votes": (0, 0, 0, 0, 0, 9), "consensus": "Other"}
WITHOUT_COUNT = [name for name in KAGGLE if name not in ("eeg_sub_id", "spectrogram_sub_id")]


@pytest.mark.parametrize(
    ("cells", "columns"),
    [({"eeg_sub_id": 7}, KAGGLE), ({}, WITHOUT_COUNT), ({}, IRR)],
    ids=["counted otherwise", "not counted", "the middle of the file"],
)
@pytest.mark.parametrize("name", ["a_train.csv", "train_z.csv"])
def test_tables_that_contradict_each_other_on_one_place_are_an_error(folder, corpus, cells, columns, name):
    folder.table(cut(1), cut(1, eeg_sub_id=1, eeg_label_offset_seconds=6))
    folder.table(cut(1, **OTHER, **cells), name=name, columns=columns)
    folder.eeg(1)
    survey = corpus.survey()
    assert (len(survey.inventory), len(survey.votes)) == (0, 0)
    reason = corpus.row(survey, "train_eegs/1.parquet")["reason"]
    assert "seizure (seizure 3)" in reason
    assert "other (other 9)" in reason
    first = corpus.survey(annotation_conflict="first")
    of_first = "other" if name < "train.csv" else "seizure"
    assert sorted(first.votes["onset"]) == [20, 26]
    assert first.votes.set_index("onset")["consensus"].to_dict() == {20: of_first, 26: "seizure"}


@pytest.mark.parametrize("columns", [KAGGLE, WITHOUT_COUNT, IRR])
def test_one_cut_in_two_tables_counts_once_however_they_count(folder, corpus, columns):
    folder.table(cut(1, spectrogram_id=4), cut(1, eeg_sub_id=1, eeg_label_offset_seconds=6))
    folder.table(cut(1, eeg_sub_id=7, spectrogram_id=4), name="train_z.csv", columns=columns)
    folder.eeg(1)
    survey = corpus.survey()
    assert survey.votes[["sub_id", "onset"]].values.tolist() == [[0, 20], [1, 26]]
    assert len(survey.events) == 2


def test_further_cuts_of_a_table_without_counts_have_numbers_of_their_own(folder, corpus):
    folder.table(cut(1), cut(1, eeg_sub_id=2, eeg_label_offset_seconds=6))
    rows = [cut(1), cut(1, eeg_label_offset_seconds=8)]
    folder.table(*rows, name="train_z.csv", columns=WITHOUT_COUNT)
    folder.eeg(1)
    votes = corpus.survey().votes
    assert sorted(votes["onset"]) == [20, 26, 28]
    assert votes["sub_id"].is_unique


def test_sums_over_cuts_are_known_also_where_they_come_first(folder, corpus):
    folder.table(cut(eeg_sub_id=0), cut(eeg_sub_id=1, eeg_label_offset_seconds=6))
    folder.table(cut(votes=(6, 0, 0, 0, 0, 0)), name="a_train.csv", columns=IRR)
    folder.eeg()
    survey = corpus.survey()
    assert survey.votes["n_votes"].tolist() == [3, 3]
    assert "a_train.csv does not tell the cuts apart" in corpus.row(survey, "train_eegs/1.parquet")["reason"]


def test_a_recording_without_a_patient_does_not_fall_onto_another_patient(folder, corpus):
    folder.table(cut(1, patient_id=9), cut(9, patient_id=""), cut(8, patient_id=""))
    for eeg_id in (1, 8, 9):
        folder.eeg(eeg_id)
    survey = corpus.survey()
    assert survey.inventory[["participant", "person", "run"]].values.tolist() == [
        ["8", "8", "8"], ["9", "9", "1"], ["eeg9", "eeg9", "9"],
    ]  # fmt: skip
    assert survey.votes[["participant", "run"]].values.tolist() == [["8", "8"], ["9", "1"], ["eeg9", "9"]]
    assert "called eeg9 for a patient has the id 9" in corpus.row(survey, "train_eegs/9.parquet")["reason"]


def test_codes_for_recordings_without_a_patient_avoid_every_patient(folder, corpus):
    folder.table(cut(1, patient_id="A_1"), cut(2, patient_id="eega-1"))
    for eeg_id in (1, 2, "a.1"):
        folder.eeg(eeg_id)
    assert sorted(corpus.survey().inventory["participant"]) == ["A-1", "eega-1", "eegeega-1"]
