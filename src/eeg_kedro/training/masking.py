"""Which tokens are masked: a pure function of seed, epoch and sequence, the same in any batch, rank or process.

The tokens of a sequence that may be masked are those that are good enough. A mask takes exactly the share asked for,
at least one token, and leaves at least one. Stretches (``block``) are harder than single tokens, because between two
visible neighbours a signal can be interpolated; masks shared by neighbouring channels are harder still, because what
is hidden in one electrode is nearly visible in the next.
"""

from __future__ import annotations

import hashlib
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.errors import ParameterError
from eeg_kedro.sampling.orders.permutations import local_generator

Mask = NDArray[np.bool_]
Kinds = NDArray[np.int8]
MaskShape = Literal["random", "block"]
Sharing = Literal["none", "neighbours", "all"]
Key = tuple[int, int]

VISIBLE, HIDDEN, NOISE, UNCHANGED = range(4)
BERT_SHARES = (0.8, 0.1, 0.1)  # of the masked tokens: hidden, noise, unchanged (Devlin et al. 2019)
# what a generator is for, beyond the purposes of `eeg_kedro.sampling.orders.permutations`
TRAIN_MASKS, VALIDATION_MASKS, TRAIN_NOISE, VALIDATION_NOISE = range(16, 20)


class SequenceName(NamedTuple):
    """What masks may depend on: where a sequence is from, never its row in the plan or its place in a batch."""

    participant: str
    run: str
    start_sample: int
    channel: str
    neighbourhood: int


def mask_key(name: SequenceName, sharing: Sharing) -> Key:
    """Return two numbers that are equal for the sequences that share a mask."""
    who = {"none": name.channel, "neighbours": f"#{name.neighbourhood}", "all": ""}[sharing]
    text = "\0".join([name.participant, name.run, str(name.start_sample), who])
    digest = hashlib.sha256(text.encode()).digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:8], "little")


def mask_generator(seed: int, epoch: int, purpose: int, key: Key) -> np.random.Generator:
    """Return the generator of the masks or the noise of one key in one epoch."""
    return local_generator(seed, epoch, purpose, *key)


def count_masked(n_tokens: int, ratio: float) -> int:
    """Return how many of ``n_tokens`` are masked: the share, at least one, and never all of two or more."""
    return min(max(round(ratio * n_tokens), 1), max(n_tokens - 1, 0))


def draw_mask(
    n_tokens: int,
    ratio: float,
    shape: MaskShape,
    block_tokens: int,
    rng: np.random.Generator,
    allowed: Mask | None = None,
) -> Mask:
    """Draw the masked tokens of a sequence.

    Parameters
    ----------
    n_tokens : int
        Tokens of the sequence (T).
    ratio : float
        Share of the allowed tokens that is masked.
    shape : {"random", "block"}
        Single tokens, or stretches with visible tokens between them. Where so much is masked that this cannot be,
        stretches are longer than asked for.
    block_tokens : int
        Tokens of a stretch, about: the masked ones are dealt as evenly as can be, and one stretch may begin at the
        end of the sequence and go on at its beginning.
    rng : Generator
        Local to the sequence.
    allowed : ndarray of bool, shape (n_tokens,), optional
        Tokens that may be masked; all if None. Those between them that may not are skipped, so that a stretch goes
        on behind them.

    Returns
    -------
    ndarray of bool, shape (n_tokens,)
        True where masked: ``count_masked`` of the allowed ones.
    """
    places = np.arange(n_tokens) if allowed is None else np.flatnonzero(allowed)
    n_masked = count_masked(places.size, ratio)
    mask = np.zeros(n_tokens, bool)
    if shape == "random" or block_tokens == 1:
        mask[places[rng.permutation(places.size)[:n_masked]]] = True
    elif n_masked:
        mask[places[_draw_stretches(places.size, n_masked, block_tokens, rng)]] = True
    return mask


def draw_bert(masked: Mask, rng: np.random.Generator) -> Kinds:
    """Say what becomes of each masked token: most are hidden, some get noise, some stay as they are.

    Returns
    -------
    ndarray of int8, shape (n_tokens,)
        `VISIBLE` where not masked, else `HIDDEN` (80 %), `NOISE` (10 %) or `UNCHANGED` (10 %).
    """
    kinds = np.full(masked.size, VISIBLE, np.int8)
    kinds[masked] = rng.choice([HIDDEN, NOISE, UNCHANGED], size=int(masked.sum()), p=BERT_SHARES)
    return kinds


def demand_masks(ratio: float, n_tokens: NDArray[np.integer]) -> None:
    """Refuse a ratio that rounds to no token in every sequence.

    Parameters
    ----------
    ratio : float
        Share of tokens masked.
    n_tokens : ndarray of int, shape (n_sequences,)
        Tokens of each sequence that may be masked.

    Raises
    ------
    ParameterError
        With the least ratio that masks a token.
    """
    longest = int(n_tokens.max(initial=0))
    if longest and round(ratio * longest) == 0:
        raise ParameterError(
            "mask_ratio masks nothing",
            value=f"{ratio:g} of {longest} tokens in the longest sequence",
            allowed=f"above {0.5 / longest:.3g}",
            remedy="raise pretrain.mask_ratio (0.2 to 0.8 make sense), or lower pretrain.token_length",
        )


def _draw_stretches(n: int, n_masked: int, block_tokens: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return ``n_masked`` of ``range(n)`` in stretches of about ``block_tokens`` that do not touch.

    They are laid on a ring, each behind another visible token, and the ring is turned by any number of tokens: so
    every token is masked equally often, those at the ends too, where one stretch may be cut in two.
    """
    n_visible = n - n_masked
    count = min(max(round(n_masked / block_tokens), 1), n_visible)
    lengths = np.full(count, n_masked // count)
    lengths[rng.permutation(count)[: n_masked % count]] += 1
    behind = 1 + np.sort(rng.permutation(n_visible)[:count])
    # the masked tokens in a row, each moved behind the visible ones before its stretch, and all of them around
    turned: NDArray[np.intp] = (np.arange(n_masked) + np.repeat(behind, lengths) + rng.integers(n)) % n
    return turned
