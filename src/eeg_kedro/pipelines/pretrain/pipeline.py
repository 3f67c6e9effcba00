"""pretrain: windows + split -> an encoder that fills in masked tokens, its curves, and the gates it must pass."""

from kedro.pipeline import Node, Pipeline

from eeg_kedro.pipelines.pretrain.nodes import (
    MEASURED,
    TRAINED,
    choose_best,
    draw_reconstruction,
    draw_training,
    measure_encoder,
    plan_pretraining,
    pretrain_encoder,
)


def create_pipeline(**_: object) -> Pipeline:
    """Create the pipeline ``pretrain``."""
    return Pipeline(
        [
            Node(
                plan_pretraining,
                inputs=[
                    "prm_windows",
                    "input_participant_split",
                    "int_inventory",
                    "prm_window_manifest",
                    "prm_second_quality",
                    "raw_electrodes",
                    "params:pretrain",
                    "params:balance",
                ],
                outputs="input_pretrain_plan",
                name="plan_pretraining",
                tags="pretrain",
            ),
            Node(
                pretrain_encoder,
                inputs=[
                    "input_pretrain_plan",
                    "prm_windows",
                    "model_pretrained_resume",
                    "params:pretrain",
                ],
                outputs={name: name for name in TRAINED},
                name="pretrain_encoder",
                tags="pretrain",
            ),
            Node(
                choose_best,
                inputs=["model_pretrained_last", "params:pretrain"],
                outputs="model_pretrained",
                name="choose_best",
                tags="pretrain",
            ),
            Node(
                measure_encoder,
                inputs=["model_pretrained", "input_pretrain_plan", "prm_windows", "params:pretrain"],
                outputs={name: name for name in MEASURED},
                name="measure_encoder",
                tags="pretrain",
            ),
            Node(
                draw_training,
                inputs="report_pretrain_history",
                outputs="report_pretrain_history_figure",
                name="draw_training",
                tags="pretrain",
            ),
            Node(
                draw_reconstruction,
                inputs="report_pretrain_examples",
                outputs="report_pretrain_reconstruction_figure",
                name="draw_reconstruction",
                tags="pretrain",
            ),
        ],
        namespace="pretrain",
        prefix_datasets_with_namespace=False,
    )
