"""Train detectors on the pretrained encoder and beside it, and let each predict whole recordings."""

from eeg_kedro.pipelines.finetune.pipeline import create_pipeline

__all__ = ["create_pipeline"]
