"""categorize: recordings with windows + events (or an npz cache) -> prm_window_manifest."""

from kedro.pipeline import Node, Pipeline

from eeg_kedro.pipelines.categorize.nodes import categorize_windows

OUTPUTS = ("prm_window_manifest", "report_categories", "report_category_metrics")


def create_pipeline(**_: object) -> Pipeline:
    """Create the pipeline ``categorize``."""
    return Pipeline(
        [
            Node(
                categorize_windows,
                inputs=[
                    "prm_recording_quality",
                    "int_events",
                    "raw_npz_cache",
                    "params:categorize",
                    "prm_second_quality",
                    "int_inventory",
                ],
                outputs={name: name for name in OUTPUTS},
                name="categorize_windows",
                tags="categorize",
            )
        ],
        namespace="categorize",
        prefix_datasets_with_namespace=False,
    )
