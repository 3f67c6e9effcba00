"""All gradients of a model in one tensor: summed over processes, measured and scaled in one operation each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import nn


class FlatGradients:
    """One tensor of which every ``parameter.grad`` is a view, with room for a few sums at its end.

    Parameters
    ----------
    parameters : iterable of Parameter
        What is trained; one type, one device.
    n_sums : int
        Numbers that travel with the gradients.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], n_sums: int) -> None:
        trained = [p for p in parameters if p.requires_grad]
        sizes = [p.numel() for p in trained]
        self.buffer = trained[0].new_zeros(sum(sizes) + n_sums, requires_grad=False)
        self.gradients, self._sums = torch.split(self.buffer, [sum(sizes), n_sums])
        for parameter, part in zip(trained, torch.split(self.gradients, sizes), strict=True):
            parameter.grad = part.view_as(parameter)  # autograd adds to a gradient that is there, in place

    def clear(self) -> None:
        """Forget the last step."""
        self.buffer.zero_()

    def put_sums(self, sums: Sequence[torch.Tensor | float]) -> None:
        """Set the numbers that travel with the gradients."""
        for i, value in enumerate(sums):
            self._sums[i] = value.detach() if isinstance(value, torch.Tensor) else value

    def read_sums(self) -> list[float]:
        """Return the numbers that travelled with the gradients."""
        found: list[float] = self._sums.tolist()
        return found

    def scale_and_clip(self, factor: float, largest: float) -> float:
        """Multiply all gradients by a factor, then to a norm of at most `largest`; return the norm before that.

        Nothing is done to them if the norm is not finite.
        """
        norm = float(torch.linalg.vector_norm(self.gradients)) * factor
        if torch.isfinite(torch.tensor(norm)):
            self.gradients.mul_(factor * min(1.0, largest / max(norm, 1e-12)))
        return norm
