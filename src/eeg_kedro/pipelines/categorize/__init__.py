"""Lay windows over every recording and say how much seizure each holds, by arithmetic alone."""

from eeg_kedro.pipelines.categorize.pipeline import create_pipeline

__all__ = ["create_pipeline"]
