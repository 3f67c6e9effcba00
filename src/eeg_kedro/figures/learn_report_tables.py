"""What the report of `learn` is made from, and how it words numbers; every part of it reads nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

ROLES = ("train", "validation", "test")
MOST_NAMES = 12


@dataclass(frozen=True, eq=False)
class LearnTables:
    """Tables of the catalog under their own names; None or an empty one where there is none.

    Attributes
    ----------
    figures : mapping of str to Figure or None
        Figures of the catalog by their names.
    """

    int_inventory: pd.DataFrame | None = None
    int_events: pd.DataFrame | None = None
    int_ingest_report: pd.DataFrame | None = None
    prm_recording_quality: pd.DataFrame | None = None
    report_categories: pd.DataFrame | None = None
    report_sampling: pd.DataFrame | None = None
    input_participant_split: pd.DataFrame | None = None
    report_pretrain_gates: pd.DataFrame | None = None
    report_pretrain_history: pd.DataFrame | None = None
    report_embed_history: pd.DataFrame | None = None
    report_embed_quality: pd.DataFrame | None = None
    report_embedding_map: pd.DataFrame | None = None
    report_finetune_history: pd.DataFrame | None = None
    output_predictions: pd.DataFrame | None = None
    output_operating_points: pd.DataFrame | None = None
    output_detections: pd.DataFrame | None = None
    report_scores: pd.DataFrame | None = None
    report_score_summary: pd.DataFrame | None = None
    report_pretraining_verdict: pd.DataFrame | None = None
    report_run_scores: pd.DataFrame | None = None
    report_calibration: pd.DataFrame | None = None
    output_overlap_card: pd.DataFrame | None = None
    figures: Mapping[str, Figure | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take an empty table for none, but for detections: to have none of those is a finding."""
        for one in fields(self):
            table = getattr(self, one.name)
            if isinstance(table, pd.DataFrame) and table.empty and one.name != "output_detections":
                object.__setattr__(self, one.name, None)

    def absent(self) -> list[str]:
        """Return the names of the tables that are not there."""
        return [one.name for one in fields(self) if getattr(self, one.name) is None]

    @property
    def scored_role(self) -> str:
        """Return whose scores these are: test participants, or, for want of annotated ones, validation's."""
        summary = self.report_score_summary
        return "test" if summary is None or "role" not in summary else str(summary["role"].iloc[0])

    def quality_of(self, metric: str) -> float | None:
        """Return a measure of the embedding on test participants, or on whoever there is; None without one."""
        quality = self.report_embed_quality
        rows = [row for row in records(quality) if row["metric"] == metric and pd.notna(row["value"])]
        rows.sort(key=lambda row: str(row["role"]) != "test")
        return float(rows[0]["value"]) if rows else None

    def of_role(self, role: str) -> pd.DataFrame:
        """Return the participants of one role; none where there is no split."""
        split = self.input_participant_split
        if split is None:
            return pd.DataFrame(columns=["participant", "person", "role", "hours", "n_seizures"])
        mine: pd.DataFrame = split.loc[split["role"] == role]
        return mine


def records(table: pd.DataFrame | None) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table, if there is one."""
    for row in [] if table is None else table.to_dict("records"):
        yield {str(name): value for name, value in row.items()}


def count(number: float, noun: str) -> str:
    """Write a number of things: 1 seizure, 2 seizures."""
    plural = noun if noun.endswith("EEG") or number == 1 else f"{noun}s"
    return f"{int(number):,} {plural}"


def number(value: object, spec: str = ".3g") -> str | None:
    """Write a number, or None where nobody knows it."""
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return None
    written = float(value)  # type: ignore[arg-type]
    return f"{written:,.0f}" if spec.endswith("g") and abs(written) >= 1000 else f"{written:{spec}}"


def decimal(value: object, digits: int = 2) -> str | None:
    """Write a number with so many decimals; no minus before a zero."""
    written = number(value, f".{digits}f")
    return written if written is None or float(written) else written.lstrip("-")


def with_interval(value: object, low: object, high: object, digits: int = 2) -> str | None:
    """Write a value with its interval: 0.78 (0.57 to 0.92)."""
    middle, first, last = (decimal(one, digits) for one in (value, low, high))
    return middle if None in (middle, first, last) else f"{middle} ({first}\u00a0to\u00a0{last})"


def percent(share: object) -> str | None:
    """Write a share: 31 %, 0.4 %."""
    if share is None or pd.isna(share):  # type: ignore[call-overload]
        return None
    value = 100 * float(share)  # type: ignore[arg-type]
    return f"{value:.0f} %" if value >= 9.95 or not value else f"{value:.1f} %"


def listed(names: Iterable[object], most: int = MOST_NAMES) -> str:
    """Join names, the rest as a number: a, b and 3 more."""
    every = [str(name) for name in names]
    rest = len(every) - most
    return ", ".join(every[:most]) + (f" and {rest} more" if rest > 0 else "")


def sentence(words: object) -> str:
    """Begin with a capital and end with a full stop."""
    text = str(words).strip()
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}" if text else ""
