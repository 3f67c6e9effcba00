import pytest

from eeg_kedro.corpora.folder_listing import list_folder
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.survey import survey_corpus

CSV = "channel,start_time,stop_time,label\nTERM,1,3,seiz\n"
TSE = "version = tse_v1.0.0\n\n1.0 3.0 seiz 1.0\n"
TSV = "onset\tduration\ttrial_type\n1\t2\tseizure\n"


@pytest.mark.parametrize(
    ("beside", "content"),
    [
        ("a_1.csv", CSV),
        ("a_1.CSV_BI", CSV),
        ("a_1.tsv", TSV),
        ("a_1_events.tsv", TSV),
        ("A_1.csv", CSV),
        ("a_1.tse", TSE),
        ("A_1.TSE_BI", TSE),
    ],
)
def test_each_kind_of_annotation_beside_a_recording_is_found(corpus, beside, content):
    corpus.edf("a_1.edf")
    corpus.text(beside, content)
    survey = corpus.survey()
    assert survey.inventory["annotation_source"].tolist() == [beside]
    assert survey.inventory["seizure_seconds"].tolist() == [2.0]


def test_real_seizures_and_background_are_both_annotated(shared_data):
    survey = survey_corpus(list_folder(shared_data / "iiic_edf"), "auto", IngestOptions())
    assert survey.inventory["participant"].tolist() == ["LPD", "SZ", "SZ"]
    assert survey.inventory["annotated"].all()
    assert survey.inventory["n_seizures"].tolist() == [0, 1, 1]
    seizures = survey.events[survey.events["kind"] == "seizure"]
    assert seizures[["onset_sample", "n_samples"]].values.tolist() == [[4000, 2000], [4000, 2000]]


def test_each_odd_real_file_has_a_row_and_none_fails(shared_data):
    survey = survey_corpus(list_folder(shared_data / "edf"), "flat", IngestOptions())
    files = sorted(path.name for path in (shared_data / "edf").iterdir())
    assert survey.report["path"].tolist() == files
    refused = survey.report[survey.report["status"] == "refused"]
    assert refused["path"].tolist() == ["facts.json", "sleepedf_SC4001EC-Hypnogram.edf"]
    assert not survey.report["failed"].any()
    assert len(survey.inventory) == len(files) - 2
