"""What a training of an embedder is: options, windows, a pretrained model, and the identity of each stage."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from eeg_kedro.corpora.names import person_of
from eeg_kedro.errors import CheckpointError, ParameterError, SplitError
from eeg_kedro.sampling.categories import NONE, codes_of
from eeg_kedro.training.channel_units import describe_channels
from eeg_kedro.training.embed_options import BY_LABEL, SOME_LAYERS, EmbedOptions, Unfrozen

if TYPE_CHECKING:
    from torch import Tensor

    from eeg_kedro.losses.embedding_loss_options import EmbeddingLossOptions
    from eeg_kedro.sampling.windows.materialised import MaterialisedWindows
    from eeg_kedro.training.model_file import PretrainedModel

SIDES = ("train", "validation")

# what may change from one run to the next of the same training
_RUN_ONLY: dict[str, Any] = {
    "tag": True,  # in the name
    "resume": True,
    "device": True,
    "batch_size": True,
    "alarm": True,  # ends a training and changes nothing in it
    "conv": True,  # with the encoder
    "microvolts": True,  # with the channels
    "unfreeze": True,  # with the stage
    "loss": True,
    "loop": {"save_steps", "threads", "batch_size"},
}


@dataclass(frozen=True)
class Stage:
    """One training of the one or two that make an embedder.

    Attributes
    ----------
    number : int
        From 1; 0 for the only one.
    loss : EmbeddingLossOptions
        Its objective.
    unfreeze : "none", "all" or int
        What of the encoder is trained.
    """

    number: int
    loss: EmbeddingLossOptions
    unfreeze: Unfrozen

    @property
    def name(self) -> str:
        """What is appended to the model's name, and what the table of the history says."""
        return f"stage{self.number}" if self.number else "single"

    @property
    def by_label(self) -> bool:
        """Whether the objective brings windows of one label together: half of each batch then have a seizure."""
        return self.loss.objective in BY_LABEL and self.loss.positives == "label"

    @property
    def by_participant(self) -> bool:
        """Whether the objective brings windows of one participant together."""
        return self.loss.objective in BY_LABEL and self.loss.positives == "participant"


@dataclass(frozen=True)
class EmbedJob:
    """All that a training of an embedder needs.

    Attributes
    ----------
    options : EmbedOptions
        How.
    windows : DataFrame
        ``input_balanced_windows``.
    signals : MaterialisedWindows
        Their samples, row by row.
    store_folder : Path
        Where the checkpoints are.
    pretrained : PretrainedModel or None
        The encoder to begin with; None with ``encoder=conv``.
    """

    options: EmbedOptions
    windows: pd.DataFrame
    signals: MaterialisedWindows
    store_folder: Path
    pretrained: PretrainedModel | None = None

    def check(self) -> None:
        """Raise an error that names what is missing or does not fit, before anything is trained.

        Raises
        ------
        CheckpointError
            If there is no pretrained model, or it is of another sampling rate.
        ParameterError
            If nobody is there to train on.
        SplitError
            If one person is on two sides.
        StaleError
            If the signals are not those of the table.
        """
        demand_model(self.options, self.pretrained)
        self.signals.check(self.windows)
        demand_separate(self.windows)
        if not self.participants["train"]:
            raise ParameterError(
                "no window of a training participant to learn from",
                file="input_balanced_windows",
                value=0,
                remedy="look into report_sampling, then `kedro run --pipelines=sample`",
            )
        if self.pretrained is not None and float(self.pretrained.about["sfreq"]) != self.signals.sfreq:
            raise CheckpointError(
                "the pretrained model is of another sampling rate",
                file=self.pretrained.name,
                value=f"{self.pretrained.about['sfreq']:g} Hz",
                allowed=f"{self.signals.sfreq:g} Hz, as the windows",
                remedy="pretrain on these recordings, or clean them to that rate (clean.sfreq)",
            )

    @cached_property
    def participants(self) -> dict[str, list[str]]:
        """Participants of each side with windows, sorted."""
        groups = self.windows.groupby("role")["participant"]
        found = {str(role): sorted({*map(str, who)}) for role, who in groups}
        return {side: found.get(side, []) for side in SIDES}

    def count_with_seizure(self, side: str) -> int:
        """Count the participants of a side who have seizure windows."""
        rows = self.windows[
            (self.windows["role"] == side).to_numpy() & (codes_of(self.windows["category"]) > NONE)
        ]
        return int(rows["participant"].nunique())

    def name_of(self, stage: Stage) -> str:
        """Name the checkpoints of a stage."""
        return name_stage(name_embedder(self.options, self.pretrained), stage)

    def about(self, stage: Stage, start: str) -> dict[str, Any]:
        """Return the identity of a stage and of its model as JSON knows it.

        Parameters
        ----------
        stage : Stage
            Which training.
        start : str
            Digest of the weights it begins with; a retrained encoder makes another model.
        """
        options = self.options
        return {
            "name": self.name_of(stage),
            "options": options.model_dump(mode="json", exclude=_RUN_ONLY),
            "stage": {
                "name": stage.name,
                "loss": stage.loss.model_dump(mode="json"),
                "unfreeze": stage.unfreeze,
            },
            "encoder": self._encoder(),
            "embedding_size": options.embedding_size,
            "projection_size": options.projection_size,
            "token_length": self.token_length,
            "sfreq": self.signals.sfreq,
            "n_samples": self.signals.n_samples,
            "unit": "microvolts: (sample - center) / spread",
            "channels": self.channels,
            "batch_size": options.n_participants * options.n_windows,
            "participants": {"pretrain": self._seen_before(), **self.participants},
            "windows": self.signals.fingerprint,
            "start": start,
        }

    @property
    def token_length(self) -> int:
        """Samples of a token: as the encoder was pretrained, else those of a second."""
        if self.pretrained is None:
            return max(1, round(self.signals.sfreq))
        return int(self.pretrained.about["token_length"])

    @cached_property
    def channels(self) -> dict[str, dict[str, Any]]:
        """Scale and place of each channel of the signals."""
        known = {} if self.pretrained is None else self.pretrained.about["channels"]
        return describe_channels(self.signals.ch_names, known, self.options.microvolts)

    def _encoder(self) -> dict[str, Any]:
        if self.pretrained is None:
            return {"kind": "conv", "options": self.options.conv.model_dump(mode="json")}
        return {"kind": "pretrained", "options": dict(self.pretrained.about["options"]["encoder"])}

    def _seen_before(self) -> dict[str, list[str]]:
        """Return whom the encoder was pretrained on and validated on."""
        if self.pretrained is None:
            return {}
        return {side: list(who) for side, who in self.pretrained.about["participants"].items()}


def name_embedder(options: EmbedOptions, pretrained: PretrainedModel | None) -> str:
    """Name an embedder, such as ``mamba2_eeg_d128_l6_m40_mae_embedder_supcon``."""
    origin = "conv" if pretrained is None else pretrained.name
    name = f"{origin}_embedder_{options.loss.objective}"
    return f"{name}_{options.tag}" if options.tag else name


def list_stages(options: EmbedOptions) -> tuple[Stage, ...]:
    """Return the trainings that make an embedder, one after the other."""
    loss, asked = options.loss, options.unfreeze
    if options.stages == "single":
        return (Stage(0, loss, "all" if asked is None else asked),)
    # windows of one participant are alike in the first: they cannot be what a window is told from
    patients = loss.model_copy(update={"positives": "participant", "negatives": "all"})
    seizures = loss.model_copy(update={"positives": "label"})
    return Stage(1, patients, "all"), Stage(2, seizures, SOME_LAYERS if asked is None else asked)


def name_stage(name: str, stage: Stage) -> str:
    """Name the checkpoints of a stage of an embedder."""
    return f"{name}_{stage.name}" if stage.number else name


def demand_model(options: EmbedOptions, pretrained: PretrainedModel | None) -> None:
    """Raise `CheckpointError` where a pretrained encoder is asked for and there is none."""
    if options.encoder == "pretrained" and pretrained is None:
        raise CheckpointError(
            "there is no pretrained encoder to begin with",
            value="embed.encoder=pretrained",
            allowed="a model of `pretrain`, or embed.encoder=conv: a net from scratch",
            remedy="kedro run --pipelines=pretrain",
        )


def demand_separate(windows: pd.DataFrame) -> None:
    """Raise `SplitError` if one person has windows on two sides."""
    pairs = windows[["participant", "role"]].drop_duplicates()
    pairs = pairs.assign(person=pairs["participant"].map(lambda name: person_of(str(name))))
    sides = pairs.groupby("person")["role"].nunique()
    both = sorted(sides.index[sides > 1])
    if both:
        raise SplitError(
            "one person is on two sides of the split",
            file="input_balanced_windows",
            value=both[:5],
            remedy="run `kedro run --pipelines=sample` again, and keep its tables as they are",
        )


def digest_weights(weights: Mapping[str, Tensor], prefix: str = "") -> str:
    """Return the SHA-256 over names and bytes of the weights whose names begin so."""
    found = hashlib.sha256()
    for name in sorted(name for name in weights if name.startswith(prefix)):
        found.update(name.encode() + weights[name].detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()


def persons_in_common(these: Iterable[str], those: Iterable[str]) -> list[str]:
    """Return the persons behind participants of both lists, sorted."""
    return sorted({*map(person_of, these)} & {*map(person_of, those)})
