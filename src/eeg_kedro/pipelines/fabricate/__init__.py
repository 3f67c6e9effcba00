"""Make synthetic corpora with known content, in the files a hospital or an archive would deliver."""

from eeg_kedro.pipelines.fabricate.pipeline import create_pipeline

__all__ = ["create_pipeline"]
