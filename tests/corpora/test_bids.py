import csv

import pytest

EVENTS = "\ufeffonset\tduration\teventType\r\n1.00\t4.00\tsz_foc_ia\r\n"
STEM = "sub-002/ses-01/eeg/sub-002_ses-01_task-szMonitoring_run-01"


def test_the_run_is_every_entity_after_the_subject(corpus):
    corpus.edf(STEM + "_eeg.edf")
    corpus.text(STEM + "_events.tsv", EVENTS)
    survey = corpus.survey()
    (row,) = survey.inventory.to_dict("records")
    assert (row["participant"], row["session"], row["run"]) == (
        "002",
        "01",
        "ses-01-task-szMonitoring-run-01",
    )
    assert (row["n_seizures"], row["seizure_seconds"]) == (1, 4.0)


def test_other_modalities_and_copies_are_no_failures(corpus):
    corpus.edf(STEM + "_eeg.edf")
    corpus.edf(STEM + "_ecg.edf")
    corpus.edf("derivatives/" + STEM + "_eeg.edf")
    survey = corpus.survey()
    assert len(survey.inventory) == 1
    assert not survey.report["failed"].any()


def test_real_events_beside_linked_recordings_are_found(corpus, shared_data):
    source = shared_data / "chbmit" / "bids" / "sub-chb01" / "eeg" / "sub-chb01_task-rest_run-3_events.tsv"
    folder = corpus.root / "sub-chb01" / "eeg"
    folder.mkdir(parents=True)
    (folder / source.name).symlink_to(source)
    recording = shared_data / "chbmit_hollow" / "chb01" / "chb01_03.edf"
    (folder / "sub-chb01_task-rest_run-3_eeg.edf").symlink_to(recording)
    survey = corpus.survey()
    assert survey.events[["participant", "run", "onset", "duration"]].values.tolist() == [
        ["chb01", "task-rest-run-3", 2996.0, 40.0]
    ]


def test_events_below_another_folder_are_found_by_path_or_name(corpus, tmp_path):
    corpus.edf(STEM + "_eeg.edf")
    corpus.root = tmp_path / "labels"
    corpus.text("deep/" + STEM.split("/")[-1] + "_events.tsv", EVENTS)
    corpus.root = tmp_path / "corpus"
    assert corpus.survey(annotations_root=str(tmp_path / "labels")).inventory["annotated"].all()


SAMPLED = (
    "onset\tduration\ttrial_type\tvalue\tsample\n1086.0\t110.0\tseizure\t1\t278016\n2.5\t1\tseizure\t1\t640\n"
)


def test_events_without_a_recording_are_kept_at_the_rate_of_the_sidecar(corpus):
    corpus.text(STEM + "_events.tsv", EVENTS)
    corpus.text(STEM + "_eeg.json", '{"SamplingFrequency": 500, "RecordingDuration": 4.998}')
    survey = corpus.survey()
    columns = ["participant", "run", "onset_sample", "n_samples", "has_signal"]
    assert survey.layout == "bids"
    assert survey.events[columns].values.tolist() == [
        ["002", "ses-01-task-szMonitoring-run-01", 500, 2000, False]
    ]
    assert survey.inventory.empty
    assert not survey.report["failed"].any()


def test_a_rate_that_only_the_sample_column_gives_is_found(corpus):
    corpus.text(STEM + "_events.tsv", SAMPLED)
    assert corpus.survey().events["onset_sample"].tolist() == [640, 278016]


@pytest.mark.parametrize("text", [EVENTS, SAMPLED.replace("640", "1000"), SAMPLED.replace("278016", "inf")])
def test_without_a_rate_events_keep_their_times_and_have_no_samples(corpus, text):
    corpus.text(STEM + "_events.tsv", text)
    survey = corpus.survey()
    assert (survey.events["onset_sample"] == -1).all()
    assert (survey.events["duration"] > 0).all()
    assert len(survey.events) == text.count("\n") - 1


def test_a_broken_sidecar_of_an_absent_recording_costs_no_event(corpus):
    corpus.text(STEM + "_events.tsv", EVENTS)
    corpus.text(STEM + "_eeg.json", "{")
    survey = corpus.survey()
    assert len(survey.events) == 1
    assert corpus.row(survey, STEM + "_eeg.json")["status"] == "refused"


def test_events_of_other_modalities_and_of_copies_are_not_taken_for_eeg(corpus):
    for folder in ("sub-02/func/", "sub-02/ieeg/", "derivatives/clean/sub-02/eeg/"):
        corpus.text(folder + "sub-02_task-rest_events.tsv", EVENTS)
    corpus.edf(STEM + "_eeg.edf")
    assert corpus.survey().events.empty


def test_a_name_of_which_nothing_is_left_refuses_its_file_and_the_rest_goes_on(corpus):
    corpus.edf("sub-€/eeg/sub-€_eeg.edf")
    corpus.edf(STEM + "_eeg.edf")
    survey = corpus.survey()
    assert survey.inventory["participant"].tolist() == ["002"]
    assert corpus.row(survey, "sub-€/eeg/sub-€_eeg.edf")["failed"]


def test_real_events_of_the_bids_copy_are_all_there(corpus, shared_data):
    corpus.root = shared_data / "chbmit" / "bids"
    survey = corpus.survey("bids")
    with (shared_data / "chbmit" / "seizures.csv").open(newline="") as lines:
        rows = [*csv.DictReader(lines)]
    truth = sorted(
        (r["patient"], f"task-rest-run-{r['run']}", float(r["onset_s"]), float(r["duration_s"])) for r in rows
    )
    columns = ["participant", "run", "onset", "duration"]
    assert sorted(survey.events[columns].itertuples(index=False, name=None)) == truth
    assert (survey.events["onset_sample"] == survey.events["onset"] * 256).all()
    assert not survey.events["has_signal"].any()


@pytest.mark.parametrize(
    "stated", ["[" * 200_000, '{"SamplingFrequency": ' + "9" * 400 + "}", "{" * 9, '{"Name": []}']
)
def test_bad_json_beside_events_states_no_rate_and_stops_nothing(corpus, stated):
    corpus.text(STEM + "_events.tsv", EVENTS)
    corpus.text(STEM + "_eeg.json", stated)
    corpus.text("dataset_description.json", stated)
    survey = corpus.survey()
    assert (survey.layout, survey.events["onset_sample"].tolist()) == ("bids", [-1])
