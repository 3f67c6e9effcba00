"""clean: inventory + raw samples -> cleaned signal (lazy)."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from eeg_kedro.pipelines.clean.nodes import plan_cleaning


def create_pipeline(**_: Any) -> Pipeline:
    """Create the pipeline ``clean``."""
    return Pipeline(
        [
            Node(
                plan_cleaning,
                inputs=["int_inventory", "raw_corpus", "params:clean"],
                outputs="int_clean_recordings",
                name="plan_cleaning",
                tags="clean",
            )
        ],
        namespace="clean",
        prefix_datasets_with_namespace=False,
    )
