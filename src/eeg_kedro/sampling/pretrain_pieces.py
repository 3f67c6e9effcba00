"""How recordings are cut into sequences of tokens, and which of these tokens are not good enough."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eeg_kedro.errors import ParameterError
from eeg_kedro.sampling.window_quality import find_runs, mean_quality

if TYPE_CHECKING:
    from eeg_kedro.io.window_layout import WindowLayout
    from eeg_kedro.sampling.plan_options import PlanOptions
    from eeg_kedro.sampling.windows.window_files import RunKey

NOT_SPLIT = "no participant in the split"
TOO_SHORT = "shorter than two tokens"  # a single token has no context
ALL_REJECTED = "all tokens below min_quality"
ONE_LEFT = "a single token reaches min_quality"


def cut_runs(
    layouts: Mapping[RunKey, WindowLayout], sides: Mapping[str, tuple[str, str]], options: PlanOptions
) -> pd.DataFrame:
    """Give one row per run and piece of it; a run that is not used has a single one, with the reason.

    Parameters
    ----------
    layouts : mapping
        What the footer of each run tells.
    sides : mapping
        Participant -> side, and why none.
    options : PlanOptions
        Tokens of a sequence, samples of a token.

    Returns
    -------
    DataFrame
        ``participant``, ``run``, ``side``, ``sfreq``, ``windows_fingerprint``, ``start_sample``, ``n_tokens``,
        ``dropped_samples``, ``reason``.
    """
    rows: list[dict[str, Any]] = []
    for (participant, run), layout in layouts.items():
        side, reason = sides.get(participant, ("none", NOT_SPLIT))
        about = {"participant": participant, "run": run, "side": side, "sfreq": layout.sfreq}
        about["windows_fingerprint"] = layout.fingerprint
        nothing = {"start_sample": 0, "n_tokens": 0, "dropped_samples": 0, "reason": reason}
        pieces = [nothing] if reason else _cut(layout.n_times, options.token_length, options.max_tokens)
        rows += [about | piece for piece in pieces]
    return pd.DataFrame(rows)


def _cut(n_times: int, length: int, most: int) -> list[dict[str, Any]]:
    """Cut a run into the fewest pieces of at most ``most`` tokens, as equal as can be; at least one."""
    n_tokens = n_times // length
    n_pieces = max(-(-n_tokens // most), 1)
    edges = [piece * n_tokens // n_pieces for piece in range(n_pieces + 1)]
    pieces: list[dict[str, Any]] = [
        {
            "start_sample": first * length,
            "n_tokens": last - first,
            "dropped_samples": 0 if last - first >= 2 else (last - first) * length,
            "reason": "" if last - first >= 2 else TOO_SHORT,
        }
        for first, last in pairwise(edges)
    ]
    pieces[-1]["dropped_samples"] += n_times - n_tokens * length
    return pieces


def reject_tokens(pieces: pd.DataFrame, seconds: pd.DataFrame | None, options: PlanOptions) -> None:
    """Fill ``rejected_tokens`` in place; pieces with fewer than two tokens left are not used.

    Raises
    ------
    ParameterError
        If the runs that are used have different rates: a token would be now longer, now shorter.
    """
    used = np.flatnonzero(pieces["reason"] == "")
    rates = sorted({*pieces["sfreq"].iloc[used]})
    if len(rates) > 1:
        raise ParameterError(
            "runs have different sampling rates",
            value=rates[:5],
            allowed="one rate, Hz",
            remedy="clean them to one with clean.sfreq",
        )
    rejected = [np.zeros(0, np.int32)] * len(pieces)
    if options.min_quality > 0 and seconds is None:
        raise ParameterError(
            "there is no quality of any second",
            value=f"pretrain.min_quality={options.min_quality:g}",
            remedy="run `kedro run --pipelines=process_primary` for prm_second_quality, or set it to 0",
        )
    if used.size and options.min_quality > 0 and seconds is not None:
        bad = _below(pieces.iloc[used], seconds, options, rates[0])
        for row, tokens in zip(used.tolist(), bad, strict=True):
            rejected[row] = tokens
    pieces["rejected_tokens"] = pd.Series(rejected, pieces.index, dtype="object")
    left = pieces["n_tokens"] - [tokens.size for tokens in rejected]
    own = pieces["reason"] == ""
    pieces.loc[own & (left == 0), "reason"] = ALL_REJECTED
    pieces.loc[own & (left == 1), "reason"] = ONE_LEFT


def _below(
    pieces: pd.DataFrame, seconds: pd.DataFrame, options: PlanOptions, sfreq: float
) -> list[NDArray[np.int32]]:
    """Return the tokens of each piece that are below ``min_quality``."""
    counts = pieces["n_tokens"].to_numpy()
    piece = np.repeat(np.arange(len(pieces)), counts)
    ends = np.cumsum(counts)
    token = np.arange(ends[-1]) - (ends - counts)[piece]
    start = pieces["start_sample"].to_numpy()[piece] + token * options.token_length
    found = find_runs(seconds, pieces)
    quality = mean_quality(found, piece, start, options.token_length, sfreq)["quality"]
    # in the precision of the quality: 0.7 as float32 lies below 0.7 as a double
    bad = quality < np.float32(options.min_quality)
    return [token[first:last][bad[first:last]].astype(np.int32) for first, last in pairwise([0, *ends])]
