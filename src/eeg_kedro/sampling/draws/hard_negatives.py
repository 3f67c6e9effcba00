"""Windows a former model got wrong: a list of (participant, run, onset), found again in the manifest."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.errors import ParameterError
from eeg_kedro.labels.intervals import sample_of
from eeg_kedro.sampling.draws.key_order import KeyOrder, Positions

COLUMNS = ("participant", "run", "onset")
NOWHERE = -1


def find_listed(listed: pd.DataFrame, manifest: pd.DataFrame, keys: KeyOrder) -> Positions:
    """Find listed windows by participant, run and the sample of their onset.

    Parameters
    ----------
    listed : DataFrame
        ``participant``, ``run``, ``onset`` (s); rows that say the same are one.
    manifest : DataFrame
        Windows with ``window_start_sample`` and ``sfreq`` (Hz).
    keys : KeyOrder
        Of the manifest.

    Returns
    -------
    ndarray of intp, shape (n_found,)
        Places in key order, ascending, each once.

    Raises
    ------
    ParameterError
        If a column is missing or a row is no window of the manifest.
    """
    if missing := [name for name in COLUMNS if name not in listed]:
        raise ParameterError(
            "the list of hard negatives lacks columns",
            file="input_hard_negatives",
            value=missing,
            allowed=", ".join(COLUMNS),
            remedy="write participant, run and onset (s) of each window, as they stand in prm_window_manifest",
        )
    places = _places_of(listed, manifest, keys)
    lost = np.flatnonzero(places == NOWHERE)
    if lost.size:
        first = listed.iloc[int(lost[0])]
        raise ParameterError(
            f"{lost.size} of {len(listed)} hard negatives are no window of the manifest",
            file="input_hard_negatives",
            value=f"{first['participant']}_{first['run']} at {first['onset']} s",
            allowed="onsets of the manifest's window grid",
            remedy="set categorize.window_seconds and categorize.stride_seconds as they were when the list was "
            "made, or remove the file",
        )
    return np.unique(places)


def _places_of(listed: pd.DataFrame, manifest: pd.DataFrame, keys: KeyOrder) -> Positions:
    """Return the place of each listed window in key order, `NOWHERE` if it is none of them."""
    places = np.full(len(listed), NOWHERE, np.intp)
    if not keys.key.size:
        return places
    run, onset = _runs_of(listed, keys), listed["onset"].to_numpy(np.float64)
    known = np.flatnonzero((run != NOWHERE) & np.isfinite(onset))
    first = np.searchsorted(keys.key, run[known]).clip(max=keys.key.size - 1)
    rate = keys.take(manifest["sfreq"].to_numpy())[first]
    start = keys.take(manifest["window_start_sample"].to_numpy())
    sample = sample_of(onset[known], rate)
    span = int(start.max()) + 1  # run and sample as one ascending number
    wanted = np.where((sample >= 0) & (sample < span), run[known] * span + sample, NOWHERE)
    laid = keys.key * span + start
    found = np.searchsorted(laid, wanted).clip(max=laid.size - 1)
    places[known] = np.where(laid[found] == wanted, found, NOWHERE)
    return places


def _runs_of(listed: pd.DataFrame, keys: KeyOrder) -> NDArray[np.intp]:
    """Return the key of each listed window's participant and run, `NOWHERE` if there is no such name."""
    who, run = (
        pd.Index(names, dtype="str").get_indexer(pd.Index(listed[name].astype("str")))
        for name, names in (("participant", keys.participants), ("run", keys.runs))
    )
    return np.where((who >= 0) & (run >= 0), who * max(len(keys.runs), 1) + run, NOWHERE)
