"""balance: manifest -> input_participant_split, input_balanced_windows."""

from kedro.pipeline import Node, Pipeline

from eeg_kedro.pipelines.balance.nodes import draw_split_categories, draw_windows, split_persons


def create_pipeline(**_: object) -> Pipeline:
    """Create the pipeline ``balance``."""
    drawn = ("input_balanced_windows", "report_balance", "report_balance_metrics")
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
                draw_windows,
                inputs=["prm_window_manifest", "input_participant_split", "params:balance", "int_events"],
                outputs={name: name for name in drawn},
                name="draw_windows",
                tags="balance",
            ),
            Node(
                draw_split_categories,
                inputs=["prm_window_manifest", "input_balanced_windows", "input_participant_split"],
                outputs="report_categories_figure",
                name="draw_split_categories",
                tags="balance",
            ),
        ],
        namespace="balance",
        prefix_datasets_with_namespace=False,
    )
