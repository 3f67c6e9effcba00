"""Which channels pretraining uses, where they are, which of them share a mask, and what their unit is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.errors import ParameterError
from eeg_kedro.io.window_reading import read_window_metadata
from eeg_kedro.sampling.windows.window_files import locate
from eeg_kedro.signal.electrodes import STANDARD_19
from eeg_kedro.signal.positions import electrode_positions
from eeg_kedro.signal.scale import pool_scales

if TYPE_CHECKING:
    from pathlib import Path

    from eeg_kedro.io.window_layout import WindowLayout
    from eeg_kedro.sampling.plan_options import ScaleChoice
    from eeg_kedro.sampling.windows.window_files import Place, RunKey

# eight regions of the standard 19: what is recorded within one is much alike, so that a token hidden in one channel
# could be copied from the next. Frontal, temporal and centro-parietal are left and right; the midline; the back.
REGIONS = {
    "FP1": 0, "F3": 0, "F7": 0, "FP2": 1, "F4": 1, "F8": 1, "T3": 2, "T5": 2, "T4": 3, "T6": 3,
    "C3": 4, "P3": 4, "C4": 5, "P4": 5, "FZ": 6, "CZ": 6, "PZ": 6, "O1": 7, "O2": 7,
}  # fmt: skip


def why_left_out(
    layouts: Mapping[RunKey, WindowLayout], ch_names: Sequence[str] | None, include_interpolated: bool
) -> pd.DataFrame:
    """List every channel of every run with the reason why it is not used.

    Returns
    -------
    DataFrame
        ``participant``, ``run``, ``channel``, ``left_out`` ("" if it is used).

    Raises
    ------
    ParameterError
        If a channel is asked for that no run has.
    """
    known = {name for layout in layouts.values() for name in layout.ch_names}
    wanted = known if ch_names is None else {name.upper() for name in ch_names}
    if layouts and wanted - known:
        raise ParameterError(
            "no run has the channel",
            value=", ".join(sorted(wanted - known)),
            allowed=", ".join(sorted(known)),
            remedy="correct pretrain.ch_names; null takes all",
        )
    rows = [
        (*key, name, _why(name, wanted, () if include_interpolated else layout.interpolated_channels))
        for key, layout in layouts.items()
        for name in layout.ch_names
    ]
    return pd.DataFrame(rows, columns=["participant", "run", "channel", "left_out"])


def place_channels(
    names: Sequence[str], places: Callable[[Sequence[str]], NDArray[np.float64]]
) -> pd.DataFrame:
    """Give the place ``x``, ``y``, ``z`` and the ``neighbourhood`` of channels, by name."""
    positions = np.asarray(places(names), np.float64).reshape(len(names), 3)
    table = pd.DataFrame(positions, index=pd.Index([*names]), columns=["x", "y", "z"])
    return table.assign(neighbourhood=find_neighbourhoods(positions))


def find_neighbourhoods(positions: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the region of each place, (n, 3) on the unit sphere: that of the nearest of the standard 19 electrodes."""
    anchors, _ = electrode_positions(STANDARD_19)
    nearest = np.argmax(np.round(positions @ anchors.T, 6), axis=1)
    regions: NDArray[np.int64] = np.array([REGIONS[name] for name in STANDARD_19], np.int64)[nearest]
    return regions


def find_scales(
    names: Sequence[str],
    scale: ScaleChoice,
    training: pd.DataFrame,
    files: Mapping[RunKey, Place] | None,
) -> pd.DataFrame:
    """Give ``center`` and ``spread`` (uV) of channels, by name; training recordings alone decide.

    A channel that no training recording has gets the median over those that they have.

    Parameters
    ----------
    names : sequence of str
        Channels.
    scale : ScaleChoice
        Its kind and constant.
    training : DataFrame
        ``participant``, ``run``, ``channel`` of what is trained on.
    files : mapping or None
        Where the footers are.

    Raises
    ------
    ParameterError
        If the scale is robust and it is not known where the footers are.
    """
    index = pd.Index([*names])
    if scale.kind == "microvolts":
        return pd.DataFrame({"center": 0.0, "spread": float(scale.microvolts)}, index=index)
    if files is None:
        raise ParameterError(
            "a robust scale is learned from footers, and nobody said where they are",
            value="scale.kind=robust",
            remedy="give plan_sequences the files, or set pretrain.scale.kind=microvolts",
        )
    pooled = _pool(training, files)
    typical = np.median([*pooled.values()], axis=0)
    table = pd.DataFrame([pooled.get(name, typical) for name in names], index, ["center", "spread"])
    # a channel that is flat in most recordings has no spread; it stays in microvolts
    return table.assign(spread=table["spread"].where(table["spread"] > 0, 1.0))


def _pool(training: pd.DataFrame, files: Mapping[RunKey, Place]) -> dict[str, tuple[float, float]]:
    """Pool the scales in the footers of training runs, as far as their channels are used."""
    scales = {}
    for key, used in training.groupby(["participant", "run"])["channel"]:
        name = "_".join(map(str, key))
        footer = read_window_metadata(_local(files[str(key[0]), str(key[1])], name))
        chosen = [i for i, channel in enumerate(footer["ch_names"]) if channel in {*used}]
        values = {what: [footer["scale"][what][i] for i in chosen] for what in ("median", "iqr")}
        scales[name] = ([footer["ch_names"][i] for i in chosen], values)
    return pool_scales(scales, {*scales})


def _local(place: Place, name: str) -> Path:
    from pathlib import Path

    return Path(locate(place, name))


def _why(name: str, wanted: set[str], interpolated: Sequence[str]) -> str:
    if name not in wanted:
        return "not among ch_names"
    return "interpolated" if name in interpolated else ""
