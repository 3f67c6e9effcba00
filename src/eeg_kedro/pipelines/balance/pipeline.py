"""balance: manifest -> persons on sides and in folds, the windows training draws, and those as one array."""

from kedro.pipeline import Node, Pipeline

from eeg_kedro.pipelines.balance.nodes import (
    DRAWN,
    FOLDS,
    draw_sampling,
    draw_windows,
    fold_persons,
    materialise_windows,
    split_persons,
)


def create_pipeline(**_: object) -> Pipeline:
    """Create the pipeline ``balance``."""
    return Pipeline(
        [
            Node(
                split_persons,
                inputs=["int_inventory", "prm_window_manifest", "params:balance"],
                outputs="input_participant_split",
                name="split_persons",
                tags="balance",
            ),
            Node(
                fold_persons,
                inputs=["input_participant_split", "params:balance", "prm_recording_quality"],
                outputs={name: name for name in FOLDS},
                name="fold_persons",
                tags="balance",
            ),
            Node(
                draw_windows,
                inputs=[
                    "prm_window_manifest",
                    "input_participant_split",
                    "params:balance",
                    "int_events",
                    "input_hard_negatives",
                    "prm_recording_quality",
                ],
                outputs={name: name for name in DRAWN},
                name="draw_windows",
                tags="balance",
            ),
            Node(
                materialise_windows,
                inputs=[
                    "input_balanced_windows",
                    "prm_windows",
                    "int_events",
                    "raw_npz_cache",
                    "params:balance",
                ],
                outputs="input_balanced_signals",
                name="materialise_windows",
                tags="balance",
            ),
            Node(
                draw_sampling,
                inputs=["report_sampling", "input_balanced_windows"],
                outputs="report_sampling_figure",
                name="draw_sampling",
                tags="balance",
            ),
        ],
        namespace="balance",
        prefix_datasets_with_namespace=False,
    )
