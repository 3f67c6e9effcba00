"""Scale and place of channels: as a pretrained model knows them, or typical ones where it does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from eeg_kedro.errors import ElectrodeError
from eeg_kedro.signal.electrode_places import place_channels

Channels = Mapping[str, Mapping[str, Any]]


def describe_channels(
    names: Sequence[str], known: Channels, microvolts: float = 1.0
) -> dict[str, dict[str, Any]]:
    """Return scale and place of channels, in their order: as a model knows them, or typical ones where it does not.

    Parameters
    ----------
    names : sequence of str
        Channels.
    known : mapping
        Those of the pretrained model; the others get the median of its centers and spreads, and their 10-05 place.
    microvolts : float
        Spread (uV) where ``known`` is empty.

    Raises
    ------
    ElectrodeError
        If channels have no place, naming all of them.
    """
    center = median([float(channel["center"]) for channel in known.values()] or [0.0])
    spread = median([float(channel["spread"]) for channel in known.values()] or [microvolts])
    places = _place([name for name in names if name not in known])
    return {
        name: dict(known[name])
        if name in known
        else {"center": center, "spread": spread, "place": places[name]}
        for name in names
    }


def _place(names: Sequence[str]) -> dict[str, list[float]]:
    try:
        return dict(zip(names, place_channels(names).tolist(), strict=True))
    except ElectrodeError as error:
        raise ElectrodeError(
            error.what,
            value=error.value,
            allowed="channels of the pretrained model, 10-05 electrodes and pairs of them",
            remedy="name the channels to use in balance.materialise.ch_names and run "
            "`kedro run --pipelines=sample` again",
        ) from error
