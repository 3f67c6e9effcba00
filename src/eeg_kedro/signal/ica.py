"""Independent components of a recording, from a thinned copy of it: picard-o in its extended form.

Sources and their fields are estimated from samples spread evenly over the whole recording. How many are needed
grows with the square of the number of components, not with the length of the recording, so a day costs what an
hour costs.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

Samples = NDArray[np.float32]
Matrix = NDArray[np.float64]
Removable = Literal["eye", "muscle", "heart", "line_noise", "channel_noise"]

FAINTEST = 0.04  # microvolts squared: a direction with less holds rounding, not signal
FEWEST_COMPONENTS = 2
COARSE, COARSE_TOL = 4, 3.0  # the first pass takes every n-th sample, and ends at so many times the tolerance


class IcaOptions(BaseModel):
    """How components are found, named and chosen for removal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(default=True, description="whether components are looked for at all")
    method: Literal["picard"] = Field(
        default="picard", description="picard-o, extended (Ablin, Cardoso & Gramfort 2018)"
    )
    samples_per_square: int = Field(
        default=80, ge=20, le=2000, description="samples used per squared number of good channels"
    )
    fewest_per_square: int = Field(
        default=20,
        ge=5,
        le=2000,
        description="in short recordings components are given up until each squared one has so many samples",
    )
    min_channels: int = Field(default=4, ge=2, le=64, description="good channels needed, at least")
    min_seconds: float = Field(default=10.0, ge=0, le=3600, description="recording needed, at least, s")
    max_uv: float = Field(
        default=1000.0,
        gt=0,
        le=1e6,
        description="samples beyond this in any channel are not learned from, uV",
    )
    max_iter: int = Field(default=200, ge=1, le=10_000, description="iterations until it is given up")
    tol: float = Field(default=1e-3, gt=0, le=1e-1, description="largest gradient that counts as converged")
    seed: int = Field(default=97, ge=0, lt=2**32, description="seed of the first guess")
    label: Literal["iclabel", "rules", "both"] = Field(
        default="both",
        description="who names components: the ICLabel network, correlations and slopes, or both",
    )
    remove: tuple[Removable, ...] = Field(
        default=("eye", "muscle", "heart", "channel_noise"), description="kinds of component that are removed"
    )
    probability: float = Field(
        default=0.8, gt=0.5, le=1, description="ICLabel's probability from which a component is removed"
    )
    eog_correlation: float = Field(
        default=0.7,
        gt=0,
        le=1,
        description="|r| at 1-10 Hz with an EOG channel or the forehead that means eye",
    )
    ecg_correlation: float = Field(
        default=0.6, gt=0, le=1, description="|r| at 5-30 Hz with an ECG channel that means heart"
    )
    muscle_slope: float = Field(
        default=0.2,
        ge=-5,
        le=5,
        description="log-log slope of power at 7-45 Hz above which a component is muscle (background EEG: -1 to -2)",
    )
    max_rhythm_loss: float = Field(
        default=0.7,
        gt=0,
        le=10,
        description="dB that removal may take from a sustained rhythm at any channel; seizures are such rhythms",
    )
    bursts: bool = Field(
        default=True,
        description="eye components are removed during their bursts only, and the rest left as it is",
    )
    burst_ratio: float = Field(
        default=4.0, ge=1, le=20, description="times its usual size that a component has in a burst"
    )
    max_variance_removed: float = Field(
        default=0.6,
        gt=0,
        le=1,
        description="share of the variance; where removal takes more, the recording is flagged",
    )


@dataclass(frozen=True)
class Ica:
    """Components of a recording, those that explain most first.

    Attributes
    ----------
    unmixing : ndarray of float64, shape (n_components, n_channels)
        Channels in microvolts to sources of unit variance.
    mixing : ndarray of float64, shape (n_channels, n_components)
        Fields of the sources in microvolts.
    n_iter : int
        Iterations made.
    converged : bool
        Whether the gradient fell below the tolerance.
    rank : int
        Independent directions found in the samples.
    n_samples : int
        Samples learned from.
    note : str
        What was refused or simplified, and why; empty if nothing was.
    """

    unmixing: Matrix
    mixing: Matrix
    n_iter: int
    converged: bool
    rank: int
    n_samples: int
    note: str = ""

    @property
    def n_components(self) -> int:
        """Number of components."""
        return len(self.unmixing)


def fit_ica(referenced: Samples, sfreq: float, options: IcaOptions) -> Ica:
    """Find the independent components of good channels.

    Parameters
    ----------
    referenced : ndarray of float32, shape (n_channels, n_times)
        Good channels, 1 Hz and above, microvolts, against their average where there is one.
    sfreq : float
        Hz.
    options : IcaOptions
        Number of samples, tolerance, seed.

    Returns
    -------
    Ica
        Without any component, and with a note, where there is too little to learn from.
    """
    n_channels, n_times = referenced.shape
    if n_channels < options.min_channels:
        return _refuse(n_channels, f"{n_channels} good channels, components need {options.min_channels}")
    if n_times < options.min_seconds * sfreq:
        why = f"{n_times / sfreq:.3g} s, components need {options.min_seconds:g}"
        return _refuse(n_channels, why)
    # the rank is known before the samples are counted: thinned generously first, then to what the rank asks for
    samples, n_loud = _thin(referenced, n_channels, options)
    values, vectors = np.linalg.eigh(samples @ samples.T / max(samples.shape[1], 1))
    rank = int(np.sum(values > FAINTEST))
    n_components = min(rank, int((samples.shape[1] / options.fewest_per_square) ** 0.5))
    if n_components < FEWEST_COMPONENTS:
        why = f"{n_times / sfreq:.0f} s with {rank} independent directions are too little for components"
        return _refuse(n_channels, why, rank)
    scale = np.sqrt(values[-n_components:])
    whitening = (vectors[:, -n_components:] / scale).T
    unwhitening = vectors[:, -n_components:] * scale
    rotation, n_iter, converged = _rotate(whitening @ samples, options)
    unmixing, mixing = _order(rotation @ whitening, unwhitening @ rotation.T)
    notes = (
        f"{n_loud:.0%} of the samples lie beyond {options.max_uv:g} uV and were not learned from"
        * (n_loud > 0),
        f"{n_components} components of {rank}, the recording is short" * (n_components < rank),
        f"not converged after {n_iter} iterations" * (not converged),
    )
    note = "; ".join(filter(None, notes))
    return Ica(unmixing, mixing, n_iter, converged, rank, samples.shape[1], note)


def _refuse(n_channels: int, note: str, rank: int = 0) -> Ica:
    return Ica(np.zeros((0, n_channels)), np.zeros((n_channels, 0)), 0, False, rank, 0, note)


def _thin(referenced: Samples, n_channels: int, options: IcaOptions) -> tuple[Matrix, float]:
    """Take every n-th sample, leave out what no brain makes, center; give the share left out, too."""
    step = max(1, referenced.shape[1] // (options.samples_per_square * n_channels**2))
    chosen = referenced[:, ::step]
    quiet = (np.abs(chosen) <= options.max_uv).all(axis=0)  # numbers that are none are not quiet either
    if quiet.sum() < options.fewest_per_square * n_channels**2:  # loud all over: it is all there is
        quiet = np.isfinite(chosen).all(axis=0)
    samples = chosen[:, quiet].astype(np.float64)
    samples -= samples.mean(axis=1, keepdims=True) if samples.size else 0.0
    return samples, 1.0 - float(quiet.mean()) if quiet.size else 0.0


class _SinglePrecisionTanh:
    """The density of picard's ``tanh``, its curves in single precision: a third less time, the same components."""

    def log_lik(self, y: Matrix) -> Matrix:
        curve = np.abs(y).astype(np.float32)
        tail = np.exp(-2 * curve)
        curve += np.log1p(tail, out=tail)
        return curve.astype(np.float64)  # the mean of many values needs the digits

    def score_and_der(self, y: Matrix) -> tuple[Matrix, Matrix]:
        score, slope = np.empty_like(y), np.empty_like(y)
        for row, curve, tangent in zip(y, score, slope, strict=True):
            curve[:] = np.tanh(row.astype(np.float32))
            np.subtract(1.0, curve * curve, out=tangent)
        return score, slope


def _rotate(white: Matrix, options: IcaOptions) -> tuple[Matrix, int, bool]:
    """Turn white samples into independent sources: the orthogonal matrix, iterations, whether it converged.

    Every fourth sample leads near the solution at a fourth of the cost, all samples lead there.
    """
    start, before, _ = _run_picard(white[:, ::COARSE], options, COARSE_TOL * options.tol, None)
    rotation, after, converged = _run_picard(white, options, options.tol, start)
    return rotation, before + after, converged


def _run_picard(
    white: Matrix, options: IcaOptions, tol: float, start: Matrix | None
) -> tuple[Matrix, int, bool]:
    from picard import picard

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        _, rotation, _, n_iter = picard(
            white,
            fun=_SinglePrecisionTanh(),
            check_fun=False,
            ortho=True,
            extended=True,
            whiten=False,
            centering=False,
            max_iter=options.max_iter,
            tol=tol,
            w_init=start,
            random_state=options.seed,
            return_n_iter=True,
        )
    converged = not any("did not converge" in str(warning.message) for warning in caught)
    return np.asarray(rotation, np.float64), int(n_iter), converged


def _order(unmixing: Matrix, mixing: Matrix) -> tuple[Matrix, Matrix]:
    """Put what explains most first, and make the largest value of each field positive."""
    order = np.argsort(-(mixing**2).sum(axis=0), kind="stable")
    unmixing, mixing = unmixing[order], mixing[:, order]
    peak = np.take_along_axis(mixing, np.abs(mixing).argmax(axis=0)[None], axis=0)[0]
    sign = np.where(peak < 0, -1.0, 1.0)
    return unmixing * sign[:, None], mixing * sign
