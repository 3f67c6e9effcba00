"""Where channels sit on the unit sphere: electrodes and pairs of them, from MNE's positions or a file's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.errors import ElectrodeError
from eeg_kedro.signal.channel_names import clean_channel_name
from eeg_kedro.signal.electrodes import NEW_NAMES
from eeg_kedro.signal.positions import electrode_positions, sphere_center

Places = NDArray[np.float64]
Table = Mapping[str, tuple[float, float, float]]

# points of the face and the ears that files list beside electrodes; they do not lie on the sphere
_FIDUCIALS = {"NZ", "LPA", "RPA", "NASION"}
_FEWEST = 4  # points that define a sphere
_AGREEMENT = 0.8  # mean cosine with the 10-05 positions below which the axes of a file are not understood
_NOWHERE = 1e-6  # length of the midpoint of two electrodes at opposite ends of the head


def place_channels(names: Sequence[str], table: Table | None = None) -> Places:
    """Tell where channels sit; T3 and T7, T4 and T8, T5 and P7, T6 and P8 are one place each.

    Parameters
    ----------
    names : sequence of str
        Electrodes (``C3``) and pairs (``FP1-F7``, at the middle between the two), in any case.
    table : mapping of str to (float, float, float), optional
        Positions per electrode in any unit of length, as `eeg_kedro.io.asa_electrodes.read_asa` gives them;
        without one, MNE's 10-05 positions.

    Returns
    -------
    ndarray of float64, shape (n_channels, 3)
        Points on the unit sphere: x to the right ear, y to the nose, z to the vertex.

    Raises
    ------
    ElectrodeError
        If channels have no position (naming all of them), or if no sphere can be laid through the table or its
        axes are not understood.
    """
    cleaned = [clean_channel_name(name) for name in names]
    electrodes = sorted({part for name in cleaned for part in name.split("-")})
    known = _from_montage(electrodes) if table is None else _from_table(electrodes, table)
    places = [_place(name, known) for name in cleaned]
    unknown = [name for name, place in zip(names, places, strict=True) if place is None]
    if unknown:
        raise ElectrodeError(
            "channels without a known place on the head",
            value=", ".join(unknown),
            allowed="10-05 electrodes and pairs of them" if table is None else "electrodes of the file",
            remedy="name the channels to use in pretrain.ch_names, or give a pretrain.electrode_file that "
            "has these",
        )
    return np.array([place for place in places if place is not None], np.float64).reshape(-1, 3)


def _place(name: str, known: Mapping[str, Places]) -> Places | None:
    """Find an electrode, or the middle of a pair put back on the sphere."""
    parts = name.split("-")
    if len(parts) > 2 or not all(part in known for part in parts):
        return None
    middle: Places = np.mean([known[part] for part in parts], axis=0)
    length = float(np.linalg.norm(middle))
    return middle / length if length > _NOWHERE else None


def _from_montage(electrodes: Sequence[str]) -> dict[str, Places]:
    places, known = electrode_positions([NEW_NAMES.get(name, name) for name in electrodes])
    return {name: place for name, place, has in zip(electrodes, places, known, strict=True) if has}


def _from_table(electrodes: Sequence[str], table: Table) -> dict[str, Places]:
    """Find electrodes under their new or their old name; where a file has both, the new one counts for both."""
    placed = _upright(_on_sphere(table))
    placed = {NEW_NAMES.get(name, name): place for name, place in placed.items()} | {
        name: place for name, place in placed.items() if name not in NEW_NAMES
    }
    found = {name: placed.get(NEW_NAMES.get(name, name)) for name in electrodes}
    return {name: place for name, place in found.items() if place is not None}


def _on_sphere(table: Table) -> dict[str, Places]:
    points = {clean_channel_name(name): place for name, place in table.items()}
    points = {name: place for name, place in points.items() if name not in _FIDUCIALS}
    places = np.array([*points.values()], np.float64).reshape(-1, 3)
    if len(places) < _FEWEST or np.linalg.matrix_rank(places - places.mean(axis=0)) < 3:
        raise ElectrodeError(
            "no sphere can be laid through the electrodes of the position file",
            value=", ".join(points) or "nothing",
            allowed="at least four electrodes that do not lie in one plane",
            remedy="add the other electrodes of the cap to pretrain.electrode_file",
        )
    unit = places - sphere_center(places)
    return dict(zip(points, unit / np.linalg.norm(unit, axis=1, keepdims=True), strict=True))


def _upright(placed: dict[str, Places]) -> dict[str, Places]:
    """Turn a file's axes to x right, y nose: many have x to the nose and y to the left ear.

    The quarter turn about the vertex is taken that agrees best with the 10-05 positions of the same names; a
    file without such names is taken as it is.
    """
    expected = _from_montage(sorted(placed))
    if len(expected) < _FEWEST:
        return placed
    found = np.array([placed[name] for name in expected])
    quarter = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    turns = [np.linalg.matrix_power(quarter, n) for n in range(4)]
    agreement = [float(np.mean((found @ turn.T * [*expected.values()]).sum(axis=1))) for turn in turns]
    best = int(np.argmax(agreement))
    if agreement[best] < _AGREEMENT:
        raise ElectrodeError(
            "the axes of the position file are not understood: its electrodes are not where 10-05 has them",
            value=f"mean cosine {agreement[best]:.2f}",
            allowed=f"z to the vertex, x and y to the right ear and the nose; cosine above {_AGREEMENT:g}",
            remedy="turn the positions in pretrain.electrode_file to these axes",
        )
    return {name: turns[best] @ place for name, place in placed.items()}
