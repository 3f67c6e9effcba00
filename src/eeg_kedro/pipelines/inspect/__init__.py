"""Show what cleaning did: a page per recording, an overview of the corpus, worst first."""

from eeg_kedro.pipelines.inspect.pipeline import create_pipeline

__all__ = ["create_pipeline"]
