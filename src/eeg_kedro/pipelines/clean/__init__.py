"""Plan, per recording, how its raw samples become a cleaned signal (lazy: nothing is read yet)."""

from eeg_kedro.pipelines.clean.pipeline import create_pipeline

__all__ = ["create_pipeline"]
