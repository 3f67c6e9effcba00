from eeg_kedro.corpora.folder_listing import list_folder
from eeg_kedro.corpora.options import CorpusOptions, IngestOptions
from eeg_kedro.pipelines.ingest import create_pipeline
from eeg_kedro.pipelines.ingest.nodes import draw_hours, survey_recordings


def _outputs(root):
    return survey_recordings(list_folder(root), CorpusOptions(root=str(root)), IngestOptions())


def test_the_survey_node_counts_what_it_found(shared_data):
    outputs = _outputs(shared_data / "iiic_edf")
    values = {name: point["value"] for name, point in outputs["report_corpus_metrics"].items()}
    assert (values["recordings"], values["seizures"], values["seizure_seconds"]) == (3, 2, 20)
    assert values["files"] == len(outputs["int_ingest_report"]) == 7


def test_outputs_of_the_node_are_the_datasets_of_the_pipeline(shared_data):
    made = {*_outputs(shared_data / "iiic_edf"), "report_hours_figure"}
    assert create_pipeline().all_outputs() == made


def test_hours_are_drawn_for_each_participant(shared_data):
    figure = draw_hours(_outputs(shared_data / "iiic_edf")["int_inventory"])
    assert figure.data[0].x == ("SZ", "LPD")
