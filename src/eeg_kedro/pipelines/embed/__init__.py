"""Turn windows into points: seizures apart from the rest, and measured on people the training never saw."""

from eeg_kedro.pipelines.embed.pipeline import create_pipeline

__all__ = ["create_pipeline"]
