"""Put on one page what was done and how far to trust it: maps, scores, timelines, doubts."""

from eeg_kedro.pipelines.report.pipeline import create_pipeline

__all__ = ["create_pipeline"]
