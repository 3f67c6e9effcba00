"""A baseline that is ready to judge seconds, and how it is stored: as numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.errors import CheckpointError
from eeg_kedro.sampling.sequences.window_sequences import first_samples_of_seconds
from eeg_kedro.training.baselines import band_power, line_length
from eeg_kedro.training.baselines.logistic import LogisticWeights
from eeg_kedro.training.baselines.options import CONSTANT, BaselineKind, BaselineOptions
from eeg_kedro.training.baselines.seconds import POOLED, pool_channels

Samples = NDArray[np.float32]
Mask = NDArray[np.bool_]
Starts = NDArray[np.intp]
Measure = Callable[[Samples, Starts, float, BaselineOptions], NDArray[np.float32]]

_MEASURES: Mapping[str, tuple[Measure, tuple[str, ...]]] = MappingProxyType(
    {
        "line_length": (line_length.measure_line_length, line_length.MEASURES),
        "band_power": (band_power.measure_band_power, band_power.MEASURES),
    }
)


@dataclass(frozen=True)
class FittedBaseline:
    """A baseline after its training.

    Attributes
    ----------
    kind : str
        Which one.
    options : BaselineOptions
        How it looks at a second.
    prior_trained : float
        Share of seizure seconds in its training: what its probabilities have to be recalibrated from.
    n_seconds : int
        Seconds it was fitted on.
    learned : LogisticWeights or None
        None where nothing is learned.
    """

    kind: BaselineKind
    options: BaselineOptions
    prior_trained: float
    n_seconds: int
    learned: LogisticWeights | None

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of what ``learned`` holds weights of."""
        names = _MEASURES[self.kind][1] if self.kind in _MEASURES else ()
        return tuple(f"{how}_{name}" for how in POOLED for name in names)

    def predict(self, samples: Samples, valid: Mask, sfreq: float) -> NDArray[np.float32]:
        """Judge every second of windows.

        Parameters
        ----------
        samples : ndarray of float32 or float16, shape (n_windows, n_channels, n_times)
            Microvolts.
        valid : ndarray of bool, shape (n_windows, n_channels)
            Channels that are there.
        sfreq : float
            Hz.

        Returns
        -------
        ndarray of float32, shape (n_windows, n_seconds)
            Probability of a seizure; in a window without any channel that of the average second. The last second
            may be an incomplete one.

        Raises
        ------
        NonFiniteError
            If a sample of a channel that is there is no finite number.
        """
        return self.predict_seconds(samples, valid, sfreq, first_samples_of_seconds(samples.shape[-1], sfreq))

    def predict_seconds(
        self, samples: Samples, valid: Mask, sfreq: float, starts: Starts
    ) -> NDArray[np.float32]:
        """Judge seconds of which the first samples are told, as `predict`."""
        if self.learned is None:
            return np.full((len(samples), starts.size), CONSTANT[self.kind], np.float32)
        return self.learned.predict(describe_seconds(self.kind, samples, valid, sfreq, starts, self.options))

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as JSON knows it."""
        learned = None if self.learned is None else _lists(asdict(self.learned))
        return {
            "kind": self.kind,
            "options": self.options.model_dump(mode="json"),
            "prior_trained": self.prior_trained,
            "n_seconds": self.n_seconds,
            "feature_names": list(self.feature_names),
            "learned": learned,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> FittedBaseline:
        """Make it again from what `as_dict` gave.

        Raises
        ------
        CheckpointError
            If its features are not those of today.
        """
        told = stored["learned"]
        learned = None
        if told is not None:
            learned = LogisticWeights(
                tuple(told["center"]), tuple(told["spread"]), tuple(told["weights"]), told["intercept"]
            )
        options = BaselineOptions.model_validate(stored["options"])
        found = cls(stored["kind"], options, stored["prior_trained"], stored["n_seconds"], learned)
        if list(found.feature_names) != list(stored["feature_names"]):
            raise CheckpointError(
                "a stored baseline has other features",
                file=found.kind,
                value=list(stored["feature_names"]),
                allowed=", ".join(found.feature_names),
                remedy="fit it again",
            )
        return found


def describe_seconds(
    kind: BaselineKind, samples: Samples, valid: Mask, sfreq: float, starts: Starts, options: BaselineOptions
) -> NDArray[np.float32]:
    """Describe seconds by the features of a baseline that learns.

    Parameters
    ----------
    kind : {"line_length", "band_power"}
        Which baseline.
    samples : ndarray of float32 or float16, shape (n_windows, n_channels, n_times)
        Microvolts.
    valid : ndarray of bool, shape (n_windows, n_channels)
        Channels that are there.
    sfreq : float
        Hz.
    starts : ndarray of int, shape (n_seconds,)
        First sample of each second.
    options : BaselineOptions
        How.

    Returns
    -------
    ndarray of float32, shape (n_windows, n_seconds, n_features)
        NaN in windows without any channel.

    Raises
    ------
    NonFiniteError
        If a sample of a channel that is there is no finite number.
    """
    with np.errstate(invalid="ignore", over="ignore"):  # told with the number of windows, not as a warning
        values = _MEASURES[kind][0](np.asarray(samples, np.float32), starts, sfreq, options)
    return pool_channels(values, np.asarray(valid, bool))


def _lists(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
