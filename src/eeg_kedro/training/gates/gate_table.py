"""Gates as a table: what was measured, what is allowed, whether it passed, and what that means in words."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, nan
from typing import Any

import numpy as np
import pandas as pd
import torch

from eeg_kedro.losses.trivial_predictors import TRIVIAL_PREDICTORS
from eeg_kedro.models.backbone import ScanName
from eeg_kedro.models.masked_pretrainer import MaskedPretrainer
from eeg_kedro.training.gates.control import train_control
from eeg_kedro.training.gates.examples import tabulate_examples
from eeg_kedro.training.gates.output_structure import (
    channel_diversity,
    position_correlation,
    prediction_consistency,
)
from eeg_kedro.training.gates.validation_pass import Batches, Findings, number_stretches, pass_over
from eeg_kedro.training.pretrain_options import PretrainOptions

# 0.9: position explains 81 % of the output, and the signal at most 19 %
MOST_POSITION = 0.9
# below, 19 channels give what one would give
LEAST_DIVERSITY = 0.05
# predictions must differ from recording to recording by a tenth of what the recordings themselves do
LEAST_DIFFERENCE = 0.1


@dataclass(frozen=True)
class Gate:
    """One row of the table; ``passed`` is None where the value is only for comparison or cannot be measured."""

    gate: str
    value: float
    words: str
    limit: float = nan
    passed: bool | None = None


def measure_gates(
    model: MaskedPretrainer,
    train_batches: Batches,
    validation_batches: Batches,
    options: PretrainOptions,
    plan: pd.DataFrame,
    *,
    device: torch.device | str = "cpu",
    backend: ScanName = "torch",
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, float]]:
    """Measure whether a pretrained model learned the signal of people it has never seen.

    Parameters
    ----------
    model : MaskedPretrainer
        On ``device``.
    train_batches, validation_batches : Batches
        Both sides; the first is for the control alone.
    options : PretrainOptions
        Of the run.
    plan : DataFrame
        `eeg_kedro.sampling.pretrain_plan`.
    device, backend : str
        Where to compute, and who computes the scan.

    Returns
    -------
    table : DataFrame
        One row per gate: ``gate, value, limit, passed, words``.
    examples : DataFrame
        `eeg_kedro.training.gates.examples.tabulate_examples`.
    metrics : dict of str to float
        Every value that could be measured.
    """
    found = pass_over(model, validation_batches, options, plan, device)
    gates = [*_leak(found), *_losses(found, plan), *_structure(found, plan)]
    gates.append(_control(options, train_batches, validation_batches, plan, device, backend))
    gates.append(_test_participants(options, plan))
    table = pd.DataFrame([vars(gate) for gate in gates])[["gate", "value", "limit", "passed", "words"]]
    table["passed"] = table["passed"].astype("boolean")
    examples = tabulate_examples(*found.example, plan, options) if found.example else pd.DataFrame()
    metrics = {gate.gate: gate.value for gate in gates if isfinite(gate.value)}
    return table, examples, metrics


def _leak(found: Findings) -> list[Gate]:
    value = found.leaked / found.judged if found.judged else 0.0
    allowed = (found.leaked - found.astray) / found.judged if found.judged else 0.0
    if found.astray:
        words = (
            f"{_percent(found.astray / found.judged)} of the masked samples are visible in their own sequence: tokens "
            "overlap, or the mask is not applied, and the loss says nothing"
        )
    elif allowed:
        words = (
            f"{_percent(value)} of the masked samples are visible: in the tokens that bert leaves as they are"
        )
    else:
        words = "No masked sample is visible anywhere in its sequence"
    return [Gate("leaked_share", value, words, allowed, not found.astray)]


def _losses(found: Findings, plan: pd.DataFrame) -> list[Gate]:
    items = np.concatenate(found.items) if found.items else np.zeros(0, np.int64)
    if not found.n_values:
        return [
            Gate("gain_over_best_trivial", nan, "Not measured: nothing was masked on unseen participants")
        ]
    people = plan["participant"].iloc[items].nunique()
    who = f"{people} unseen participant{'s' if people != 1 else ''}"
    losses = {name: found.loss(name) for name in TRIVIAL_PREDICTORS}
    model, best = found.loss("model"), min(losses, key=losses.__getitem__)
    gain = 1 - model / losses[best] if losses[best] else nan
    rows = [Gate("masked_loss", model, f"Of the model, on masked tokens of {len(items)} sequences of {who}")]
    rows += [
        Gate(f"{name}_loss", value, f"Of the trivial predictor: {_say(name)}")
        for name, value in losses.items()
    ]
    return [*rows, Gate("gain_over_best_trivial", gain, _judge(gain, best, who), 0.0, gain > 0)]


def _judge(gain: float, best: str, who: str) -> str:
    if gain > 0:
        return f"The model beat the best trivial predictor, {_say(best)}, by {_percent(gain)} on {who}"
    return (
        f"The model did NOT beat the best trivial predictor, {_say(best)} (its loss is {_percent(-gain)} higher), "
        f"on {who}: it has not learned the signal"
    )


def _say(name: str) -> str:
    return name.replace("_", " ")


def _percent(share: float) -> str:
    """Write a share with two digits that count: 12 %, 0.34 %, 708 %."""
    return f"{100 * share:.0f} %" if abs(share) >= 0.0995 else f"{100 * share:.2g} %"


def _structure(found: Findings, plan: pd.DataFrame) -> list[Gate]:
    if not found.kept:
        names = ("position_correlation", "channel_diversity", "prediction_consistency")
        return [Gate(name, nan, "Not measured: there was no sequence") for name in names]
    part: dict[str, Any] = {name: found.gather(name) for name in found.kept[0]}
    groups = number_stretches(plan)[part["items"]]
    position = position_correlation(part["outputs"], part["valid"], groups)
    diversity = channel_diversity(part["outputs"], part["valid"], groups)
    # about the mean token: spectra are alike in what all EEG has in common, and that is no sign of anything
    mean = part["targets"][part["masked"]].mean(axis=0) if part["masked"].any() else 0.0
    said = prediction_consistency(part["predictions"] - mean, part["masked"], groups)
    right = prediction_consistency(part["targets"] - mean, part["masked"], groups)
    most = 1 - LEAST_DIFFERENCE * (1 - max(right, 0.0)) if isfinite(right) else nan
    own = round(right, 2) + 0.0  # no "-0.00"
    return [
        _gate(
            "position_correlation",
            position,
            MOST_POSITION,
            position <= MOST_POSITION,
            f"Position alone explains {_percent(position**2)} (its square) of how the encoder's output varies in time",
            "Not measurable with a single recording",
        ),
        _gate(
            "channel_diversity",
            diversity,
            LEAST_DIVERSITY,
            diversity >= LEAST_DIVERSITY,
            f"{_percent(diversity)} of how the encoder's output varies over time lies between channels of a recording",
            "Not measurable with one channel per recording",
        ),
        _gate(
            "prediction_consistency",
            said,
            most,
            said <= most,
            f"Mean correlation of predictions for different recordings; of the recordings themselves {own:.2f}",
            "Not measurable with a single recording",
        ),
    ]


def _gate(name: str, value: float, limit: float, is_good: bool, words: str, unknown: str) -> Gate:
    if not isfinite(value) or not isfinite(limit):
        return Gate(name, value, unknown)
    verdict = "" if is_good else ": the model goes by the place of a token, not by the signal"
    return Gate(name, value, words + verdict, limit, is_good)


def _control(
    options: PretrainOptions,
    train: Batches,
    validation: Batches,
    plan: pd.DataFrame,
    device: torch.device | str,
    backend: ScanName,
) -> Gate:
    most, n_steps = options.gates.control_tolerance, options.gates.control_steps
    if not n_steps:
        return Gate("control_gain", nan, "Not run: pretrain.gates.control_steps is 0", most)
    sfreq = float(plan["sfreq"].iloc[0])
    gain = train_control(options, train, validation, sfreq, device=device, backend=backend)["gain"]
    if not isfinite(gain):
        return Gate("control_gain", gain, "Not measurable: unseen participants have no signal", most)
    rival = "the mean spectrum" if options.target == "spectral" else "zero"
    seen = f"A model that was shown nothing gained {_percent(gain)} over {rival} in {n_steps} steps"
    verdict = "" if gain <= most else ": the loss can be had without the signal"
    return Gate("control_gain", gain, seen + verdict, most, gain <= most)


def _test_participants(options: PretrainOptions, plan: pd.DataFrame) -> Gate:
    """Count who was kept out as a test participant in one place and used in another."""
    kept_out = set(plan.loc[plan["reason"] == "test participant", "participant"])
    n_seen = len(kept_out & set(plan.loc[plan["side"] != "none", "participant"]))
    if options.use_test_participants:
        words = "Test participants were trained on, as use_test_participants asks: no score on them counts"
        return Gate("test_participants_seen", nan, words)
    words = "No test participant was trained on" if not n_seen else "Test participants were trained on"
    return Gate("test_participants_seen", float(n_seen), words, 0.0, n_seen == 0)
