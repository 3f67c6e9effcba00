"""extract: prm_windows + manifest + events -> features, spectrograms, segments."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from eeg_kedro.pipelines.extract.nodes import compute_features, compute_spectrograms, lay_segments


def create_pipeline(**_: Any) -> Pipeline:
    """Create the pipeline ``extract``."""
    return Pipeline(
        [
            Node(
                compute_features,
                inputs=["prm_windows", "prm_window_manifest", "params:extract"],
                outputs="feat_window_features",
                name="compute_features",
                tags="extract",
            ),
            Node(
                compute_spectrograms,
                inputs=["prm_windows", "params:extract"],
                outputs="feat_spectrograms",
                name="compute_spectrograms",
                tags="extract",
            ),
            Node(
                lay_segments,
                inputs=[
                    "prm_recording_quality",
                    "int_events",
                    "prm_second_quality",
                    "feat_window_features",
                    "feat_spectrograms",
                    "params:extract",
                ],
                outputs="feat_segments",
                name="lay_segments",
                tags="extract",
            ),
        ],
        namespace="extract",
        prefix_datasets_with_namespace=False,
    )
