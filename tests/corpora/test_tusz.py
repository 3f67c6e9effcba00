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
    survey = corpus.survey()
    assert survey.inventory["seizure_seconds"].tolist() == [6.0]
    row = corpus.row(survey, PLACE + ".csv_bi")
    assert (row["status"], row["kind"]) == ("taken", "annotation")
    assert "1 seizures here, 1 in the file that is used, 2 s apart" in row["reason"]


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
