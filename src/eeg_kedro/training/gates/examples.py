"""Examples of reconstruction as a table, back in microvolts: channels of one recording, about 20 seconds."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import Tensor

from eeg_kedro.training.pretrain_options import PretrainOptions
from eeg_kedro.training.token_batch import TokenBatch

SECONDS = 20.0
FEWEST_TOKENS = 3  # one that is hidden and its neighbours
COLUMNS = (
    "participant",
    "run",
    "channel",
    "time_s",
    "original_uv",
    "given_uv",
    "reconstructed_uv",
    "masked",
)
SPECTRAL_COLUMNS = (
    "participant",
    "run",
    "channel",
    "time_s",
    "frequency_hz",
    "original_log",
    "reconstructed_log",
)


def tabulate_examples(
    batch: TokenBatch, targets: Tensor, predictions: Tensor, plan: pd.DataFrame, options: PretrainOptions
) -> pd.DataFrame:
    """Write what was there, what was given and what came back as one row per sample.

    Parameters
    ----------
    batch : TokenBatch
        Channels of one stretch of recording.
    targets, predictions : Tensor (B, T, K)
        In units of the target.
    plan : DataFrame
        `eeg_kedro.sampling.pretrain_plan`.
    options : PretrainOptions
        Of the run.

    Returns
    -------
    DataFrame
        `COLUMNS`: time in the recording (s); ``original_uv``, what was to be given back (low-passed for
        ``target=lowpass``); ``given_uv``, what the model saw, NaN where it was hidden or not valid;
        ``reconstructed_uv``, what it said everywhere (only ``masked`` samples count). For ``target=spectral``
        `SPECTRAL_COLUMNS`: one masked token per channel, the logarithm of the target over frequency.
    """
    write = _spectra if options.target == "spectral" else _samples
    tables = []
    for place, item in enumerate(batch.items.tolist()):
        row = plan.iloc[item]
        table = write(batch, targets, predictions, place, row)
        names = {name: row[name] for name in ("participant", "run", "channel")}
        tables.append(table.assign(**names))
    columns = SPECTRAL_COLUMNS if options.target == "spectral" else COLUMNS
    return pd.concat(tables, ignore_index=True)[list(columns)]


def _samples(
    batch: TokenBatch, targets: Tensor, predictions: Tensor, place: int, row: pd.Series
) -> pd.DataFrame:
    tokens = _choose_tokens(batch, float(row["sfreq"]))
    n_samples = batch.inputs.shape[2]
    given = np.where(
        (batch.valid & ~batch.hidden)[place, tokens, None].numpy(), _flat(batch.inputs, place, tokens), np.nan
    )
    start = int(row["start_sample"]) + tokens.start * n_samples
    values = {
        "original_uv": _flat(targets, place, tokens),
        "given_uv": given,
        "reconstructed_uv": _flat(predictions, place, tokens),
    }
    table = pd.DataFrame({name: _microvolts(value, row).reshape(-1) for name, value in values.items()})
    table["masked"] = np.repeat(batch.masked[place, tokens].numpy(), n_samples)
    table["time_s"] = (start + np.arange(len(table))) / float(row["sfreq"])
    return table


def _flat(values: Tensor, place: int, tokens: slice) -> NDArray[np.float32]:
    found: NDArray[np.float32] = values[place, tokens].numpy()
    return found


def _microvolts(values: NDArray[np.floating], row: pd.Series) -> NDArray[np.floating]:
    return values * float(row["spread"]) + float(row["center"])


def _choose_tokens(batch: TokenBatch, sfreq: float) -> slice:
    """Choose the seconds in which the share of masked tokens is most like that of the whole, with some masked."""
    n_tokens = batch.masked.shape[1]
    width = min(n_tokens, max(FEWEST_TOKENS, round(SECONDS * sfreq / batch.inputs.shape[2])))
    masked, valid = batch.masked.numpy().sum(axis=0), batch.valid.numpy().sum(axis=0)
    wanted = masked.sum() / max(1, valid.sum())
    sums = [np.convolve(values, np.ones(width, int), mode="valid") for values in (masked, valid)]
    share = sums[0] / np.maximum(1, sums[1])
    # what is not valid shows nothing: a full page first, then the share
    emptiness = sums[1].max() - sums[1] + n_tokens * len(batch.items) * (sums[0] == 0)
    start = int(np.lexsort((np.abs(share - wanted), emptiness))[0])
    return slice(start, start + width)


def _spectra(
    batch: TokenBatch, targets: Tensor, predictions: Tensor, place: int, row: pd.Series
) -> pd.DataFrame:
    """Show the spectra of the masked token in the middle of all that are masked."""
    masked = np.flatnonzero(batch.masked[place].numpy())
    n_samples, sfreq = batch.inputs.shape[2], float(row["sfreq"])
    token = int(masked[len(masked) // 2]) if masked.size else 0
    return pd.DataFrame(
        {
            "time_s": (int(row["start_sample"]) + token * n_samples) / sfreq,
            "frequency_hz": np.arange(targets.shape[2]) * sfreq / n_samples,
            "original_log": targets[place, token].numpy(),
            "reconstructed_log": predictions[place, token].numpy(),
        }
    )
