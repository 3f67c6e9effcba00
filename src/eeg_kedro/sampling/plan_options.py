"""What a plan of pretraining needs to be told: `eeg_kedro.training.pretrain_options.PretrainOptions` has all of it."""

from __future__ import annotations

from typing import Protocol


class ScaleChoice(Protocol):
    """How microvolts become units."""

    @property
    def kind(self) -> str:
        """One of ``microvolts``, ``robust``."""

    @property
    def microvolts(self) -> float:
        """Microvolts per unit (kind=microvolts)."""


class PlanOptions(Protocol):
    """What the plan needs to know: `eeg_kedro.training.pretrain_options.PretrainOptions` has it."""

    @property
    def token_length(self) -> int:
        """Samples of a token."""

    @property
    def max_tokens(self) -> int:
        """Tokens of a sequence, at most."""

    @property
    def ch_names(self) -> tuple[str, ...] | None:
        """Channels; None: all."""

    @property
    def include_interpolated(self) -> bool:
        """Whether channels made from their neighbours count."""

    @property
    def min_quality(self) -> float:
        """Tokens below it are rejected."""

    @property
    def use_test_participants(self) -> bool:
        """Whether test participants train."""

    @property
    def scale(self) -> ScaleChoice:
        """From microvolts to units."""
