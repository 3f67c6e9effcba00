"""Whole recordings through a detector: windows that overlap, averaged to one probability per second."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from eeg_kedro.errors import EegError, NonFiniteError, ParameterError, WindowError
from eeg_kedro.sampling.orders.batches import SeekableBatches
from eeg_kedro.sampling.sequences.run_sequences import RunSequences
from eeg_kedro.scoring.prior_shift import shift_prior
from eeg_kedro.training.detection_tokens import DetectorTokens
from eeg_kedro.training.prefetch import one_ahead

if TYPE_CHECKING:
    from eeg_kedro.sampling.windows.window_reader import WindowReader
    from eeg_kedro.training.finetune_options import PredictOptions

RunKey = tuple[str, str]
Probability = NDArray[np.float32]


class RunPrediction(NamedTuple):
    """What a model says of a run.

    Attributes
    ----------
    run : (participant, run)
        Which.
    probability : ndarray of float32, shape (n_seconds,)
        Of a seizure in [s, s + 1), at the true prior; empty where it could not be told.
    note : str
        Why not; else empty.
    """

    run: RunKey
    probability: Probability
    note: str


class SecondAverage:
    """One number per second from tokens of windows that overlap: the mean over all samples of all windows.

    Parameters
    ----------
    n_times : int
        Samples of the run.
    sfreq : float
        Hz, as the decimal it was written as.
    """

    def __init__(self, n_times: int, sfreq: float) -> None:
        rate = Fraction(str(sfreq))
        n_seconds = ceil(n_times / rate)
        # second s begins with the first sample i of which floor(i / sfreq) is s
        starts = -(-np.arange(n_seconds, dtype=np.int64) * rate.numerator // rate.denominator)
        self._edges = np.append(starts, n_times)
        self._sums, self._counts = np.zeros(n_seconds), np.zeros(n_seconds, np.int64)

    def add(self, start: int, n_samples: int, values: NDArray[np.floating[Any]], token_length: int) -> None:
        """Add a window: ``values`` (T,) of its tokens, of which only the first ``n_samples`` samples are real."""
        by_sample = np.repeat(np.asarray(values, np.float64), token_length)[:n_samples]
        stop = start + n_samples
        first = int(np.searchsorted(self._edges, start, side="right")) - 1
        last = int(np.searchsorted(self._edges, stop, side="left"))
        within = np.clip(self._edges[first:last], start, None) - start
        self._sums[first:last] += np.add.reduceat(by_sample, within)
        self._counts[first:last] += np.diff(within, append=n_samples)

    def values(self) -> NDArray[np.float64]:
        """Return the mean of each second; one without a sample of its own has that of the second before."""
        held = np.maximum.accumulate(np.where(self._counts > 0, np.arange(self._counts.size), 0))
        found: NDArray[np.float64] = self._sums[held] / np.maximum(self._counts[held], 1)
        return found


def predict_runs(
    network: nn.Module,
    about: Mapping[str, Any],
    reader: WindowReader,
    runs: Sequence[RunKey],
    options: PredictOptions,
    device: torch.device | str = "cpu",
) -> Iterator[RunPrediction]:
    """Predict every second of runs of any length, a batch of windows in memory at a time.

    Parameters
    ----------
    network : nn.Module
        As `eeg_kedro.training.detector_file.load_detector` builds it, on the device.
    about : mapping
        What its file says of it: channels, tokens, rate, window, priors.
    reader : WindowReader
        Where the recordings are, with the channels of the network.
    runs : sequence of (participant, run)
        Which, in the order wanted.
    options : PredictOptions
        How far windows lie apart, and how many are in memory.
    device : torch.device or str
        Where the network is.

    Yields
    ------
    RunPrediction
        One per run, whatever happens to the others: a run that cannot be predicted says why.
    """
    tokens = DetectorTokens(about["channels"], int(about["token_length"]), device)
    for run in runs:
        try:
            average = _predict_run(network, about, reader, run, options, tokens)
            shifted = shift_prior(average, float(about["prior_trained"]), float(about["prior_true"]))
            yield RunPrediction(run, shifted.astype(np.float32), "")
        except EegError as error:
            yield RunPrediction(run, np.zeros(0, np.float32), str(error))


@contextmanager
def computing_with(threads: int) -> Iterator[None]:
    """Compute with so many CPU threads for a while; 0: as many as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _predict_run(
    network: nn.Module,
    about: Mapping[str, Any],
    reader: WindowReader,
    run: RunKey,
    options: PredictOptions,
    tokens: DetectorTokens,
) -> NDArray[np.float64]:
    layout = reader.layout(*run)
    _demand_fit(layout.sfreq, layout.ch_names, about, run)
    windows = RunSequences(reader, [run], *_lay_windows(about, options), [*about["ch_names"]])
    steps = SeekableBatches(len(windows), options.batch_size, shuffle=False, drop_last=False)
    average = SecondAverage(layout.n_times, layout.sfreq)
    for batch in one_ahead(windows.__getitems__, iter(steps)):
        starts = torch.round(batch["onset"] * layout.sfreq).long().tolist()
        sizes = batch["n_samples"].tolist()
        said = _judge(network, batch, tokens)
        for start, size, values in zip(starts, sizes, said, strict=True):
            average.add(start, size, values, tokens.token_length)
    return _finite(average.values(), run)


def _judge(
    network: nn.Module, batch: Mapping[str, torch.Tensor], tokens: DetectorTokens
) -> Iterable[Probability]:
    """Return the probability of each token of each window, (B, T)."""
    with torch.inference_mode():
        cut, valid, real = tokens.cut(batch["samples"], batch["valid"], batch["n_samples"])
        logits = network(cut, tokens.places, valid, real).float()
        if logits.ndim == 1:  # of a window: all its tokens share it
            logits = logits.unsqueeze(1).expand_as(real)
        found: Probability = logits.sigmoid().cpu().numpy()
    return found


def _lay_windows(about: Mapping[str, Any], options: PredictOptions) -> tuple[float, float]:
    """Return length and stride of the windows, s; the stride is a whole number of tokens, so that tokens meet."""
    sfreq, length = float(about["sfreq"]), int(about["token_length"])
    n_samples = round(float(about["window_seconds"]) * sfreq)
    n_tokens = max(1, round(options.stride_share * n_samples / length))
    return n_samples / sfreq, min(n_tokens * length, n_samples) / sfreq


def _demand_fit(sfreq: float, ch_names: Sequence[str], about: Mapping[str, Any], run: RunKey) -> None:
    if sfreq != float(about["sfreq"]):
        raise ParameterError(
            "the recording has another rate than the model was trained on",
            file="_".join(run),
            value=f"{sfreq:g} Hz",
            allowed=f"{float(about['sfreq']):g} Hz",
            remedy="clean all recordings to one rate (clean.sfreq)",
        )
    if not {*ch_names} & {*about["ch_names"]}:
        raise WindowError(
            "the recording has none of the model's channels",
            file="_".join(run),
            value=", ".join(ch_names[:5]) or None,
            allowed=", ".join(about["ch_names"][:30]),
            remedy="train on recordings of the same montage",
        )


def _finite(values: NDArray[np.float64], run: RunKey) -> NDArray[np.float64]:
    wrong = ~np.isfinite(values)
    if wrong.any():
        raise NonFiniteError(
            "the model gives no finite number",
            file="_".join(run),
            value=f"{int(wrong.sum())} of {values.size} seconds, the first at {int(wrong.argmax())} s",
            remedy="look at the recording there",
        )
    return values
