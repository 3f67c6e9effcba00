"""report: embeddings + scores -> maps, timelines, figures, and one page that says how far to trust them."""

from dataclasses import fields

from kedro.pipeline import Node, Pipeline

from eeg_kedro.figures.learn_report_tables import LearnTables
from eeg_kedro.pipelines.report.nodes import (
    FIGURES,
    MAPS,
    draw_calibration,
    draw_maps,
    draw_scores,
    draw_timelines,
    gather_figures,
    map_embeddings,
    write_report,
)

# the report's tables are named after the datasets they come from; figures are gathered first
TABLES = [one.name for one in fields(LearnTables) if one.name != "figures"]


def create_pipeline(**_: object) -> Pipeline:
    """Create the pipeline ``report``."""
    return Pipeline(
        [
            Node(
                map_embeddings,
                inputs=[
                    "output_embeddings",
                    "output_predictions",
                    "output_operating_points",
                    "params:report",
                ],
                outputs="report_embedding_map",
                name="map_embeddings",
                tags="report",
            ),
            Node(
                draw_maps,
                inputs="report_embedding_map",
                outputs={name: name for name in MAPS},
                name="draw_maps",
                tags="report",
            ),
            Node(
                draw_timelines,
                inputs=[
                    "output_detections",
                    "int_events",
                    "output_predictions",
                    "report_run_scores",
                    "params:report",
                ],
                outputs="report_timeline_figure",
                name="draw_timelines",
                tags="report",
            ),
            Node(
                draw_scores,
                inputs=["report_score_summary", "report_scores"],
                outputs="report_scores_figure",
                name="draw_scores",
                tags="report",
            ),
            Node(
                draw_calibration,
                inputs="report_calibration",
                outputs="report_calibration_figure",
                name="draw_calibration",
                tags="report",
            ),
            Node(
                gather_figures,
                inputs=[*FIGURES],
                outputs="report_learn_figures",
                name="gather_figures",
                tags="report",
            ),
            Node(
                write_report,
                inputs=[*TABLES, "report_learn_figures"],
                outputs="report_learn",
                name="write_report",
                tags="report",
            ),
        ],
        namespace="report",
        prefix_datasets_with_namespace=False,
    )
