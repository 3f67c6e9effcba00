"""Options of the training loop, the same for every model trained here."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class LoopOptions(BaseModel):
    """Options of `eeg_kedro.training.trainer.Trainer`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    epochs: int = Field(20, ge=1, description="passes over the training set, at most")
    batch_size: int = Field(16, ge=1, description="items of a step over all processes")
    lr: float = Field(1e-3, gt=0, le=1, description="highest learning rate")
    weight_decay: float = Field(0.05, ge=0, le=1, description="not on norms, biases, dt_bias, A_log, D")
    beta1: float = Field(0.9, ge=0, lt=1, description="AdamW")
    beta2: float = Field(0.95, ge=0, lt=1, description="AdamW")
    warmup_share: float = Field(0.05, ge=0, lt=1, description="of all steps, linear")
    final_lr_share: float = Field(0.05, ge=0, le=1, description="of lr, where the cosine ends")
    clip_norm: float = Field(1.0, gt=0, description="largest norm of the gradient")
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto", description="auto: bfloat16 autocast on GPUs that have it, float32 on CPUs"
    )
    patience: int = Field(
        5, ge=0, description="epochs without a better validation loss until it stops; 0: never"
    )
    save_steps: int = Field(
        0, ge=0, description="a checkpoint every so many steps within an epoch; 0: per epoch"
    )
    threads: int = Field(0, ge=0, description="CPU threads per process; 0: cores / processes")
