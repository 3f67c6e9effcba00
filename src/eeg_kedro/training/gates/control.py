"""Control: a model that is shown nothing must learn nothing; if it does, the loss can be had without the signal."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, count, islice

import torch

from eeg_kedro.losses.masked_reconstruction import masked_error
from eeg_kedro.losses.targets import make_targets, target_width
from eeg_kedro.models.backbone import ScanName
from eeg_kedro.models.masked_pretrainer import MaskedPretrainer, build_pretrainer
from eeg_kedro.training.gates.validation_pass import Batches, spread_batches
from eeg_kedro.training.parameter_groups import parameter_groups
from eeg_kedro.training.pretrain_options import PretrainOptions
from eeg_kedro.training.token_batch import TokenBatch

MOST_SEQUENCES = 64  # of unseen participants: the control has to be flat, not to be exact


def train_control(
    options: PretrainOptions,
    train: Batches,
    validation: Batches,
    sfreq: float,
    *,
    device: torch.device | str = "cpu",
    backend: ScanName = "torch",
) -> dict[str, float]:
    """Train a fresh model with every token hidden and no encodings, for ``gates.control_steps`` steps.

    Parameters
    ----------
    options : PretrainOptions
        Of the run that is controlled: same encoder, target, rate and seed.
    train, validation : Batches
        Both sides.
    sfreq : float
        Sampling rate of the tokens, Hz.
    device, backend : str
        Where to compute, and who computes the scan.

    Returns
    -------
    dict of str to float
        On unseen participants ``loss``, ``blind_loss`` (of the best that can be said without looking: zero, or,
        for spectra, the mean of each bin) and ``gain`` = 1 - loss / blind_loss.
    """
    blind = options.encoder.model_copy(update={"spatial_encoding": False, "temporal_encoding": False})
    width = target_width(options.target, options.token_length)
    devices = [device] if torch.device(device).type == "cuda" else []
    # dropout draws from the global state: whoever trains after us must not notice
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(options.seed)
        model = build_pretrainer(blind, options.token_length, width, options.seed, backend).to(device)
        error = _BlindError(model, options, sfreq, torch.device(device))
        _train(error, train)
    return _evaluate(error, validation)


class _BlindError:
    """Squared error of a model from which everything is hidden, and that begins by saying nothing.

    A fresh head makes noise, which would hide a small gain: it starts at zero. For spectra, of which zero is no guess,
    saying nothing is saying the mean spectrum of the first batch.
    """

    def __init__(
        self, model: MaskedPretrainer, options: PretrainOptions, sfreq: float, device: torch.device
    ) -> None:
        self.model, self.options, self.device = model, options, device
        self._sfreq, self._mean = sfreq, torch.zeros((), device=device)
        torch.nn.init.zeros_(model.head.weight)
        torch.nn.init.zeros_(model.head.bias)

    def look_at(self, batch: TokenBatch) -> None:
        """Take the mean spectrum of a batch as what is said of what was not seen."""
        if self.options.target == "spectral" and bool(batch.valid.any()):
            targets, valid = self._targets(batch.to(self.device))
            self._mean = targets[valid].mean(dim=0)

    def __call__(self, batch: TokenBatch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Give sum and count of the squared error, and the valid targets (n, K)."""
        there = batch.to(self.device)
        targets, valid = self._targets(there)
        # the samples are handed over all the same: a model that looks at what is hidden is found out
        predictions = self.model(there.targets, there.positions, valid, valid)
        return *masked_error(predictions, targets, valid), targets[valid]

    def _targets(self, batch: TokenBatch) -> tuple[torch.Tensor, torch.Tensor]:
        options = self.options
        made = make_targets(batch.targets, batch.valid, options.target, self._sfreq, options.lowpass_hz)
        return made - self._mean, batch.valid


def _train(error: _BlindError, train: Batches) -> None:
    loop, n_steps = error.options.loop, error.options.gates.control_steps
    groups = parameter_groups(error.model, loop.weight_decay)
    optimizer = torch.optim.AdamW(groups, lr=loop.lr, betas=(loop.beta1, loop.beta2))
    error.model.train()
    for step, batch in enumerate(_steps(train, n_steps)):
        if step == 0:
            error.look_at(batch)
        total, n_values, _ = error(batch)
        if not n_values:
            continue
        optimizer.zero_grad()
        torch.autograd.backward(total / n_values)
        torch.nn.utils.clip_grad_norm_(error.model.parameters(), loop.clip_norm)
        optimizer.step()


def _steps(source: Batches, n_steps: int) -> Iterator[TokenBatch]:
    """Give so many batches, epoch after epoch."""
    epochs = (source.batches(epoch) for epoch in count(1)) if source.steps_per_epoch else ()
    return islice(chain.from_iterable(epochs), n_steps)


@torch.inference_mode()
def _evaluate(error: _BlindError, validation: Batches) -> dict[str, float]:
    error.model.eval()
    options = error.options
    loss = squares = n_values = 0.0
    sums, n_tokens = torch.zeros(1, dtype=torch.float64), 0
    for batch in spread_batches(validation, min(MOST_SEQUENCES, options.gates.most_sequences)):
        total, n, targets = error(batch)
        known = targets.double().cpu()
        loss, n_values = loss + float(total), n_values + float(n)
        squares += float(known.square().sum())
        sums, n_tokens = sums + known.sum(dim=0), n_tokens + len(known)
    if not n_values:
        return dict.fromkeys(("loss", "blind_loss", "gain"), float("nan"))
    # the mean of what is judged itself: a harder rival than any mean that can be learned
    level = float((sums / n_tokens).square().sum()) * n_tokens if options.target == "spectral" else 0.0
    blind = (squares - level) / n_values
    gain = 1 - loss / n_values / blind if blind > 0 else float("nan")
    return {"loss": loss / n_values, "blind_loss": blind, "gain": gain}
