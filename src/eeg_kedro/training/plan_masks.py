"""The masks and the noise of the sequences of a plan, by epoch; see `eeg_kedro.training.masking`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.training.masking import (
    HIDDEN,
    TRAIN_MASKS,
    TRAIN_NOISE,
    VALIDATION_MASKS,
    VALIDATION_NOISE,
    Kinds,
    Mask,
    SequenceName,
    demand_masks,
    draw_bert,
    draw_mask,
    mask_generator,
    mask_key,
)

if TYPE_CHECKING:
    from eeg_kedro.training.pretrain_options import PretrainOptions

Side = Literal["train", "validation"]
_NAMED = ["participant", "run", "start_sample", "channel", "neighbourhood"]


class PlanMasks:
    """What becomes of each token of each sequence.

    Training masks change with the epoch. Those of validation do not, or its loss would go up and down with them; they
    are of another stream than those of any training epoch.

    Parameters
    ----------
    rows : DataFrame
        Used rows of a plan; sequences are numbered by them.
    side : {"train", "validation"}
        Whose masks.
    options : PretrainOptions
        Seed, style, ratio, shape and sharing.

    Raises
    ------
    ParameterError
        If the ratio masks nothing.
    """

    def __init__(self, rows: pd.DataFrame, side: Side, options: PretrainOptions) -> None:
        self._options = options
        self._streams = (
            (TRAIN_MASKS, TRAIN_NOISE) if side == "train" else (VALIDATION_MASKS, VALIDATION_NOISE)
        )
        self._fixed = side == "validation"
        self._names = [SequenceName(*row) for row in rows[_NAMED].itertuples(index=False)]
        self._n_tokens, self._rejected = rows["n_tokens"].tolist(), rows["rejected_tokens"].tolist()
        left = [n - len(tokens) for n, tokens in zip(self._n_tokens, self._rejected, strict=True)]
        demand_masks(options.mask_ratio, np.array(left, np.int64))

    def allowed(self, index: int) -> Mask:
        """Return which tokens of a sequence are good enough, (T,)."""
        allowed = np.ones(self._n_tokens[index], bool)
        allowed[np.asarray(self._rejected[index], np.intp)] = False
        return allowed

    def kinds(self, index: int, epoch: int) -> Kinds:
        """Return what becomes of each token of a sequence, (T,): visible, hidden, noise or unchanged."""
        options, allowed = self._options, self.allowed(index)
        rng = self._generator(0, mask_key(self._names[index], options.mask_sharing), epoch)
        mask = draw_mask(
            allowed.size, options.mask_ratio, options.mask_shape, options.block_tokens, rng, allowed
        )
        return draw_bert(mask, rng) if options.masking_style == "bert" else (mask * HIDDEN).astype(np.int8)

    def noise(self, index: int, epoch: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Return white noise of unit variance for a sequence: neighbours that share a mask have their own."""
        own = mask_key(self._names[index], "none")
        return self._generator(1, own, epoch).standard_normal(shape, np.float32)

    def _generator(self, stream: int, key: tuple[int, int], epoch: int) -> np.random.Generator:
        return mask_generator(self._options.seed, 0 if self._fixed else epoch, self._streams[stream], key)
