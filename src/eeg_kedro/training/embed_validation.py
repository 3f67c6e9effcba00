"""How good an embedding is on participants that its training never saw, epoch by epoch."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from eeg_kedro.sampling.orders.permutations import local_generator
from eeg_kedro.scoring.embedding_quality import QUALITY_METRICS, measure_embeddings
from eeg_kedro.training.detection_tokens import DetectorTokens
from eeg_kedro.training.embed_pass import embed_rows
from eeg_kedro.training.window_batches import LabelledWindows, PairBatches, Positions, WindowBatch

if TYPE_CHECKING:
    from eeg_kedro.training.embed_job import Stage
    from eeg_kedro.training.embed_model import EmbeddingModel
    from eeg_kedro.training.embed_options import EmbedOptions

_MEASURED = 48  # of `local_generator`: batches, masks and augmentation have other numbers

Sums = dict[str, tuple[float, float]]


class Change(Protocol):
    """Gives a numbered view of a batch: samples (B, C, N) and valid channels (B, C)."""

    def __call__(self, batch: WindowBatch, view: int) -> tuple[Tensor, Tensor]: ...  # noqa: D102


class UnseenWindows:
    """The windows of validation participants, and those of training participants they are compared with.

    Parameters
    ----------
    windows : LabelledWindows
        All windows.
    tokens : DetectorTokens
        How they become tokens, and on which device.
    options : EmbedOptions
        Windows measured, batches, seed.
    stage : Stage
        Its objective is the validation loss.
    change : callable
        Gives a numbered view of a batch.
    """

    def __init__(
        self,
        windows: LabelledWindows,
        tokens: DetectorTokens,
        options: EmbedOptions,
        stage: Stage,
        change: Change,
    ) -> None:
        self._windows, self._tokens, self._options = windows, tokens, options
        self._stage, self._change = stage, change
        self._rows, self._reference = (
            sample_rows_of(windows, side, options) for side in ("validation", "train")
        )

    def measure(self, model: EmbeddingModel) -> Sums:
        """Return sum and count of the loss and of each of `QUALITY_METRICS`; counts of 0 for what is not defined."""
        if not self._rows.size:
            return dict.fromkeys(("loss", *QUALITY_METRICS), (0.0, 0.0))
        windows, rows, reference = self._windows, self._rows, self._reference
        embedded, known = (self._embed(model, some) for some in (rows, reference))
        found = measure_embeddings(
            embedded,
            windows.labels[rows],
            windows.names[rows].tolist(),
            (known, windows.labels[reference], windows.names[reference].tolist()),
            self._options.seed,
        )
        measured = {name: _pair(found[name]) for name in QUALITY_METRICS}
        return {"loss": self._loss(model, torch.from_numpy(embedded)), **measured}

    def _embed(self, model: EmbeddingModel, rows: Positions) -> NDArray[np.float32]:
        size = self._options.batch_size
        return embed_rows(model.query.embedder, self._windows, rows, self._tokens, size)

    def _loss(self, model: EmbeddingModel, embedded: Tensor) -> tuple[float, float]:
        """Return the sum of the objective over windows of unseen participants, always in the same batches.

        Batches in which nothing is to be told apart say nothing; without any other, no epoch is the best.
        """
        device, windows = self._tokens.places.device, self._windows
        first, second = self._project(model, embedded.to(device))
        place = {int(row): at for at, row in enumerate(self._rows)}
        total, n_windows = 0.0, 0
        for batch in self._batches().positions(0):
            if not (model.loss.needs_views or self._tells_apart(batch)):
                continue
            at = torch.tensor([place[int(row)] for row in batch], device=device)
            labels, people = (
                torch.from_numpy(values[batch]).to(device)
                for values in (windows.labels, windows.participants)
            )
            loss = model.loss(first[at], None if second is None else second[at], labels, people)
            total, n_windows = total + float(loss) * len(batch), n_windows + len(batch)
        return total, float(n_windows)

    def _project(self, model: EmbeddingModel, embedded: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return what the loss compares: projections of the windows as they are, or of two views of them."""
        if not model.loss.needs_views:
            return model.query.embedder.project(embedded).float(), None
        first, second = (
            embed_rows(
                module,
                self._windows,
                self._rows,
                self._tokens,
                self._options.batch_size,
                partial(self._change, view=view),
            )
            for view, module in enumerate((model.query, model.second))
        )
        return torch.from_numpy(first).to(embedded.device), torch.from_numpy(second).to(embedded.device)

    def _batches(self) -> PairBatches:
        n_people = len({*self._windows.names[self._rows]})
        return PairBatches(
            self._windows,
            self._rows,
            min(self._options.n_participants, n_people),
            self._options.n_windows,
            balance_seizures=self._stage.by_label,
            seed=self._options.seed,
        )

    def _tells_apart(self, rows: Positions) -> bool:
        """Tell whether a batch holds windows that the objective shall keep apart."""
        windows = self._windows
        groups = windows.labels if self._stage.by_label else windows.participants
        return len({*groups[rows].tolist()}) > 1


def sample_rows_of(windows: LabelledWindows, side: str, options: EmbedOptions) -> Positions:
    """Return the windows of a side that are measured: the same at all times, each participant's in order of time."""
    rows, most = windows.rows_of(side), options.measured_windows
    if len(rows) <= most:
        return rows
    rng = local_generator(options.seed, 0, _MEASURED)
    return rows[np.sort(rng.choice(len(rows), most, replace=False))]


def _pair(value: float) -> tuple[float, float]:
    return (float(value), 1.0) if np.isfinite(value) else (0.0, 0.0)
