"""Whether a table of windows still fits the files it was made from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from eeg_kedro.errors import StaleError
from eeg_kedro.sampling.windows.window_files import RunKey, listed

NAMED = 5  # runs in an error
REMEDY = "run `kedro run --pipelines=categorize`, then `kedro run --pipelines=sample`"


def expected_fingerprints(windows: pd.DataFrame) -> list[tuple[RunKey, int]]:
    """List the runs of a table of windows with the fingerprint it has for them (0: not known), sorted.

    Raises
    ------
    StaleError
        If the table has no fingerprints.
    """
    if "windows_fingerprint" not in windows:
        raise StaleError(
            "the table does not say which windows it was made from",
            value="no column windows_fingerprint",
            remedy=f"it was made by an older version: {REMEDY}",
        )
    found = windows[["participant", "run", "windows_fingerprint"]].drop_duplicates()
    marks = found["windows_fingerprint"].fillna(0).astype("int64")
    keys = zip(found["participant"].astype(str), found["run"].astype(str), strict=True)
    return sorted(zip(keys, marks.tolist(), strict=True))


def compare_fingerprints(
    expected: Sequence[tuple[RunKey, int]], fingerprint_of: Callable[[RunKey], int]
) -> None:
    """Refuse fingerprints that are not those of the files, or not known.

    Raises
    ------
    StaleError
        Naming some of the runs concerned.
    """
    unknown = [key for key, mark in expected if not mark]
    changed = [key for key, mark in expected if mark and fingerprint_of(key) != mark]
    if changed:
        raise StaleError(
            "windows were cut again after the table was made", value=_named(changed), remedy=REMEDY
        )
    if unknown:
        raise StaleError(
            "the table does not say which windows it was made from",
            value=_named(unknown),
            remedy=f"it was made by an older version: {REMEDY}",
        )


def _named(keys: Sequence[RunKey]) -> str:
    return listed(list(dict.fromkeys("_".join(key) for key in keys)), NAMED)
