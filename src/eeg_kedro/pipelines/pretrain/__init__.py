"""Train an encoder to fill in what was masked, then ask whether it learned the signal."""

from eeg_kedro.pipelines.pretrain.pipeline import create_pipeline

__all__ = ["create_pipeline"]
