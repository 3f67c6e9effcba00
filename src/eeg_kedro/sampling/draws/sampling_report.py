"""What a balanced draw wanted, found and got in each split, who rules it, and what to do about what is short."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, nan
from typing import Any

import numpy as np
import pandas as pd

from eeg_kedro.errors import NoSeizureError
from eeg_kedro.sampling.draws.draw_plan import Side
from eeg_kedro.sampling.draws.key_order import KeyOrder
from eeg_kedro.sampling.draws.quality_cost import COST_TYPES, Cost
from eeg_kedro.sampling.draws.recorded_people import count_recordings
from eeg_kedro.sampling.draws.window_draws import Drawn, Positions

_PER_CATEGORY = {"available": "int64", "wanted": "int64", "drawn": "int64", "shortfall": "int64"}
SAMPLING_TYPES: dict[str, str] = {
    "split": "str",
    "role": "str",
    "n_participants": "int64",
    "n_persons": "int64",
    "n_runs": "Int64",
    "hours": "float64",
    "seizure_hours": "float64",  # of united seizures; missing: no events
    "n_seizures": "Int64",  # as the inventory counts them; missing: no inventory
    "n_windows": "int64",
    "unannotated_windows": "int64",
    **{
        f"{name}_{what}": kind
        for name in ("partial", "full", "none")
        for what, kind in {**_PER_CATEGORY, "drawn_share": "float64"}.items()
    },
    "partial_left_out": "int64",  # by max_participant_share
    "n_drawn": "int64",
    "prior": "float64",  # share of windows with seizure
    "drawn_prior": "float64",
    "prior_samples": "float64",  # share of samples in a seizure
    "drawn_prior_samples": "float64",
    "excluded_windows": "int64",
    "excluded_seizure_windows": "int64",
    **COST_TYPES,
    "largest_participant": "str",
    "largest_participant_share": "float64",  # of the drawn windows with seizure
    "hard_listed": "int64",
    "hard_usable": "int64",
    "hard_drawn": "int64",
    "seed": "int64",
    "advice": "str",
}
NO_PARTICIPANT = "no participant: more persons are needed, or other shares in balance.split"
NO_SEIZURE = (
    "no partial seizure window: try categorize.window_seconds and categorize.stride_seconds so that windows "
    "begin or end inside seizures, or another balance.split.seed; if every participant is without, look for "
    "missing annotations in int_ingest_report and in unannotated_runs of report_categories"
)
TOO_STRICT = "every window with seizure is below balance.min_quality: lower it"


@dataclass(frozen=True, eq=False)
class Windows:
    """All windows of the manifest in key order, as far as a report asks for them.

    Attributes
    ----------
    keys : KeyOrder
        Who they belong to.
    seizure_samples, n_samples : ndarray or None
        Samples in a seizure and in all; None: the manifest does not say.
    """

    keys: KeyOrder
    seizure_samples: Any
    n_samples: Any

    @classmethod
    def of(cls, manifest: pd.DataFrame, keys: KeyOrder) -> Windows:
        """Take the columns of the manifest; those that are absent are not known."""
        names = ("seizure_samples", "n_samples")
        if any(name not in manifest for name in names):
            return cls(keys, None, None)
        return cls(keys, *(keys.take(manifest[name].to_numpy()) for name in names))

    def seizure_share(self, places: Positions) -> float:
        """Return the share of the samples of these windows that are in a seizure; NaN if nobody knows."""
        if self.seizure_samples is None or not places.size:
            return nan
        return float(self.seizure_samples[places].sum() / self.n_samples[places].sum(dtype=np.int64))

    def largest(self, places: Positions) -> tuple[str, float]:
        """Return the participant with most of these windows, and the share; "" and NaN if there are none."""
        if not places.size:
            return "", nan
        counts = np.bincount(self.keys.who[places])
        most = int(counts.argmax())
        return self.keys.participants[most], float(counts[most] / places.size)


def describe_side(
    side: Side, drawn: Drawn, windows: Windows, cost: Cost, seizures: pd.DataFrame | None
) -> dict[str, object]:
    """Return one row of ``report_sampling``, with the columns of ``SAMPLING_TYPES``.

    Parameters
    ----------
    side : Side
        What was planned.
    drawn : Drawn
        The windows of epoch 0.
    windows : Windows
        All windows.
    cost : Cost
        What ``balance.min_quality`` leaves out; ``n_windows`` counts it, available windows do not.
    seizures : DataFrame or None
        As `unite_seizures` returns it.

    Returns
    -------
    dict
        ``prior`` and ``drawn_prior`` are the shares of windows with seizure before and after balancing,
        ``prior_samples`` and ``drawn_prior_samples`` those of samples: what a model per window and a model
        per sample learn, so what they must be recalibrated from. ``advice`` is "" if all is well.
    """
    counts = _counts(side, drawn)
    n_drawn = sum(counts[f"{name}_drawn"] for name in ("partial", "full", "none"))
    seizure = counts["partial_available"] + counts["full_available"] + cost.seizure_windows
    n_seizure = counts["partial_drawn"] + counts["full_drawn"]
    with_seizure = np.concatenate([drawn.partial, drawn.full])
    everything = np.concatenate([with_seizure, drawn.none])
    who, share = windows.largest(with_seizure)
    return {
        "split": side.draws.split,
        "role": side.draws.role,
        **count_recordings(side.people, seizures),
        "n_windows": side.annotated.size + side.n_unknown,
        "unannotated_windows": side.n_unknown,
        **counts,
        **{f"{name}_drawn_share": _share(counts, name) for name in ("partial", "full", "none")},
        "partial_left_out": counts["partial_available"] - counts["partial_drawn"],
        "n_drawn": n_drawn,
        # of all annotated windows: leaving some out for their quality does not make seizures rarer
        "prior": seizure / side.annotated.size if side.annotated.size else nan,
        "drawn_prior": n_seizure / n_drawn if n_drawn else nan,
        "prior_samples": windows.seizure_share(side.annotated),
        "drawn_prior_samples": windows.seizure_share(everything),
        "excluded_windows": cost.windows,
        "excluded_seizure_windows": cost.seizure_windows,
        "seizures": cost.seizures,
        "seizures_lost": cost.seizures_lost,
        "largest_participant": who,
        "largest_participant_share": share,
        "hard_listed": side.n_listed,
        "hard_usable": side.draws.pools.hard.size,
        "hard_drawn": drawn.n_hard,
        "seed": side.draws.seed,
        "advice": _advice(side, counts, cost),
    }


def report_table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows as ``report_sampling``: every column of ``SAMPLING_TYPES``, in its order and type."""
    kinds: dict[str, Any] = {**SAMPLING_TYPES}
    return pd.DataFrame({name: pd.array([row[name] for row in rows], dtype=kinds[name]) for name in kinds})


def report_metrics(report: pd.DataFrame) -> dict[str, float]:
    """Return the numbers of ``report_sampling`` as ``split.column``, without those that are missing."""
    return {
        f"{row['split']}.{name}": float(row[name])
        for row in report.to_dict("records")
        for name, kind in SAMPLING_TYPES.items()
        if kind != "str" and not pd.isna(row[name])
    }


def stop_without_seizures(rows: Sequence[Mapping[str, Any]]) -> None:
    """Raise `NoSeizureError` with advice if training has no partial window."""
    train = [row for row in rows if row["role"] == "train"]
    if not any(row["partial_available"] for row in train):
        counts = {row["split"]: row["partial_available"] for row in rows}
        n = sum(row["excluded_seizure_windows"] for row in rows)
        excluded = f"; {n} with seizure are below balance.min_quality" if n else ""
        raise NoSeizureError(
            "training has no partial seizure window",
            file="prm_window_manifest",
            value=f"partial windows per split: {counts}" + excluded,
            allowed="at least one in train",
            remedy=train[0]["advice"],
        )


def _counts(side: Side, drawn: Drawn) -> dict[str, int]:
    pools, quotas = side.draws.pools, side.draws.quotas
    rows = {
        "partial": (pools.partial.size, quotas.partial, drawn.partial.size),
        "full": (pools.full.size, quotas.full, drawn.full.size),
        "none": (pools.none.size + pools.hard.size, quotas.none, drawn.none.size),
    }
    return {
        f"{name}_{what}": number
        for name, (there, wanted, got) in rows.items()
        for what, number in zip(_PER_CATEGORY, (there, wanted, got, wanted - got), strict=True)
    }


def _share(counts: dict[str, int], name: str) -> float:
    there = counts[f"{name}_available"]
    return counts[f"{name}_drawn"] / there if there else nan


def _advice(side: Side, counts: dict[str, int], cost: Cost) -> str:
    if not side.people.participants:
        return NO_PARTICIPANT
    if not counts["partial_available"]:
        return f"{TOO_STRICT}; {NO_SEIZURE}" if cost.seizure_windows else NO_SEIZURE
    hints = []
    if not side.cap.keeps_share:
        hints.append(_too_few(side))
    if counts["full_shortfall"]:
        hints.append(
            "fewer full windows than wanted: shorter windows or a lower categorize.full_threshold give more"
        )
    if counts["none_shortfall"]:
        hints.append(
            "fewer windows without seizure than wanted: a shorter stride or a lower balance.none_ratio helps"
        )
    return "; ".join(hints)


def _too_few(side: Side) -> str:
    """Say that nothing smaller than equal shares is possible, and what that costs."""
    shares = side.draws.shares
    n = 0 if shares is None else int(np.count_nonzero(shares.count(side.draws.pools.partial)))
    least = ceil(Fraction(1000, n)) / 1000
    return (
        f"balance.max_participant_share={side.share:g} cannot be kept with {n} participant{'s' * (n > 1)} with partial "
        f"windows: each gives {side.cap.windows}, as many as the one with fewest; from {least:g} it can"
    )
