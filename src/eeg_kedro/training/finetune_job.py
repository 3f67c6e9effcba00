"""What a fine-tuning learns from: windows of training and validation, drawn anew in each epoch or not."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.errors import StaleError
from eeg_kedro.sampling.draws.balance import plan_draws
from eeg_kedro.sampling.windows.recorded_windows import RecordedWindows
from eeg_kedro.sampling.windows.window_reader import WindowReader
from eeg_kedro.sampling.windows.window_source import SAMPLE_AGAIN
from eeg_kedro.training.detection_batches import DetectionSide
from eeg_kedro.training.finetune_options import FinetuneOptions
from eeg_kedro.training.seizure_priors import prior_of_runs, prior_of_windows, seizure_weight

if TYPE_CHECKING:
    from torch import Tensor

    from eeg_kedro.sampling.draws.balance_options import BalanceOptions
    from eeg_kedro.sampling.draws.window_draws import WindowDraws
    from eeg_kedro.sampling.windows.materialised import MaterialisedWindows
    from eeg_kedro.sampling.windows.window_files import Place, RunKey
    from eeg_kedro.training.model_file import PretrainedModel

Positions = NDArray[np.intp]
_KEYS = ["participant", "run", "window_start_sample"]
_GROUPS = 4  # row groups that make a block: windows are not short against one
_ROOM = 0.8  # of the cache, for the blocks that are mixed


@dataclass(frozen=True, eq=False)
class FinetuneJob:
    """All that training needs to know; nothing is read before it is asked for.

    Attributes
    ----------
    options : FinetuneOptions
        How.
    balanced : DataFrame
        ``input_balanced_windows``.
    signals : MaterialisedWindows
        Its samples and labels.
    files : mapping
        (participant, run) -> where its windows are.
    manifest, split, events : DataFrame
        From which the windows of each epoch are drawn, and whose they are.
    hard_negatives : DataFrame or None
        Windows a former model got wrong.
    balance : BalanceOptions
        How windows are drawn.
    pretrained : PretrainedModel or None
        None where only networks without one are trained.
    microvolts : float
        Microvolts per unit where no pretrained model says it.
    store_folder : Path
        Where the checkpoints are.
    """

    options: FinetuneOptions
    balanced: pd.DataFrame
    signals: MaterialisedWindows
    files: Mapping[RunKey, Place]
    manifest: pd.DataFrame
    split: pd.DataFrame
    events: pd.DataFrame
    hard_negatives: pd.DataFrame | None
    balance: BalanceOptions
    pretrained: PretrainedModel | None
    microvolts: float
    store_folder: Path

    @cached_property
    def ch_names(self) -> tuple[str, ...]:
        """Channels of the training windows; those that only others have cannot be learned from."""
        valid = self.signals.valid(np.flatnonzero(self.balanced["role"] == "train"))
        return tuple(self.signals.ch_names[i] for i in np.flatnonzero(valid.any(axis=0)))

    @cached_property
    def reader(self) -> WindowReader:
        """Reads these channels of any recording."""
        return WindowReader(self.files, ch_names=self.ch_names, cache_megabytes=self.options.cache_megabytes)

    @cached_property
    def training_manifest(self) -> pd.DataFrame:
        """Annotated windows of the training participants: what can be drawn."""
        people = {*self.split.loc[self.split["role"] == "train", "participant"]}
        mine = self.manifest["participant"].isin(people) & self.manifest["category"].notna()
        return self.manifest[mine]

    @cached_property
    def weight(self) -> float:
        """What a seizure token weighs in the loss; errors as `seizure_weight`."""
        recorded = prior_of_windows(self.training_manifest)
        return seizure_weight(self.options, self.drawn_prior, recorded)

    @cached_property
    def drawn_prior(self) -> float:
        """Share of seizure in the windows of training."""
        return prior_of_windows(self.balanced[self.balanced["role"] == "train"])

    @cached_property
    def true_prior(self) -> float:
        """Share of seizure in all annotated recordings of the training participants."""
        runs = self.training_manifest[["participant", "run"]].drop_duplicates()
        layouts = {key: self.reader.layout(*key) for key in runs.itertuples(index=False, name=None)}
        return prior_of_runs(self.events, {key: it.n_times / it.sfreq for key, it in layouts.items()})

    def participants(self, role: str) -> list[str]:
        """Return who is trained or validated on."""
        drawn = self.training_manifest if role == "train" and self.options.redraw else self.balanced
        table = drawn if drawn is not self.balanced else drawn[drawn["role"] == role]
        return sorted({*table["participant"].astype(str)})


def open_sides(job: FinetuneJob) -> tuple[DetectionSide, DetectionSide]:
    """Open the windows of training and of validation; only training may be drawn anew.

    Raises
    ------
    StaleError
        If the balanced windows are not those that the options would draw, or not those on disk.
    """
    job.signals.check(job.balanced)
    job.signals.check_windows(job.reader)
    train = _drawn_anew(job) if job.options.redraw else _materialised(job, "train")
    validation = _materialised(job, "validation", job.options.validation_windows)
    return train, validation


def _materialised(job: FinetuneJob, role: str, most: int | None = None) -> DetectionSide:
    positions = np.flatnonzero(job.balanced["role"] == role)
    if most is not None and positions.size > most:  # evenly over participants, runs and time
        positions = positions[np.arange(most) * positions.size // most]
    return DetectionSide(job.signals, job.balanced, lambda _: positions, job.ch_names)


def _drawn_anew(job: FinetuneJob) -> DetectionSide:
    balance = job.balance.model_copy(update={"redraw": "per_epoch"})
    draws = plan_draws(job.manifest, job.split, balance, job.hard_negatives)
    training = [draws[name] for name in sorted(draws) if draws[name].role == "train"]
    _demand_same_draw(job, _draw(training, 0))
    source = RecordedWindows(job.reader, job.manifest, job.events)
    block, buffer = _blocks(job)
    return DetectionSide(
        source, job.manifest, lambda epoch: _draw(training, epoch), job.ch_names, block, buffer
    )


def _draw(training: list[WindowDraws], epoch: int) -> Positions:
    return np.concatenate([draws.draw(epoch) for draws in training])


def _demand_same_draw(job: FinetuneJob, first: Positions) -> None:
    """Refuse a table of windows that these parameters would not draw in the first epoch."""
    drawn = job.manifest.iloc[first][_KEYS].sort_values(_KEYS)
    told = job.balanced.loc[job.balanced["role"] == "train", _KEYS].sort_values(_KEYS)
    if not np.array_equal(drawn.astype(str).to_numpy(), told.astype(str).to_numpy()):
        raise StaleError(
            "the balanced windows are not those that the parameters of balance draw",
            file="input_balanced_windows",
            value=f"{len(told)} windows of training; {len(drawn)} would be drawn",
            remedy=f"{SAMPLE_AGAIN} with these parameters, or set finetune.redraw=false",
        )


def _blocks(job: FinetuneJob) -> tuple[int, int]:
    """Return how many samples make a block, and how many blocks fit into the cache together."""
    first = job.training_manifest.iloc[0]
    layout = job.reader.layout(str(first["participant"]), str(first["run"]))
    starts = layout.group_starts
    block = _GROUPS * (starts[1] - starts[0] if layout.n_groups else layout.n_times)
    room = _ROOM * job.options.cache_megabytes * 1e6
    return block, max(1, int(room / (4 * block * max(1, len(job.ch_names)))))


def hash_weights(weights: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 over names and bytes of a state dict."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(name.encode() + weights[name].detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
