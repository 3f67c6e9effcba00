"""Interpolation, reference and removal of components as one matrix per recording, applied once.

With rows as channels: interpolation ``P`` replaces bad rows by a combination of good ones, the reference ``R``
subtracts the mean of the good scalp rows, and the removal ``E`` is the part of the signal that the unwanted
components explain. All three are linear and the same at every sample, so ``R P`` and ``R P - E`` are computed
from the channels alone and every sample is touched once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.signal.positions import electrode_positions
from eeg_kedro.signal.reference import plan_reference
from eeg_kedro.signal.spherical_splines import interpolation_matrix

Matrix = NDArray[np.float64]
FEWEST_FOR_SPLINES = 4  # good electrodes with a position


@dataclass(frozen=True)
class SpatialPlan:
    """What happens between channels, before components are removed.

    Attributes
    ----------
    recorded : tuple of str
        Channels that go in.
    names : tuple of str
        Channels that come out, in their recorded order.
    rows : tuple of int
        Their place among the recorded channels.
    good : tuple of int
        Places, among those that come out, of the channels that are not bad.
    interpolated : tuple of str
        Bad channels that were replaced by what their neighbors say.
    masked : tuple of str
        Dead channels (flat, or mostly without numbers) that could not be: they do not come out.
    kept : tuple of str
        Bad channels that stay as they are, because nothing can replace them.
    matrix : ndarray of float64, shape (n_out, n_recorded)
        Interpolation and reference.
    fitting : ndarray of float64, shape (n_good, n_recorded)
        Good channels on the reference components are sought in: their scalp average, where there is one.
    average_fit : bool
        Whether ``fitting`` is an average reference.
    scalp : tuple of int
        Places of the channels whose mean is subtracted; empty: the reference stays as recorded.
    reference_note : str
        Why an average that was wanted is not possible.
    """

    recorded: tuple[str, ...]
    names: tuple[str, ...]
    rows: tuple[int, ...]
    good: tuple[int, ...]
    interpolated: tuple[str, ...]
    masked: tuple[str, ...]
    kept: tuple[str, ...]
    matrix: Matrix
    fitting: Matrix
    average_fit: bool
    scalp: tuple[int, ...]
    reference_note: str

    @property
    def good_names(self) -> tuple[str, ...]:
        """Names of the good channels, the rows of ``fitting``."""
        return tuple(self.names[i] for i in self.good)


def plan_spatial(
    names: Sequence[str],
    bad: Sequence[str],
    dead: Sequence[str],
    montage: str,
    reference: str,
    interpolate: bool,
    references: Sequence[str] = (),
) -> SpatialPlan:
    """Decide what becomes of bad channels and of the reference.

    Parameters
    ----------
    names : sequence of str
        Recorded channels.
    bad, dead : sequence of str
        Channels with a bad verdict; those of them that carry no signal at all.
    montage : str
        ``referential``, ``bipolar`` or ``unknown``: only referential channels can be interpolated.
    reference : str
        ``average`` or ``as_recorded``.
    interpolate : bool
        Whether bad channels are to be replaced.
    references : sequence of str
        Reference of each channel where labels name one (`channel_renaming.find_references`): an average needs
        a single one.
    """
    weights = _spline_weights(names, bad) if interpolate and montage == "referential" else {}
    masked = tuple(name for name in names if name in dead and name not in weights)
    rows = tuple(i for i, name in enumerate(names) if name not in masked)
    out = tuple(names[i] for i in rows)
    good = tuple(i for i, name in enumerate(out) if name not in bad)
    filled = np.eye(len(names))
    for name, row in weights.items():
        filled[list(names).index(name)] = row
    filled = filled[list(rows)]
    good_names = tuple(out[i] for i in good)
    scalp, note = plan_reference(good_names, montage, reference, references)
    fit_scalp = plan_reference(good_names, montage, "average")[0]
    recorded = np.eye(len(names))
    return SpatialPlan(
        recorded=tuple(names),
        names=out,
        rows=rows,
        good=good,
        interpolated=tuple(name for name in out if name in weights),
        masked=masked,
        kept=tuple(name for name in out if name in bad and name not in weights),
        matrix=filled - _mean_of(scalp, good_names, names, recorded),
        fitting=filled[list(good)] - _mean_of(fit_scalp, good_names, names, recorded),
        average_fit=bool(fit_scalp),
        scalp=tuple(good[i] for i in scalp),
        reference_note=note,
    )


def component_paths(
    plan: SpatialPlan,
    unmixing: Matrix,
    mixing: Matrix,
    chosen: Sequence[int],
    covariance: Matrix | None = None,
) -> tuple[Matrix, Matrix]:
    """Give how components are read from the recorded channels, and where they show among those that come out.

    Parameters
    ----------
    plan : SpatialPlan
        Interpolation and reference.
    unmixing : ndarray, shape (n_components, n_good)
        Good channels, referenced as ``plan.fitting``, to components.
    mixing : ndarray, shape (n_good, n_components)
        Components to good channels.
    chosen : sequence of int
        Components.
    covariance : ndarray, shape (n_recorded, n_recorded), optional
        Of the recorded channels. Needed where components were sought against an average but the reference stays as
        recorded: what a component adds to the recorded mean is then added to its field.

    Returns
    -------
    fields : ndarray of float64, shape (n_out, n_chosen)
        ``plan.matrix - fields @ filters`` takes the components away; interpolated channels lose what their
        neighbors lose.
    filters : ndarray of float64, shape (n_chosen, n_recorded)
        Recorded channels to components.
    """
    fields = np.zeros((len(plan.names), len(chosen)))
    fields[list(plan.good)] = mixing[:, list(chosen)]
    weights = _spline_weights(plan.good_names + plan.interpolated, plan.interpolated)
    for name, row in weights.items():
        fields[plan.names.index(name)] = row[: len(plan.good)] @ mixing[:, list(chosen)]
    filters: Matrix = unmixing[list(chosen)] @ plan.fitting
    if plan.average_fit and not plan.scalp and covariance is not None and len(chosen):
        mean = (plan.matrix[list(plan.good)] - plan.fitting)[0]  # the average that fitting took off
        power = np.einsum("ij,jk,ik->i", filters, covariance, filters)
        fields += (filters @ covariance @ mean) / np.maximum(power, 1e-12)
    return fields, filters


def _spline_weights(names: Sequence[str], bad: Sequence[str]) -> dict[str, Matrix]:
    """Give for each bad channel with a position its row of weights over ``names``; empty if too few are good."""
    places, known = electrode_positions(names)
    is_bad = np.isin(np.array(names), list(bad))
    good, wanted = np.flatnonzero(known & ~is_bad), np.flatnonzero(known & is_bad)
    if len(good) < FEWEST_FOR_SPLINES or not len(wanted):
        return {}
    rows = np.zeros((len(wanted), len(names)))
    rows[:, good] = interpolation_matrix(places[good], places[wanted])
    return {names[int(i)]: row for i, row in zip(wanted, rows, strict=True)}


def _mean_of(
    scalp: Sequence[int], good_names: Sequence[str], names: Sequence[str], recorded: Matrix
) -> Matrix:
    """Give the row that averages the scalp channels over the recorded ones; zeros for no average."""
    chosen = [list(names).index(good_names[i]) for i in scalp]
    mean: Matrix = recorded[chosen].mean(axis=0) if chosen else np.zeros(len(names))
    return mean
