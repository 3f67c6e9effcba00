"""What a balanced draw wanted, found and got in each split, and what to do about what is short."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from eeg_kedro.errors import NoSeizureError
from eeg_kedro.sampling.categories import FULL, NONE, PARTIAL, UNKNOWN
from eeg_kedro.sampling.quality_cost import NO_COST, Cost

NO_PARTICIPANT = "no participant: more persons are needed, or other shares in balance.split"
NO_SEIZURE = (
    "no partial seizure window: try categorize.window_seconds and categorize.stride_seconds so that windows "
    "begin or end inside seizures, or another balance.split.seed; if every participant is without, look for "
    "missing annotations in int_ingest_report and in unannotated_runs of report_categories"
)
TOO_STRICT = "every window with seizure is below balance.min_quality: lower it"


def describe_draw(
    split: str,
    role: str,
    n_participants: int,
    there: Mapping[int, int],
    wanted: Mapping[int, int],
    cost: Cost = NO_COST,
) -> dict[str, object]:
    """Return one row of ``report_balance``.

    Parameters
    ----------
    split, role : str
        Name of the split and what it is for.
    n_participants : int
        Participants on this side.
    there, wanted : mapping
        Windows per category code: all that are good enough, and those the ratios ask for (full and none).
    cost : Cost
        What ``balance.min_quality`` leaves out; ``n_windows`` counts it, the other numbers do not.

    Returns
    -------
    dict
        Counts; ``prior`` and ``drawn_prior``, the share of windows with seizure before and after balancing
        (a model trained on the second must be recalibrated to the first); ``advice``, "" if all is well.
    """
    got = {code: min(there[code], wanted[code]) for code in (FULL, NONE)}
    short = {code: wanted[code] - got[code] for code in (FULL, NONE)}
    seizure, total = there[PARTIAL] + there[FULL], there[NONE] + there[PARTIAL] + there[FULL]
    drawn = there[PARTIAL] + got[FULL] + got[NONE]
    counts = {
        f"{part}_{what}": number[code]
        for part, code in (("full", FULL), ("none", NONE))
        for what, number in (("wanted", wanted), ("available", there), ("drawn", got), ("shortfall", short))
    }
    return {
        "split": split,
        "role": role,
        "n_participants": n_participants,
        "n_windows": total + there[UNKNOWN] + cost.windows,
        "unannotated_windows": there[UNKNOWN],
        "n_partial": there[PARTIAL],
        **counts,
        "n_drawn": drawn,
        # of all annotated windows: leaving some out for their quality does not make seizures rarer
        "prior": (seizure + cost.seizure_windows) / (total + cost.windows) if total + cost.windows else 0.0,
        "drawn_prior": (there[PARTIAL] + got[FULL]) / drawn if drawn else 0.0,
        "excluded_windows": cost.windows,
        "excluded_seizure_windows": cost.seizure_windows,
        "seizures": cost.seizures,
        "seizures_lost": cost.seizures_lost,
        "advice": _advice(n_participants, there, short, cost),
    }


def _advice(people: int, there: Mapping[int, int], short: Mapping[int, int], cost: Cost) -> str:
    if not people:
        return NO_PARTICIPANT
    if not there[PARTIAL]:
        return f"{TOO_STRICT}; {NO_SEIZURE}" if cost.seizure_windows else NO_SEIZURE
    hints = []
    if short[FULL]:
        hints.append(
            "fewer full windows than wanted: shorter windows or a lower categorize.full_threshold give more"
        )
    if short[NONE]:
        hints.append(
            "fewer windows without seizure than wanted: a shorter stride or a lower balance.none_ratio helps"
        )
    return "; ".join(hints)


def _left_out(report: pd.DataFrame) -> str:
    n = int(report["excluded_seizure_windows"].sum())
    return f"; {n} with seizure are below balance.min_quality" if n else ""


def stop_without_seizures(report: pd.DataFrame) -> None:
    """Raise `NoSeizureError` with advice if training has no partial window."""
    train = report[report["role"] == "train"]
    if train["n_partial"].sum() == 0:
        counts = {str(row["split"]): int(row["n_partial"]) for _, row in report.iterrows()}
        raise NoSeizureError(
            "training has no partial seizure window",
            file="prm_window_manifest",
            value=f"partial windows per split: {counts}" + _left_out(report),
            allowed="at least one in train",
            remedy=str(train["advice"].iat[0]),
        )
