"""Features of windows, spectrograms and segments, from the cleaned signal."""

from eeg_kedro.pipelines.extract.pipeline import create_pipeline

__all__ = ["create_pipeline"]
