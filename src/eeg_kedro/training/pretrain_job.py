"""What a pretraining run is: options, plan and places of files, and the identity that its checkpoints carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from eeg_kedro.losses.targets import target_width
from eeg_kedro.models.model_name import name_model
from eeg_kedro.sampling.pretrain_plan import fingerprint_plan
from eeg_kedro.sampling.windows.window_files import Place, RunKey, locate
from eeg_kedro.training.pretrain_options import PretrainOptions

if TYPE_CHECKING:
    from eeg_kedro.training.plan_masks import Side

SIDES: tuple[Side, ...] = ("train", "validation")

# what may change from one run to the next of the same training; paths are nobody's business either
_RUN_ONLY: dict[str, Any] = {
    "preset": True,  # its values are among the others
    "resume": True,
    "electrode_file": True,  # the places themselves are in the plan
    "nproc": True,  # world_size counts
    "device": True,
    "cache_megabytes": True,
    "gates": True,
    "ch_names": True,  # the channels are in the plan
    "encoder": True,  # given apart, without what has no effect
    "loop": {"save_steps", "threads"},
}


@dataclass(frozen=True)
class PretrainJob:
    """All that a process needs to know to take part; small enough to be sent to each of them.

    Attributes
    ----------
    options : PretrainOptions
        How.
    plan : DataFrame
        On what: see `eeg_kedro.sampling.pretrain_plan.plan_sequences`.
    files : mapping
        (participant, run) -> path or URL of its windows, or a Kedro partition's load.
    store_folder : Path
        Where the checkpoints are; with several machines a folder that all of them see.
    """

    options: PretrainOptions
    plan: pd.DataFrame
    files: Mapping[RunKey, Place]
    store_folder: Path

    @property
    def name(self) -> str:
        """Name of the model."""
        options = self.options
        return name_model(options.encoder, options.mask_ratio, options.masking_style, options.tag)

    @property
    def sfreq(self) -> float:
        """Sampling rate of every sequence, Hz."""
        return float(self._used["sfreq"].iloc[0])

    def about(self, world_size: int) -> dict[str, Any]:
        """Return the identity of the model and of its training as JSON knows it.

        Parameters
        ----------
        world_size : int
            Processes that share each batch.
        """
        options, used = self.options, self._used
        sides = {side: sorted(set(used.loc[used["side"] == side, "participant"])) for side in SIDES}
        return {
            "name": self.name,
            "options": _effective(options),
            "token_length": options.token_length,
            "target": options.target,
            "target_width": target_width(options.target, options.token_length),
            "direction": options.encoder.direction,
            "batch_size": options.loop.batch_size,
            "world_size": world_size,
            "sfreq": self.sfreq,
            "unit": "microvolts: (sample - center) / spread",
            "channels": _channels(used),
            "participants": sides,
            "plan": fingerprint_plan(self.plan),
        }

    @property
    def _used(self) -> pd.DataFrame:
        return self.plan[self.plan["side"] != "none"]

    def __getstate__(self) -> dict[str, Any]:
        # a partition's load may hold a file system with its credentials: other processes are told paths
        places = {key: locate(place, "_".join(key)) for key, place in self.files.items()}
        return self.__dict__ | {"files": places}


def _effective(options: PretrainOptions) -> dict[str, Any]:
    """Return the options that make a difference: one may change what has no effect, and go on."""
    found = options.model_dump(mode="json", exclude=_RUN_ONLY)
    idle = {
        "lowpass_hz": options.target != "lowpass",
        "block_tokens": options.mask_shape != "block",
        "scale": options.scale.kind != "microvolts",  # its kind is told by the spreads of the channels
    }
    kept = {name: value for name, value in found.items() if not idle.get(name)}
    return kept | {"encoder": options.encoder.effective()}


def _channels(used: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return center and spread of each channel, microvolts, and its place: what whoever uses the model needs."""
    table = used.drop_duplicates("channel").sort_values("channel")
    return {
        str(row["channel"]): {
            "center": float(row["center"]),
            "spread": float(row["spread"]),
            "place": [float(row[axis]) for axis in "xyz"],
        }
        for row in table.to_dict("records")
    }
