"""When an embedding has become one point: the loss stands at the margin, and training on makes it no better."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from pydantic import BaseModel, ConfigDict, Field

from eeg_kedro.errors import CollapseError, NonFiniteError

if TYPE_CHECKING:
    from torch import Tensor

_REMEDY = (
    "objective=supcon, or mining=semihard with normalize=true; then a lower lr, or more windows per participant and "
    "a larger batch; hardest triplets collapse first where labels are noisy"
)


class AlarmOptions(BaseModel):
    """Options of `CollapseAlarm`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    margin_tolerance: float = Field(
        1e-3, gt=0, le=1, description="distance of the loss from the margin that counts"
    )
    margin_steps: int = Field(50, ge=1, description="steps in a row with the loss at the margin")
    least_rank: float = Field(2.0, ge=0, description="least effective rank of a batch; 0: not looked at")
    least_distance: float = Field(
        1e-2, ge=0, le=2, description="least mean distance of a batch; 0: not looked at"
    )
    every_steps: int = Field(10, ge=1, description="steps between two looks at rank and distance")
    first_step: int = Field(50, ge=0, description="first look: what untrained weights say is no collapse")
    looks: int = Field(2, ge=1, description="looks in a row that must agree")


class CollapseAlarm:
    """Looks at a training step by step and stops it when the embedding has collapsed.

    Batch-hard mining collapses when the hardest positive is farther than the hardest negative for everybody: the one
    point at which both are zero is then the quickest way down, and its loss is the margin (Hermans et al. 2017).

    Parameters
    ----------
    options : AlarmOptions
        What counts as collapsed, and for how long.
    margin : float or None
        The loss when all embeddings are one point, as `EmbeddingLoss.margin`.
    name : str
        Of the model, for the message.
    normalize : bool
        Whether distances are between unit vectors, as in the loss.
    n_kinds : int or None
        Kinds that the loss tells apart, as `EmbeddingLoss.n_kinds`: n of them lie at best in n - 1 directions, so no
        higher rank is asked for. Two labels well apart lie on a line.
    """

    def __init__(
        self,
        options: AlarmOptions,
        margin: float | None,
        name: str,
        normalize: bool = True,
        n_kinds: int | None = None,
    ) -> None:
        self._options, self._margin, self._name, self._normalize = options, margin, name, normalize
        self._least_rank = options.least_rank if n_kinds is None else min(options.least_rank, n_kinds - 1)
        self._at_margin = self._flat = self._near = 0

    def look(self, steps: int, loss: float, embeddings: Tensor) -> None:
        """Look at one step.

        Parameters
        ----------
        steps : int
            Steps done over all epochs.
        loss : float
            Of the step.
        embeddings : Tensor (B, E)
            What the loss compared, or what it was made from; two or fewer windows have no rank.

        Raises
        ------
        CollapseError
            With what was seen and what to do.
        NonFiniteError
            If an embedding is not finite.
        """
        self._look_at_loss(steps, loss)
        if steps >= self._options.first_step and steps % self._options.every_steps == 0:
            self._look_at_embeddings(steps, embeddings)

    def _look_at_loss(self, steps: int, loss: float) -> None:
        if self._margin is None:
            return
        at_margin = abs(loss - self._margin) < self._options.margin_tolerance
        self._at_margin = self._at_margin + 1 if at_margin else 0
        if self._at_margin >= self._options.margin_steps:
            self._stop(
                steps,
                f"the loss has stood at its margin for {self._at_margin} steps",
                f"{loss:.4f}",
                f"a loss that leaves {self._margin:.4f}, which is that of all windows in one point",
            )

    def _look_at_embeddings(self, steps: int, embeddings: Tensor) -> None:
        from eeg_kedro.scoring.embedding_geometry import effective_rank, mean_distance, unit_vectors

        options, points = self._options, embeddings.detach().float().cpu().numpy()
        broken = int((~embeddings.detach().isfinite()).any(dim=1).sum())
        if broken:
            raise NonFiniteError(
                "embeddings that are not finite",
                file=self._name,
                value=f"{broken} of {len(points)} at step {steps}",
            )
        distance = mean_distance(unit_vectors(points) if self._normalize else points)
        self._near = self._near + 1 if distance < options.least_distance else 0
        if self._near >= options.looks:
            self._stop(
                steps,
                "the windows of a batch lie in one point",
                f"mean distance {distance:.2g}",
                f"{options.least_distance:g} or more",
            )
        if len(points) <= 2 * self._least_rank:  # so few windows span no more directions
            return
        rank = effective_rank(points)
        self._flat = self._flat + 1 if rank < self._least_rank else 0
        if self._flat >= options.looks:
            self._stop(
                steps,
                "the embedding is nearly a line",
                f"effective rank {rank:.2f}",
                f"{self._least_rank:g} or more",
            )

    def _stop(self, steps: int, what: str, value: str, allowed: str) -> NoReturn:
        raise CollapseError(
            f"{what} (step {steps})", file=self._name, value=value, allowed=allowed, remedy=_REMEDY
        )
