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
