"""ingest: raw corpus -> inventory, events and a report on every file."""

from kedro.pipeline import Node, Pipeline

from eeg_kedro.pipelines.ingest.nodes import draw_hours, survey_recordings


def create_pipeline(**_: object) -> Pipeline:
    """Create the pipeline ``ingest``."""
    outputs = ("int_inventory", "int_events", "int_ingest_report", "int_votes", "report_corpus_metrics")
    return Pipeline(
        [
            Node(
                survey_recordings,
                inputs=["raw_corpus", "params:corpus", "params:ingest"],
                outputs={name: name for name in outputs},
                name="survey_recordings",
                tags="ingest",
            ),
            Node(
                draw_hours,
                inputs="int_inventory",
                outputs="report_hours_figure",
                name="draw_hours",
                tags="ingest",
            ),
        ],
        namespace="ingest",
        prefix_datasets_with_namespace=False,
    )
