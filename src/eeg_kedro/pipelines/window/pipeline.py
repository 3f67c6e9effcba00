"""window: cleaned signal -> prm_windows, one parquet per participant and run."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from eeg_kedro.pipelines.window.nodes import collect_quality, cut_recordings, draw_cleaning

QUALITY = (
    "prm_recording_quality",
    "prm_channel_quality",
    "prm_ica_components",
    "prm_second_quality",
    "report_window_metrics",
)


def create_pipeline(**_: Any) -> Pipeline:
    """Create the pipeline ``window``."""
    return Pipeline(
        [
            Node(
                cut_recordings,
                inputs=["int_clean_recordings", "params:window"],
                outputs="prm_windows",
                name="cut_recordings",
                tags="window",
            ),
            Node(
                collect_quality,
                inputs=["prm_windows", "int_inventory"],
                outputs={name: name for name in QUALITY},
                name="collect_quality",
                tags="window",
            ),
            Node(
                draw_cleaning,
                inputs=["raw_corpus", "int_inventory", "int_events", "prm_windows"],
                outputs="report_traces_figure",
                name="draw_cleaning",
                tags="window",
            ),
        ],
        namespace="window",
        prefix_datasets_with_namespace=False,
    )
