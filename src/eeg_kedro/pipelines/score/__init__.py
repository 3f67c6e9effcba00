"""Choose operating points on validation, apply them once, and score every model by the rules of the field."""

from eeg_kedro.pipelines.score.pipeline import create_pipeline

__all__ = ["create_pipeline"]
