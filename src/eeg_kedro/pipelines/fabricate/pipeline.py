"""fabricate: parameters -> synthetic corpora and their ground truth."""

from kedro.pipeline import Node, Pipeline

from eeg_kedro.pipelines.fabricate.nodes import fabricate_corpora


def create_pipeline(**_: object) -> Pipeline:
    """Create the pipeline ``fabricate``."""
    return Pipeline(
        [
            Node(
                fabricate_corpora,
                inputs="params:fabricate",
                outputs="raw_fabricated",
                name="fabricate_corpora",
                tags="fabricate",
            )
        ],
        namespace="fabricate",
        prefix_datasets_with_namespace=False,
    )
