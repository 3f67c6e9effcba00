"""Features of windows by participant, made when they are first asked for and kept where the encoder does not change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from eeg_kedro.errors import NonFiniteError
from eeg_kedro.training.detection_tokens import DetectorTokens

if TYPE_CHECKING:
    from eeg_kedro.sampling.windows.window_source import WindowSource
    from eeg_kedro.training.participant_network import ParticipantDetector

Bag = NDArray[np.intp]


class WindowFeatures:
    """Reads windows and lets a network describe them.

    Parameters
    ----------
    windows : WindowSource
        Samples.
    about : mapping
        ``channels`` and ``token_length`` of the model.
    batch : int
        Windows that pass the encoder together.
    device : torch.device
        Where the encoder is.
    """

    def __init__(
        self, windows: WindowSource, about: Mapping[str, Any], batch: int, device: torch.device
    ) -> None:
        self._windows, self._batch = windows, batch
        self._tokens = DetectorTokens(about["channels"], about["token_length"], device)
        self._kept: dict[int, Tensor] = {}

    def describe(self, network: ParticipantDetector, positions: Bag) -> Tensor:
        """Return the features of windows, (n_windows, F'), with gradient where the encoder is trained.

        Raises
        ------
        NonFiniteError
            If samples are no finite numbers.
        """
        parts = [
            self._encode(network, positions[first : first + self._batch])
            for first in range(0, len(positions), self._batch)
        ]
        return torch.cat(parts)

    def recall(self, network: ParticipantDetector, positions: Bag) -> Tensor:
        """Return the features of windows as they were when first asked for: for a frozen encoder."""
        new = np.array([at for at in positions if int(at) not in self._kept], np.intp)
        if new.size:
            with torch.no_grad():
                self._kept.update(zip(new.tolist(), self.describe(network, new), strict=True))
        return torch.stack([self._kept[int(at)] for at in positions])

    def _encode(self, network: ParticipantDetector, positions: Sequence[int] | Bag) -> Tensor:
        samples, valid = self._windows.gather(np.asarray(positions, np.intp))
        given = torch.from_numpy(np.asarray(samples)), torch.from_numpy(np.asarray(valid, bool))
        tokens, there, real = self._tokens.cut(*given)
        features = network.describe_windows(tokens, self._tokens.places, there, real).float()
        if not bool(torch.isfinite(features).all()):
            raise NonFiniteError(
                "the features of windows are no finite numbers",
                value=f"windows {np.asarray(positions).tolist()}",
                remedy="look at these rows of the table of windows; run the pipeline `window` again",
            )
        return features
