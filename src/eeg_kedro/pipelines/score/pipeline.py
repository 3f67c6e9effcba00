"""score: predictions + events -> operating points, detections, tables of scores, a verdict, annotation files."""

from kedro.pipeline import Node, Pipeline

from eeg_kedro.pipelines.score.nodes import (
    ANNOTATIONS,
    SCORES,
    check_overlap,
    detect_events,
    draw_operating_points,
    score_detections,
    tune_operation,
    write_annotations,
)


def create_pipeline(**_: object) -> Pipeline:
    """Create the pipeline ``score``."""
    return Pipeline(
        [
            Node(
                check_overlap,
                inputs=[
                    "model_finetuned_last",
                    "model_finetuned",
                    "input_participant_split",
                    "output_predictions",
                ],
                outputs="output_overlap_card",
                name="check_overlap",
                tags="score",
            ),
            Node(
                tune_operation,
                inputs=[
                    "output_predictions",
                    "int_events",
                    "int_inventory",
                    "output_overlap_card",
                    "params:score",
                ],
                outputs="output_operating_points",
                name="tune_operation",
                tags="score",
            ),
            Node(
                detect_events,
                inputs=["output_predictions", "output_operating_points"],
                outputs="output_detections",
                name="detect_events",
                tags="score",
            ),
            Node(
                score_detections,
                inputs=[
                    "output_predictions",
                    "output_detections",
                    "output_operating_points",
                    "int_events",
                    "int_inventory",
                    "params:score",
                ],
                outputs={name: name for name in SCORES},
                name="score_detections",
                tags="score",
            ),
            Node(
                write_annotations,
                inputs=["output_predictions", "output_detections", "model_finetuned"],
                outputs={name: name for name in ANNOTATIONS},
                name="write_annotations",
                tags="score",
            ),
            Node(
                draw_operating_points,
                inputs="report_score_summary",
                outputs="report_operating_points_figure",
                name="draw_operating_points",
                tags="score",
            ),
        ],
        namespace="score",
        prefix_datasets_with_namespace=False,
    )
