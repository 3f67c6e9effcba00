"""inspect: windows + raw samples + quality -> one page per recording, an overview of the corpus."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from eeg_kedro.pipelines.inspect.nodes import draw_overview, draw_pages


def create_pipeline(**_: Any) -> Pipeline:
    """Create the pipeline ``inspect``."""
    return Pipeline(
        [
            Node(
                draw_pages,
                inputs=[
                    "raw_corpus",
                    "int_inventory",
                    "int_events",
                    "prm_recording_quality",
                    "prm_windows",
                    "params:inspect",
                ],
                outputs="report_recording_pages",
                name="draw_pages",
                tags="inspect",
            ),
            Node(
                draw_overview,
                inputs=["prm_recording_quality", "report_recording_pages", "params:inspect"],
                outputs={
                    "report_quality_overview": "report_quality_overview",
                    "report_quality_figure": "report_quality_figure",
                },
                name="draw_overview",
                tags="inspect",
            ),
        ],
        namespace="inspect",
        prefix_datasets_with_namespace=False,
    )
