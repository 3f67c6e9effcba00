"""Which channels are bad, and why: every verdict with its value and its limit.

The rules follow PREP (Bigdely-Shamlo 2015): a channel is bad if it is flat, lost or clipped, if its amplitude or
its share of high frequencies is unlike that of the others, if it shares too little with any of them, or if
subsets of the others cannot predict it (RANSAC; the local outlier factor where there are too few electrodes).

What an electroencephalographer would not call bad is excused. Amplitudes are medians over seconds, so blinks
and movements do not count. Activity that two others share is activity, not a fault, however large it is: a
seizure over the focus, alpha over the back. Ears may be quiet and alone. And where nothing correlates with
anything, as in muscle tension or in noise, a low correlation says nothing about one channel.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.signal.bad_channel_options import BadChannelOptions
from eeg_kedro.signal.channel_measures import measure_channels
from eeg_kedro.signal.channel_outliers import FEWEST_FOR_LOF
from eeg_kedro.signal.channel_rules import (
    FEWEST_TO_COMPARE,
    judge_correlation,
    judge_extremes,
    judge_facts,
    judge_lof,
    judge_looks,
    judge_pauses,
    judge_ransac,
    judge_swings,
)
from eeg_kedro.signal.channel_verdicts import KINDS, ChannelFacts, ChannelVerdict, Findings

__all__ = ["KINDS", "BadChannelOptions", "ChannelFacts", "ChannelVerdict", "judge_channels", "note_judgement"]

Samples = NDArray[np.float32]


def judge_channels(
    excerpt: Samples,
    sfreq: float,
    names: Sequence[str],
    facts: ChannelFacts,
    options: BadChannelOptions,
    flat_uv: float,
) -> tuple[ChannelVerdict, ...]:
    """Judge every channel of a recording.

    Parameters
    ----------
    excerpt : ndarray of float32, shape (n_channels, n_times)
        Microvolts, 1-100 Hz, line removed, reference as recorded.
    sfreq : float
        Hz.
    names : sequence of str
        Uppercase names, one per row.
    facts : ChannelFacts
        What is known of the raw channels.
    options : BadChannelOptions
        Limits.
    flat_uv : float
        Peak-to-peak amplitude of the raw channel below which it is flat, microvolts.

    Returns
    -------
    tuple of ChannelVerdict
        One per channel, in the order of ``names``. Fewer than four channels that move are not compared.
    """
    found = Findings(names)
    judge_facts(found, facts, options, flat_uv)
    if not options.enabled or not excerpt.size:
        return found.verdicts()
    measured = measure_channels(excerpt, sfreq, options.window_seconds, options.most_windows)
    judge_swings(found, facts, options)
    judge_pauses(found, measured, options, flat_uv)
    moves = found.free_of("flat", "missing") & (measured.amplitude > 0) & (measured.steps > 0)
    if moves.sum() >= FEWEST_TO_COMPARE:
        judge_extremes(found, measured, options)
        features = judge_looks(found, measured, moves, options)
        judge_correlation(found, measured, moves, options)
        if not judge_ransac(found, measured, moves, options):
            judge_lof(found, measured, moves, features, options)
    return found.verdicts()


def note_judgement(verdicts: Sequence[ChannelVerdict], options: BadChannelOptions) -> tuple[str, ...]:
    """Say what a judgement rests on, and whether so many channels are bad that the recording is doubtful."""
    if not options.enabled:
        return ("only flat and missing channels were looked for",)
    measured = {name for verdict in verdicts for name in verdict.measures}
    notes = []
    if "amplitude_z" not in measured:
        notes.append(f"fewer than {FEWEST_TO_COMPARE} channels move: they were not compared with each other")
    elif "lof" in measured:
        notes.append(
            "no RANSAC (pairs, or fewer than 14 good electrodes with positions): local outlier factor"
        )
    elif "ransac_correlation" not in measured:
        notes.append(f"neither RANSAC nor, below {FEWEST_FOR_LOF} channels, a local outlier factor")
    if "amplitude_z" in measured and "bad_window_share" not in measured:
        notes.append("too few windows in which channels resemble each other: correlation was not judged")
    n_bad = sum(verdict.bad for verdict in verdicts)
    if n_bad > options.max_bad_share * len(verdicts):
        limit = f"{100 * options.max_bad_share:.0f} %"
        notes.append(
            f"{n_bad} of {len(verdicts)} channels are bad (limit {limit}): the recording is doubtful"
        )
    return tuple(notes)
