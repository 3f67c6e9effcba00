"""One pass over unseen participants: errors of the model and of whoever has none, and samples of what came out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Protocol

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from eeg_kedro.losses.masked_reconstruction import masked_error
from eeg_kedro.losses.targets import make_targets
from eeg_kedro.losses.trivial_predictors import trivial_predictions
from eeg_kedro.models.masked_pretrainer import MaskedPretrainer
from eeg_kedro.training.gates.leak_meter import count_leaked
from eeg_kedro.training.pretrain_options import PretrainOptions
from eeg_kedro.training.token_batch import TokenBatch

# sequences whose outputs are kept: pairs of them are compared, and 100 give 5,000 pairs at every position
MOST_KEPT = 96
MOST_METERED = (
    32  # sequences looked through for leaks: a leak is a matter of the data path, not of the one sequence
)
EXAMPLE_CHANNELS = 3


class Batches(Protocol):
    """What gives the batches of one side; `eeg_kedro.training.token_batches.TokenBatches`."""

    @property
    def steps_per_epoch(self) -> int:
        """Number of batches of an epoch."""

    def batches(self, epoch: int, step: int = 0) -> Iterator[TokenBatch]:
        """Give the batches of an epoch from a step on."""


@dataclass
class Findings:
    """What one pass found.

    Attributes
    ----------
    errors : dict of str to float
        Sum of squared errors on masked tokens: of the ``model`` and of each trivial predictor.
    n_values : float
        Values they are sums of.
    judged, leaked, astray : int
        Masked samples that could be judged; those that were visible; those visible although nobody meant them to
        be, that is not in tokens that bert leaves as they are.
    items : list of ndarray
        Rows of the plan of all sequences seen.
    kept : list of dict of str to ndarray
        Of some sequences: ``items`` (B,), ``valid`` and ``masked`` (B, T), ``outputs`` (B, T, D), ``predictions``
        and ``targets`` (B, T, K).
    example : tuple of TokenBatch, targets and predictions, or None
        Channels of one recording, for the figure.
    """

    errors: dict[str, float] = field(default_factory=dict)
    n_values: float = 0.0
    judged: int = 0
    leaked: int = 0
    astray: int = 0
    items: list[NDArray[np.int64]] = field(default_factory=list)
    kept: list[dict[str, NDArray[np.generic]]] = field(default_factory=list)
    example: tuple[TokenBatch, torch.Tensor, torch.Tensor] | None = None

    def loss(self, name: str) -> float:
        """Give the mean squared error of the ``model`` or of a trivial predictor; NaN where nothing was masked."""
        return self.errors[name] / self.n_values if self.n_values else float("nan")

    def gather(self, name: str) -> NDArray[np.generic]:
        """Join what was kept of all batches, zeros (False) behind the end of shorter ones."""
        parts = [part[name] for part in self.kept]
        if parts[0].ndim == 1:
            return np.concatenate(parts)
        longest = max(part.shape[1] for part in parts)
        whole = np.zeros((sum(map(len, parts)), longest, *parts[0].shape[2:]), parts[0].dtype)
        start = 0
        for part in parts:
            whole[start : start + len(part), : part.shape[1]] = part
            start += len(part)
        return whole


def spread_batches(source: Batches, most: int) -> Iterator[TokenBatch]:
    """Give batches of at most so many sequences in all, from all over the epoch and so from all participants."""
    first = next(source.batches(0), None)
    if first is None or not len(first.items):
        return
    size = len(first.items)
    n_batches = min(max(1, most // size), source.steps_per_epoch)
    yield select(first, np.arange(min(size, most)))
    if n_batches == source.steps_per_epoch:
        yield from source.batches(0, 1) if n_batches > 1 else ()
        return
    for step in np.linspace(0, source.steps_per_epoch - 1, n_batches).round().astype(int)[1:]:
        yield next(source.batches(0, int(step)))


def select(batch: TokenBatch, rows: NDArray[np.int64]) -> TokenBatch:
    """Give some of the sequences of a batch."""
    index = torch.from_numpy(rows)
    return TokenBatch(**{f.name: getattr(batch, f.name)[index] for f in fields(batch)})


@torch.inference_mode()
def pass_over(
    model: MaskedPretrainer,
    source: Batches,
    options: PretrainOptions,
    plan: pd.DataFrame,
    device: torch.device | str = "cpu",
) -> Findings:
    """Let the model reconstruct unseen participants, beside those who need none.

    Parameters
    ----------
    model : MaskedPretrainer
        On ``device``; left in evaluation mode.
    source : Batches
        Of the validation side.
    options : PretrainOptions
        What is reconstructed, and how many sequences are looked at.
    plan : DataFrame
        `eeg_kedro.sampling.pretrain_plan`.
    device : torch.device or str
        Where to compute.
    """
    model.eval()
    found = Findings()
    sfreq = float(plan["sfreq"].iloc[0])
    stretches = number_stretches(plan)
    most = options.gates.most_sequences
    each = max(2, MOST_KEPT // max(1, min(source.steps_per_epoch, most // options.loop.batch_size)))
    for given in spread_batches(source, most):
        batch = given.to(torch.device(device))
        targets = make_targets(batch.targets, batch.valid, options.target, sfreq, options.lowpass_hz)
        predictions = model(batch.inputs, batch.positions, batch.valid, batch.hidden).float()
        _add_errors(found, batch, targets, predictions, options)
        found.items.append(given.items.numpy())
        _meter(found, given)
        _keep(found, model, batch, targets, predictions, each)
        _take_example(found, batch, targets, predictions, stretches)
    return found


def number_stretches(plan: pd.DataFrame) -> NDArray[np.int64]:
    """Give rows of the plan one number where they are channels of the same stretch of recording."""
    keys = ["participant", "run", "start_sample"]
    return np.asarray(plan.groupby(keys, sort=False).ngroup(), np.int64)


def _add_errors(
    found: Findings,
    batch: TokenBatch,
    targets: torch.Tensor,
    predictions: torch.Tensor,
    options: PretrainOptions,
) -> None:
    rivals = trivial_predictions(targets, batch.masked, batch.valid, options.target)
    for name, said in {"model": predictions, **rivals}.items():
        total, count = masked_error(said, targets, batch.masked)
        found.errors[name] = found.errors.get(name, 0.0) + float(total)
    found.n_values += float(count)


def _meter(found: Findings, given: TokenBatch) -> None:
    """Look for leaks in the first sequences of the pass."""
    done = sum(map(len, found.items)) - len(given.items)
    if done >= MOST_METERED:
        return
    few = select(given, np.arange(min(len(given.items), MOST_METERED - done)))
    inputs, targets, valid = few.inputs.numpy(), few.targets.numpy(), few.valid.numpy()
    leaked, judged = count_leaked(inputs, targets, few.masked.numpy(), valid)
    meant = few.masked & ~few.hidden & (few.inputs == few.targets).all(dim=2)
    astray = leaked
    if meant.any():
        astray, _ = count_leaked(inputs, targets, (few.masked & ~meant).numpy(), valid)
    found.leaked, found.judged = found.leaked + leaked, found.judged + judged
    found.astray += astray


def _keep(
    found: Findings,
    model: MaskedPretrainer,
    batch: TokenBatch,
    targets: torch.Tensor,
    predictions: torch.Tensor,
    each: int,
) -> None:
    """Keep what comes out for some sequences; the encoder sees them whole, as whoever uses it will show them."""
    rows = np.unique(np.linspace(0, len(batch.items) - 1, min(each, len(batch.items))).round().astype(int))
    index = torch.from_numpy(rows).to(batch.items.device)
    outputs = model.encode(batch.targets[index], batch.positions[index], batch.valid[index], None)
    kept = {
        "items": batch.items,
        "valid": batch.valid,
        "masked": batch.masked,
        "predictions": predictions,
        "targets": targets,
    }
    found.kept.append(
        {"outputs": outputs.float().cpu().numpy()}
        | {name: value[index].cpu().numpy() for name, value in kept.items()}
    )


def _take_example(
    found: Findings,
    batch: TokenBatch,
    targets: torch.Tensor,
    predictions: torch.Tensor,
    stretches: NDArray[np.int64],
) -> None:
    """Take channels of one recording, unless an earlier batch had as many."""
    own = stretches[batch.items.cpu().numpy()]
    numbers, counts = np.unique(own, return_counts=True)
    best = numbers[np.minimum(counts, EXAMPLE_CHANNELS).argmax()]
    members = np.flatnonzero(own == best)
    so_far = len(found.example[0].items) if found.example else 0
    if min(len(members), EXAMPLE_CHANNELS) <= so_far:
        return
    places = np.linspace(0, len(members) - 1, min(len(members), EXAMPLE_CHANNELS)).round().astype(int)
    index = torch.from_numpy(members[places]).to(batch.items.device)
    found.example = (
        select(batch.to(torch.device("cpu")), members[places]),
        targets[index].cpu(),
        predictions[index].cpu(),
    )
