"""The order of (participant, run, onset): what is drawn must not depend on how a table was sorted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.errors import SplitError
from eeg_kedro.sampling.categories import text_codes

Positions = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class KeyOrder:
    """Windows of a table in key order; the table itself stays as it is.

    Attributes
    ----------
    order : ndarray of intp, shape (n_windows,), or None
        Rows of the table in key order; None: they are in it.
    who : ndarray of intp, shape (n_windows,)
        Participant of each window in key order, as place in `participants`.
    key : ndarray of intp, shape (n_windows,)
        ``who * len(runs) + place in runs``: ascending.
    side_of : ndarray of intp, shape (n_participants,)
        Row of the split of each participant.
    participants, runs : list of str
        Distinct names, sorted.
    """

    order: Positions | None
    who: Positions
    key: Positions
    side_of: Positions
    participants: list[str]
    runs: list[str]

    def take(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return values of the table's rows in key order."""
        return values if self.order is None else values[self.order]

    def rows(self, positions: Positions) -> Positions:
        """Return the table's rows at these places of the key order."""
        return positions if self.order is None else self.order[positions]


def find_key_order(manifest: pd.DataFrame, split: pd.DataFrame) -> KeyOrder:
    """Bring windows in the order of (participant, run, onset) and find each one's row in `split`.

    Raises
    ------
    SplitError
        If there are windows of participants the split does not know.
    """
    who, participants = _ranked(manifest["participant"])
    run, runs = _ranked(manifest["run"])
    side_of = pd.Index(split["participant"]).get_indexer(pd.Index(participants, dtype="str"))
    if (side_of < 0).any():
        raise SplitError(
            "windows of participants the split does not know",
            value=[name for name, row in zip(participants, side_of, strict=True) if row < 0][:5],
            remedy="build the split from this manifest: `kedro run --pipelines=sample`",
        )
    key = who * max(len(runs), 1) + run
    onset = manifest["onset"].to_numpy()
    in_order = (key[1:] > key[:-1]) | ((key[1:] == key[:-1]) & (onset[1:] > onset[:-1]))
    if in_order.all():  # as categorize writes them: sorting would cost more than everything else here
        return KeyOrder(None, who, key, side_of, participants, runs)
    order = np.lexsort((onset, key))
    return KeyOrder(order, who[order], key[order], side_of, participants, runs)


def _ranked(texts: pd.Series) -> tuple[Positions, list[str]]:
    """Return the place of each text among the distinct ones, which are sorted."""
    codes, names = text_codes(texts)
    if names == (ordered := sorted(names)):
        return codes, names
    rank = np.argsort(np.argsort(np.array(names, object), kind="stable"))
    return rank[codes], ordered
