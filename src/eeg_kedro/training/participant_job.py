"""What a fine-tuning on participants is: who, by which windows, and the identity of each model."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.errors import ParameterError
from eeg_kedro.models.encoder_options import EncoderOptions
from eeg_kedro.sampling.windows.window_source import require_columns
from eeg_kedro.training.channel_units import describe_channels
from eeg_kedro.training.finetune_job import hash_weights
from eeg_kedro.training.participant_labels import LabelledParticipants
from eeg_kedro.training.participant_options import ParticipantOptions

if TYPE_CHECKING:
    from eeg_kedro.sampling.windows.window_source import WindowSource
    from eeg_kedro.training.model_file import PretrainedModel

Bag = NDArray[np.intp]
_ROW = ("participant", "run", "window_start_sample")
# what may change from one run to the next of the same training
_RUN_ONLY: dict[str, Any] = {
    "tag": True,  # in the name
    "resume": True,
    "device": True,
    "seeds": True,
    "positive": True,  # the classes are told
    "allow_unknown": True,
    "encode_windows": True,
    "loop": {"save_steps", "threads"},
}


@dataclass(frozen=True, eq=False)
class ParticipantJob:
    """All that training and prediction need to know; no sample is read before it is needed.

    Attributes
    ----------
    options : ParticipantOptions
        How.
    labelled : LabelledParticipants
        Who has which label.
    windows : WindowSource
        Windows of any kind; their seizure labels are not asked for.
    table : DataFrame
        ``participant, run, window_start_sample``: row i is window i of the source.
    pretrained : PretrainedModel
        Whose encoder is used.
    store_folder : Path
        Where the checkpoints are.
    """

    options: ParticipantOptions
    labelled: LabelledParticipants
    windows: WindowSource
    table: pd.DataFrame
    pretrained: PretrainedModel
    store_folder: Path

    @property
    def model(self) -> str:
        """Name of the model without its seed."""
        name = f"{self.pretrained.name}_participant"
        return f"{name}_{self.options.tag}" if self.options.tag else name

    def name(self, seed: int) -> str:
        """Name of the model of one seed."""
        return f"{self.model}_s{seed}"

    @cached_property
    def bags(self) -> dict[str, Bag]:
        """Windows of each labelled participant who has any, in order of time; at most ``most_windows``."""
        require_columns(self.table, _ROW)
        order = self.table.reset_index(drop=True).sort_values([*_ROW], kind="stable")
        mine = order[order["participant"].isin(self.labelled.table["participant"])]
        most = self.options.most_windows
        return {
            str(who): _spread(rows.index.to_numpy(np.intp), most) for who, rows in mine.groupby("participant")
        }

    @cached_property
    def people(self) -> pd.DataFrame:
        """Rows of ``labelled.table`` of those who have windows."""
        table = self.labelled.table
        return table[table["participant"].isin(self.bags)].reset_index(drop=True)

    def participants(self, role: str) -> list[str]:
        """Return who is trained (``train``), validated or tested on."""
        return self.people.loc[self.people["role"] == role, "participant"].tolist()

    def notices(self) -> list[str]:
        """Say, as sentences, who is left out and why."""
        without = sorted({*self.labelled.table["participant"]} - {*self.bags})
        told = (
            [f"{len(without)} labelled participants have no window: {', '.join(without)}"] if without else []
        )
        if not self.participants("validation"):
            told.append("no labelled participant is there to validate on: training goes on to its last epoch")
        return [*self.labelled.notices(), *told]

    def check(self) -> None:
        """Make sure that there is something to learn.

        Raises
        ------
        ParameterError
            If windows and table differ in length, have another rate than the pretrained model, or the participants of
            training with windows are all of one class.
        """
        if len(self.table) != len(self.windows):
            raise ParameterError(
                "the table is not that of the windows",
                value=len(self.table),
                allowed=f"{len(self.windows)} rows",
            )
        told = float(self.pretrained.about["sfreq"])
        if len(self.windows) and float(self.windows.sfreq) != told:
            raise ParameterError(
                "the windows have another rate than those the model was pretrained on",
                file=self.pretrained.name,
                value=f"{self.windows.sfreq:g} Hz",
                allowed=f"{told:g} Hz",
                remedy="clean the recordings to that rate (clean.sfreq), or pretrain on these",
            )
        classes = {*self.people.loc[self.people["role"] == "train", "label"]}
        if classes != {0, 1}:
            raise ParameterError(
                "training needs participants of both classes that have windows",
                value=f"{len(self.participants('train'))} participants, of {len(classes)} classes",
                remedy="give more participants a label, or window their recordings (process_primary)",
            )

    def about(self, seed: int) -> dict[str, Any]:
        """Return the identity of the model of one seed, as JSON knows it."""
        told, options = self.pretrained.about, self.options
        encoder = EncoderOptions.model_validate(told["options"]["encoder"])
        found = {
            "name": self.name(seed),
            "model": self.model,
            "kind": "participant",
            "seed": seed,
            "pretrained": {"name": self.pretrained.name, "weights": hash_weights(self.pretrained.weights)},
            "encoder": encoder.effective(),
            "hidden": options.hidden,
            "freeze_backbone": options.freeze_backbone,
            "options": _effective(options),
            "token_length": int(told["token_length"]),
            "sfreq": float(told["sfreq"]),
            "n_samples": int(self.windows.n_samples),
            "channels": describe_channels(self.windows.ch_names, told["channels"]),
            "ch_names": list(self.windows.ch_names),
            "unit": "microvolts: (sample - center) / spread",
            "classes": {"1": self.labelled.positive, "0": self.labelled.negative},
            "participants": {
                "pretrain": {side: sorted(names) for side, names in told["participants"].items()},
                "train": self.participants("train"),
                "validation": self.participants("validation"),
            },
            "windows": self._fingerprint(),
        }
        return json.loads(json.dumps(found))  # type: ignore[no-any-return]

    def _fingerprint(self) -> str:
        """Hash whose windows with which label are learned from and validated on."""
        used = self.people[self.people["role"] != "test"]
        digest = hashlib.sha256()
        for row in used.itertuples(index=False):
            digest.update(f"{row.participant} {row.role} {row.label}".encode())
            rows = self.table.iloc[self.bags[str(row.participant)]]
            marks = ("windows_fingerprint",) if "windows_fingerprint" in rows else ()
            digest.update(rows[[*_ROW, *marks]].to_csv(index=False).encode())
        return digest.hexdigest()


def _spread(rows: Bag, most: int) -> Bag:
    """Return at most so many rows, evenly spread."""
    if rows.size <= most:
        return rows
    return rows[(np.arange(most) * rows.size) // most]


def _effective(options: ParticipantOptions) -> dict[str, Any]:
    """Return the options that make a difference."""
    found = options.model_dump(mode="json", exclude=_RUN_ONLY)
    if options.freeze_backbone:
        found.pop("backbone_rate")
    return found
