"""The networks of a fine-tuning, each with each seed: name, shape, and what its checkpoints must agree on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eeg_kedro.errors import ParameterError
from eeg_kedro.models.encoder_options import EncoderOptions
from eeg_kedro.sampling.windows.materialised_header import hash_rows
from eeg_kedro.training.channel_units import describe_channels
from eeg_kedro.training.finetune_job import FinetuneJob, hash_weights
from eeg_kedro.training.finetune_options import NEED_ENCODER, NETWORKS, FinetuneOptions
from eeg_kedro.training.seizure_priors import effective_prior

if TYPE_CHECKING:
    import pandas as pd

    from eeg_kedro.training.model_file import PretrainedModel

SECOND = 1.0  # s: length of a token where no pretrained model says another

# what may change from one run to the next of the same training
_RUN_ONLY: dict[str, Any] = {
    "pretrained": True,  # its name and weights are told apart
    "tag": True,
    "resume": True,
    "device": True,
    "seeds": True,
    "models": True,
    "allow_double_correction": True,
    "cache_megabytes": True,
    "predict": True,
    "baselines": True,
    "participant": True,
    "eegnet": True,  # given with the network
    "hidden": True,
    "spectral_width": True,
    "loop": {"save_steps", "threads"},
}
_PRETRAINED_ONLY = ("freeze_backbone", "unfreeze_epochs", "layer_decay", "backbone_rate")


@dataclass(frozen=True)
class DetectorPlan:
    """One network to be trained.

    Attributes
    ----------
    variant : {"pretrained", "scratch", "eegnet"}
        Which one.
    seed : int
        Of its weights, the order of the windows and dropout.
    about : dict
        Its identity as JSON knows it.
    """

    variant: str
    seed: int
    about: dict[str, Any]

    @property
    def name(self) -> str:
        """Name of its checkpoints."""
        return str(self.about["name"])


def name_model_of(variant: str, pretrained: str, tag: str = "") -> str:
    """Name a network without its seed, such as ``mamba2_eeg_d128_l6_m40_mae_finetuned``."""
    names = {"pretrained": f"{pretrained}_finetuned", "scratch": f"{pretrained}_scratch"}
    name = names.get(variant, variant)
    return f"{name}_{tag}" if tag else name


def name_detector(variant: str, pretrained: str, seed: int, tag: str = "") -> str:
    """Name a network trained with a seed, such as ``mamba2_eeg_d128_l6_m40_mae_finetuned_s0``."""
    return f"{name_model_of(variant, pretrained, tag)}_s{seed}"


def primary_variant(options: FinetuneOptions) -> str:
    """Return the network that `finetune` is about: pretrained, or the next best that is trained."""
    return next(name for name in NETWORKS if name in options.models)


def plan_detectors(job: FinetuneJob) -> list[DetectorPlan]:
    """List the networks, each with each seed.

    Raises
    ------
    ParameterError
        If the head is one that is trained elsewhere, or recordings have another rate than the pretrained model.
    NoSeizureError
        If the training windows hold no seizure.
    ElectrodeError
        If the encoder has to know where a channel is and nobody does.
    """
    _refuse_other_heads(job.options.head)
    _demand_same_rate(job)
    return [
        DetectorPlan(variant, seed, _describe(job, variant, seed))
        for variant in job.options.networks
        for seed in job.options.seeds
    ]


def _describe(job: FinetuneJob, variant: str, seed: int) -> dict[str, Any]:
    options, pretrained = job.options, job.pretrained
    kind = "dense" if variant == "eegnet" else options.head  # EEGNet has its own answer for every token
    found: dict[str, Any] = {
        "name": name_detector(variant, pretrained.name if pretrained else "", seed, options.tag),
        "variant": variant,
        "kind": kind,
        "seed": seed,
        "network": _describe_network(job, variant),
        "pretrained": _describe_pretrained(job) if variant == "pretrained" else None,
        "options": _effective(options, variant),
        "participants": {
            "pretrain": _pretrained_on(job) if variant == "pretrained" else {"train": [], "validation": []},
            "train": job.participants("train"),
            "validation": job.participants("validation"),
        },
        "prior_trained": effective_prior(job.drawn_prior, job.weight),
        "prior_true": job.true_prior,
        "channels": _describe_channels(job, variant),
        "ch_names": list(job.ch_names),
        "token_length": _token_length(job),
        "sfreq": float(job.signals.sfreq),
        "window_seconds": job.signals.n_samples / job.signals.sfreq,
        "unit": "microvolts: (sample - center) / spread",
        "windows": job.signals.fingerprint,
        "draws": _describe_draws(job) if options.redraw else None,
    }
    return json.loads(json.dumps(found))  # type: ignore[no-any-return]


def _describe_network(job: FinetuneJob, variant: str) -> dict[str, Any]:
    if variant not in NEED_ENCODER:
        return {"shape": "eegnet", "options": job.options.eegnet.model_dump(mode="json")}
    encoder = EncoderOptions.model_validate(_needed(job).about["options"]["encoder"])
    shape = {"hidden": job.options.hidden, "spectral_width": job.options.spectral_width}
    return {"shape": "encoder", "encoder": encoder.effective(), **shape}


def _describe_pretrained(job: FinetuneJob) -> dict[str, str]:
    model = _needed(job)
    return {"name": model.name, "weights": hash_weights(model.weights)}


def _pretrained_on(job: FinetuneJob) -> dict[str, list[str]]:
    told: Mapping[str, Sequence[str]] = _needed(job).about["participants"]
    return {side: sorted(names) for side, names in told.items()}


def _describe_channels(job: FinetuneJob, variant: str) -> dict[str, dict[str, Any]]:
    if variant in NEED_ENCODER:
        return describe_channels(job.ch_names, _needed(job).about["channels"], job.microvolts)
    # EEGNet knows its channels by their order, and norms what comes in
    nowhere = {"center": 0.0, "spread": job.microvolts, "place": [0.0, 0.0, 0.0]}
    return {name: dict(nowhere) for name in job.ch_names}


def _describe_draws(job: FinetuneJob) -> dict[str, Any]:
    """Tell what decides which windows are drawn in later epochs."""
    shape = {"split", "folds", "materialise", "redraw"}
    hard = job.hard_negatives
    return {
        "balance": job.balance.model_dump(mode="json", exclude=shape),
        "manifest": hash_rows(job.training_manifest),
        "hard_negatives": None if hard is None else _hash_list(hard),
    }


def _hash_list(table: pd.DataFrame) -> str:
    lines = sorted(table.astype("str").agg("|".join, axis=1))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _effective(options: FinetuneOptions, variant: str) -> dict[str, Any]:
    """Return the options that make a difference to this network."""
    found = options.model_dump(mode="json", exclude=_RUN_ONLY)
    if variant == "eegnet":  # it knows its channels by their order, and its batch norm how many there are
        found["augment"]["channel_dropout"] = 0.0
    idle = () if variant == "pretrained" else _PRETRAINED_ONLY
    if options.freeze_backbone:
        idle = (*idle, "layer_decay", "backbone_rate", "unfreeze_epochs")
    return {name: value for name, value in found.items() if name not in idle}


def _token_length(job: FinetuneJob) -> int:
    if job.pretrained is not None:
        return int(job.pretrained.about["token_length"])
    return max(2, round(SECOND * job.signals.sfreq))


def _needed(job: FinetuneJob) -> PretrainedModel:
    if job.pretrained is None:
        raise ParameterError(
            "there is no pretrained model",
            value=f"finetune.models={', '.join(job.options.models)}",
            remedy="train one with `kedro run --pipelines=pretrain`, or leave pretrained and scratch out",
        )
    return job.pretrained


def _demand_same_rate(job: FinetuneJob) -> None:
    told = None if job.pretrained is None else float(job.pretrained.about["sfreq"])
    if told is not None and told != float(job.signals.sfreq):
        raise ParameterError(
            "the windows have another rate than those the model was pretrained on",
            file=_needed(job).name,
            value=f"{job.signals.sfreq:g} Hz",
            allowed=f"{told:g} Hz",
            remedy="clean the recordings to that rate (clean.sfreq), or pretrain on these",
        )


def _refuse_other_heads(head: str) -> None:
    if head == "six_class":
        raise ParameterError(
            "the balanced windows have no labels of six classes",
            value=f"finetune.head={head}",
            allowed="dense, window",
            remedy="set finetune.head; the six classes are those of the HMS data",
        )
