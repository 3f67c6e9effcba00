"""From a row of the inventory to the samples it speaks of: one lazy call, for every step that reads raw signal."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from eeg_kedro.io.samples import SampleSource, open_samples
from eeg_kedro.io.source_file import SourceFile


def plan_opening(root: str, row: Mapping[str, Any], *, with_aux: bool = False) -> partial[SampleSource]:
    """Give the call that opens a recording, or the segment of one.

    Parameters
    ----------
    root : str
        The corpus folder.
    row : mapping
        A row of ``int_inventory``.
    with_aux : bool
        Whether the eye, heart and muscle channels follow the EEG channels.

    Returns
    -------
    partial
        Of `open_samples`; it can be fingerprinted and travels to workers.
    """
    parts = ("", "aux_") if with_aux else ("",)
    picks = [pick for part in parts for pick in row[f"{part}picks"]]
    scales = [scale for part in parts for scale in row["aux_scales" if part else "unit_scales"]]
    names = [*row["recorded_names"], *(row["aux_names"] if with_aux else ())]
    return partial(
        open_samples,
        SourceFile(root, str(row["source"])),
        str(row["source_format"]),
        tuple(int(pick) for pick in picks),
        float(row["sfreq"]),
        tuple(float(scale) for scale in scales),
        tuple(str(name) for name in names),
        (int(row["first_sample"]), int(row["n_times"])) if row["segment"] else None,
    )
