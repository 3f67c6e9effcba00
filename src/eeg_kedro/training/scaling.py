"""From microvolts to the units a model sees and back: unit = (sample - center) / spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

Values = TypeVar("Values", "NDArray[np.float32]", "torch.Tensor")


def to_units(samples: Values, center: Any, spread: Any) -> Values:
    """Turn microvolts into units, in place.

    Parameters
    ----------
    samples : ndarray or Tensor of float32, any shape
        Microvolts; changed and returned.
    center, spread : float, or array that broadcasts against ``samples``
        Microvolts; the spread is above zero.
    """
    samples -= center
    samples /= spread
    return samples


def to_microvolts(values: Values, center: Any, spread: Any) -> Values:
    """Undo `to_units`, in place."""
    values *= spread
    values += center
    return values
