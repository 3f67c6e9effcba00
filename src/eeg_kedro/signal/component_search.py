"""Components of one recording: sought on the good channels of its excerpt, judged, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.signal.component_labels import IN_BURSTS, ComponentVerdicts, judge_components
from eeg_kedro.signal.examination import Examination
from eeg_kedro.signal.ica import Ica, IcaOptions, fit_ica
from eeg_kedro.signal.spatial import SpatialPlan, component_paths

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class ComponentSearch:
    """What the search for components came to.

    Attributes
    ----------
    note : str
        Why no components were sought; empty if they were.
    names : tuple of str
        Channels they were sought on.
    ica : Ica or None
        Mixing and unmixing.
    verdicts : ComponentVerdicts or None
        What each component is, and which are removed.
    covariance : ndarray of float64, shape (n_recorded, n_recorded), or None
        Of the recorded channels in the excerpt; not needed where the signal is referenced as it was for fitting.
    """

    note: str
    names: tuple[str, ...]
    ica: Ica | None
    verdicts: ComponentVerdicts | None
    covariance: Matrix | None = None

    def paths(self, plan: SpatialPlan) -> tuple[Matrix, Matrix, NDArray[np.bool_]]:
        """Give fields and filters of the removed components, and which of them may come in bursts."""
        if self.ica is None or self.verdicts is None:
            return np.zeros((len(plan.names), 0)), np.zeros((0, plan.matrix.shape[1])), np.zeros(0, bool)
        removed = self.verdicts.removed
        labels = [self.verdicts.components[i].label for i in removed]
        fields, filters = component_paths(plan, self.ica.unmixing, self.ica.mixing, removed, self.covariance)
        return fields, filters, np.array([label in IN_BURSTS for label in labels], bool)


def find_components(
    found: Examination, plan: SpatialPlan, row: Mapping[str, Any], options: IcaOptions
) -> ComponentSearch:
    """Fit components on the excerpt and decide which to remove.

    Parameters
    ----------
    found : Examination
        Holds the excerpt: EEG rows, then those of eyes, heart or muscle.
    plan : SpatialPlan
        Which channels are good, and how they are referenced for fitting.
    row : mapping
        The recording's row of the inventory: montage, aux_kinds.
    options : IcaOptions
        How components are found, judged and removed.
    """
    n_recorded = plan.matrix.shape[1]
    names = plan.good_names
    if not options.enabled:
        return ComponentSearch("switched off", names, None, None)
    referenced = plan.fitting.astype(np.float32) @ found.excerpt[:n_recorded]
    ica = fit_ica(referenced, found.sfreq, options)
    if not ica.n_components:
        return ComponentSearch(ica.note, names, None, None)
    verdicts = judge_components(
        ica, referenced, found.sfreq, names, row["montage"], found.excerpt[n_recorded:],
        tuple(row.get("aux_kinds", ())), options,
    )  # fmt: skip
    covariance = None
    if plan.average_fit and not plan.scalp:
        recorded = found.excerpt[:n_recorded].astype(np.float32)
        covariance = np.asarray(recorded @ recorded.T, np.float64) / max(recorded.shape[1], 1)
    return ComponentSearch("", names, ica, verdicts, covariance)
