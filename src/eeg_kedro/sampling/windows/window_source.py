"""Numbered windows of one length and one channel list: what every loader and every writer asks for.

A *position* is an index into the table a source was made from. Sources are cheap to make and hold arrays, not
rows: a table of a million windows is a dozen megabytes here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.errors import AnnotationError, ParameterError, StaleError
from eeg_kedro.sampling.categories import UNKNOWN, codes_of, text_codes

RunKey = tuple[str, str]  # participant, run
Positions = NDArray[np.intp]
Samples = NDArray[np.float32] | NDArray[np.float16]
SAMPLE_AGAIN = "run `kedro run --pipelines=sample` again"
CATEGORIZE_AGAIN = "run `kedro run --pipelines=categorize`, then `kedro run --pipelines=sample`"


class WindowSource(Protocol):
    """Numbered windows of one length and one channel list.

    Attributes
    ----------
    ch_names : tuple of str
        Channels, in the order of the second axis of what `gather` gives.
    sfreq : float
        Sampling rate (Hz); 0 if there is no window.
    n_samples : int
        Samples per window; 0 if there is no window.
    """

    @property
    def ch_names(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def sfreq(self) -> float: ...  # noqa: D102
    @property
    def n_samples(self) -> int: ...  # noqa: D102

    def __len__(self) -> int: ...

    def gather(self, positions: Positions) -> tuple[Samples, NDArray[np.bool_]]:
        """Read the windows at ``positions``, in their order.

        Returns
        -------
        samples : ndarray of float32 or float16, shape (n_positions, n_channels, n_samples)
            Microvolts; zeros where the channel is absent.
        valid : ndarray of bool, shape (n_positions, n_channels)
            False where a recording lacks the channel.
        """
        ...

    def valid(self, positions: Positions) -> NDArray[np.bool_]:
        """Tell which channels the windows have, (n_positions, n_channels), without reading a sample."""
        ...

    def labels(self, positions: Positions) -> NDArray[np.uint8]:
        """Give the seizure masks of the windows, (n_positions, n_samples): 1 in a seizure.

        Raises
        ------
        AnnotationError
            If nobody annotated the recording of a window: it is not background.
        """
        ...


@dataclass(frozen=True, eq=False)
class WindowRows:
    """A windows table as arrays: whose window, where it begins, and whether somebody annotated it.

    Attributes
    ----------
    runs : tuple of RunKey
        Distinct (participant, run), in order of appearance.
    run : ndarray of int32, shape (n_windows,)
        Place of each window's run in ``runs``.
    start : ndarray of int64, shape (n_windows,)
        First sample.
    n_samples : int
        Samples per window.
    sfreq : float
        Sampling rate (Hz).
    """

    runs: tuple[RunKey, ...]
    run: NDArray[np.int32]
    start: NDArray[np.int64]
    n_samples: int
    sfreq: float

    def name(self, position: int) -> str:
        """Return ``participant_run`` of a window."""
        return "_".join(self.runs[self.run[position]])

    @classmethod
    def of_table(cls, windows: pd.DataFrame) -> WindowRows:
        """Take what is needed of a table and nothing else.

        Raises
        ------
        ParameterError
            If a column is missing, or the windows differ in length or rate.
        """
        require_columns(windows, ("participant", "run", "window_start_sample", "n_samples", "sfreq"))
        run, runs = run_codes(windows)
        start = windows["window_start_sample"].to_numpy(np.int64, copy=True)
        n_samples, sfreq = common_value(windows, "n_samples"), common_value(windows, "sfreq")
        return cls(runs, run.astype(np.int32), start, int(n_samples), float(sfreq))


def run_codes(windows: pd.DataFrame) -> tuple[Positions, tuple[RunKey, ...]]:
    """Return the place of each row's (participant, run) among the distinct ones, and these."""
    who, participants = text_codes(windows["participant"])
    which, runs = text_codes(windows["run"])
    codes, distinct = pd.factorize(who * max(len(runs), 1) + which)
    pairs = (divmod(int(pair), len(runs)) for pair in distinct)
    return codes, tuple((participants[i], runs[k]) for i, k in pairs)


def require_columns(windows: pd.DataFrame, names: Collection[str]) -> None:
    """Raise `ParameterError` if a table of windows lacks a column."""
    missing = sorted({*names} - {*windows.columns})
    if missing:
        raise ParameterError(
            "a table of windows lacks columns",
            value=missing,
            allowed="the columns of prm_window_manifest",
            remedy="give prm_window_manifest or input_balanced_windows",
        )


def common_value(windows: pd.DataFrame, name: str) -> Any:
    """Return the one value of a column; 0 for an empty table.

    Raises
    ------
    ParameterError
        If the windows differ, naming the first one that does.
    """
    values = windows[name].to_numpy()
    other = np.flatnonzero(values != values[:1])
    if other.size:
        row = windows.iloc[int(other[0])]
        raise ParameterError(
            f"windows of one set differ in {name}",
            file=f"{row['participant']}_{row['run']}",
            value=sorted({values[0].item(), values[other[0]].item()}),
            allowed="one value for all windows",
            remedy="bring all recordings to one rate (clean.sfreq), or select the windows of one kind",
        )
    return values[0].item() if values.size else 0


def file_fingerprints(windows: pd.DataFrame, codes: NDArray[Any], names: Sequence[str]) -> NDArray[np.int64]:
    """Return the ``windows_fingerprint`` of each file, 0 where it is not known.

    Parameters
    ----------
    windows : DataFrame
        Windows.
    codes : ndarray of int, shape (n_windows,)
        Place of each window's file in ``names``.
    names : sequence of str
        The files, or the runs in them.

    Raises
    ------
    StaleError
        If the rows of one file were made from two states of it.
    """
    marks = np.zeros(len(names), np.int64)
    if "windows_fingerprint" in windows:
        found = windows["windows_fingerprint"].to_numpy(np.int64)
        marks[codes] = found
        other = np.flatnonzero(marks[codes] != found)
        if other.size:
            raise StaleError(
                "a table holds windows of two states of one recording",
                file=names[codes[other[0]]],
                remedy=CATEGORIZE_AGAIN,
            )
    return marks


def annotated_rows(windows: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which windows have a category: somebody looked for seizures there."""
    require_columns(windows, ("category", "seizure_samples"))
    known: NDArray[np.bool_] = codes_of(windows["category"]) != UNKNOWN
    return known


def refuse_unannotated(annotated: NDArray[np.bool_], recording: str) -> None:
    """Raise `AnnotationError` unless all are annotated; ``recording`` is the first that is not."""
    if not annotated.all():
        raise AnnotationError(
            "a window that nobody annotated has no labels: it is not background",
            file=recording,
            value=f"{int((~annotated).sum())} windows without category",
            allowed="windows with a category",
            remedy="leave them out (the balanced set does), or annotate the recording and categorize again",
        )
