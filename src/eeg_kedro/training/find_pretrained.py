"""The pretrained model that fine-tuning begins with: found by the configuration it was trained with, or by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from eeg_kedro.errors import CheckpointError
from eeg_kedro.models.encoder_options import EncoderOptions
from eeg_kedro.models.model_name import name_model
from eeg_kedro.training.resumable import list_changes

if TYPE_CHECKING:
    from eeg_kedro.training.finetune_options import FinetuneOptions
    from eeg_kedro.training.model_file import PretrainedModel
    from eeg_kedro.training.pretrain_options import PretrainOptions


class ModelFolder(Protocol):
    """Models under their names, as `eeg_kedro.datasets.ModelFolderDataset` hands them out."""

    def names(self) -> list[str]:
        """Return the models there are."""

    def load(self, name: str) -> PretrainedModel:
        """Read one of them."""


def name_wanted(options: FinetuneOptions, pretrain: PretrainOptions) -> str:
    """Return the name of the pretrained model: as given, or as these options of pretraining name it."""
    if options.pretrained is not None:
        return options.pretrained
    return name_model(pretrain.encoder, pretrain.mask_ratio, pretrain.masking_style, pretrain.tag)


def find_pretrained(
    options: FinetuneOptions,
    pretrain: PretrainOptions,
    latest: PretrainedModel | None,
    folder: ModelFolder,
) -> PretrainedModel:
    """Find the pretrained model that the options ask for.

    Parameters
    ----------
    options : FinetuneOptions
        ``pretrained``: its name, or None.
    pretrain : PretrainOptions
        Name it where it is None, and must then be those it was trained with.
    latest : PretrainedModel or None
        The one trained last.
    folder : ModelFolder
        All that were trained here.

    Raises
    ------
    CheckpointError
        If there is none of this name (the error lists those there are), or its encoder is another one than the
        options describe.
    """
    name = name_wanted(options, pretrain)
    if latest is not None and latest.name == name:
        found = latest
    elif name in (there := folder.names()):
        found = folder.load(name)
    else:
        raise _absent(name, sorted({*there, *([latest.name] if latest else [])}), options)
    if options.pretrained is None:
        _demand_same_encoder(found.about["options"]["encoder"], pretrain.encoder, name)
    return found


def _absent(name: str, there: list[str], options: FinetuneOptions) -> CheckpointError:
    by = "finetune.pretrained" if options.pretrained is not None else "the parameters of pretrain"
    return CheckpointError(
        f"the pretrained model that {by} name{'s' if options.pretrained is not None else ''} is not there",
        value=name,
        allowed=", ".join(there) or "none yet",
        remedy="train it with `kedro run --pipelines=pretrain`, or name another one in finetune.pretrained",
    )


def _demand_same_encoder(told: dict[str, Any], asked: EncoderOptions, name: str) -> None:
    """Names do not say everything: d_state, for one, is not in them."""
    effective = EncoderOptions.model_validate(told).effective()
    if changes := list_changes(effective, asked.effective()):
        raise CheckpointError(
            "the pretrained model has another encoder than the parameters of pretrain",
            file=name,
            value="; ".join(f"encoder.{change}" for change in changes),
            remedy=f"pretrain again, or take it as it is with finetune.pretrained={name}",
        )
