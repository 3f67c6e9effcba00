"""Put every person on one side of the split, then draw a balanced set of windows on each side."""

from eeg_kedro.pipelines.balance.pipeline import create_pipeline

__all__ = ["create_pipeline"]
