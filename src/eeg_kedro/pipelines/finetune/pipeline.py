"""finetune: balanced windows + the pretrained encoder -> detectors, and what each says of whole recordings."""

from kedro.pipeline import Node, Pipeline

from eeg_kedro.pipelines.finetune.nodes import (
    TRAINED,
    choose_detector,
    draw_finetune_history,
    predict_detectors,
    train_detectors,
)
from eeg_kedro.pipelines.finetune.participant_nodes import JUDGED, judge_participants

_PARAMETERS = ["params:finetune", "params:pretrain"]


def create_pipeline(**_: object) -> Pipeline:
    """Create the pipeline ``finetune``."""
    return Pipeline(
        [
            Node(
                train_detectors,
                inputs=[
                    "input_balanced_windows",
                    "input_balanced_signals",
                    "prm_windows",
                    "prm_window_manifest",
                    "input_participant_split",
                    "int_events",
                    "input_hard_negatives",
                    "model_pretrained",
                    "model_pretrained_named",
                    "model_finetuned_resume",
                    *_PARAMETERS,
                    "params:balance",
                ],
                outputs={name: name for name in TRAINED},
                name="train_detectors",
                tags="finetune",
            ),
            Node(
                choose_detector,
                inputs=["model_finetuned_last", *_PARAMETERS],
                outputs="model_finetuned",
                name="choose_detector",
                tags="finetune",
            ),
            Node(
                predict_detectors,
                inputs=[
                    "model_finetuned_last",
                    "model_finetuned",
                    "input_balanced_windows",
                    "input_balanced_signals",
                    "prm_windows",
                    "input_participant_split",
                    "int_inventory",
                    *_PARAMETERS,
                ],
                outputs="output_predictions",
                name="predict_detectors",
                tags="finetune",
            ),
            Node(
                draw_finetune_history,
                inputs="report_finetune_history",
                outputs="report_finetune_history_figure",
                name="draw_finetune_history",
                tags="finetune",
            ),
            Node(
                judge_participants,
                inputs=[
                    "raw_participant_labels",
                    "input_balanced_windows",
                    "input_balanced_signals",
                    "input_participant_split",
                    "model_pretrained",
                    "model_pretrained_named",
                    "model_participant_last",
                    *_PARAMETERS,
                ],
                outputs={name: name for name in JUDGED},
                name="judge_participants",
                tags="finetune",
            ),
        ],
        namespace="finetune",
        prefix_datasets_with_namespace=False,
    )
