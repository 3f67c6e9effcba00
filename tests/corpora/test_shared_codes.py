def test_two_names_that_become_one_code_are_both_refused(corpus):
    corpus.edf("Müller_1.edf", seconds=2)
    corpus.edf("Möller_2.edf", seconds=2)
    corpus.edf("Meier_1.edf", seconds=2)
    survey = corpus.survey("flat")
    assert survey.inventory["participant"].tolist() == ["Meier"]
    reason = corpus.row(survey, "Müller_1.edf")["reason"]
    assert "2 names in the corpus that become one participant: möller, müller" in reason


def test_case_and_the_same_name_twice_are_no_sign_of_two_people(corpus):
    for name in ("anna_1.edf", "Anna_2.edf", "a b_1.edf", "a b_2.edf"):
        corpus.edf(name, seconds=2)
    assert len(corpus.survey("flat").inventory) == 4


def test_two_bids_datasets_in_one_folder_are_not_mixed(corpus):
    corpus.edf("oslo/sub-01/eeg/sub-01_task-rest_run-1_eeg.edf", seconds=2)
    corpus.edf("bergen/sub-01/eeg/sub-01_task-rest_run-2_eeg.edf", seconds=2)
    corpus.edf("bergen/sub-02/ses-1/eeg/sub-02_ses-1_eeg.edf", seconds=2)
    corpus.edf("bergen/sub-02/ses-2/eeg/sub-02_ses-2_eeg.edf", seconds=2)
    survey = corpus.survey("bids")
    assert survey.inventory["participant"].tolist() == ["02", "02"]
    refused = survey.report[survey.report["failed"]]
    assert len(refused) == 2
    assert (
        refused["reason"]
        .str.contains("2 folders hold the same participant: bergen/sub-01, oslo/sub-01")
        .all()
    )


def test_nobody_is_on_two_sides_of_an_official_split(corpus):
    for split, run in (("train", "t000"), ("eval", "t001")):
        corpus.edf(f"edf/{split}/aaaaaaac/s001_2002/01_tcp_ar/aaaaaaac_s001_{run}.edf", seconds=2)
    survey = corpus.survey("tusz")
    assert survey.inventory.empty
    assert (
        survey.report["reason"].str.contains("official splits hold the same participant: eval, train").all()
    )


def test_folders_of_a_flat_corpus_mean_nothing(corpus):
    corpus.edf("2001/p1_1.edf", seconds=2)
    corpus.edf("2002/p1_2.edf", seconds=2)
    assert len(corpus.survey("flat").inventory) == 2


def test_events_without_a_recording_are_no_second_home(corpus):
    corpus.edf("sub-01/eeg/sub-01_task-x_run-1_eeg.edf", seconds=2)
    corpus.text("old/sub-01/eeg/sub-01_task-x_run-2_events.tsv", "onset\tduration\teventType\n1\t2\tsz\n")
    survey = corpus.survey("bids")
    assert survey.inventory["participant"].tolist() == ["01"]
    assert survey.events["has_signal"].tolist() == [False]
