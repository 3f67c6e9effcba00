"""Survey a folder of recordings: what is there, what was annotated, what became of every file."""

from eeg_kedro.pipelines.ingest.pipeline import create_pipeline

__all__ = ["create_pipeline"]
