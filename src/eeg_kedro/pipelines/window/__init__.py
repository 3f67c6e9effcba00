"""Cut the cleaned signal into rows of fixed length, one parquet per participant and run, every sample once."""

from eeg_kedro.pipelines.window.pipeline import create_pipeline

__all__ = ["create_pipeline"]
