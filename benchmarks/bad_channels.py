"""Bad channels of half an hour, 21 channels, beside pyprep.

usage: OMP_NUM_THREADS=1 python benchmarks/bad_channels.py [rounds=3]

Both get the same samples with the same planted faults: ours the 1-100 Hz excerpt that cleaning makes anyway
(float32), pyprep an MNE ``Raw`` of it. Candidates run interleaved in one process; CPU time, medians.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from recordings import ELECTRODES, make_samples
from timing import race

from eeg_kedro.signal.bad_channels import BadChannelOptions, ChannelFacts, judge_channels
from eeg_kedro.signal.filters import design_filter, filter_resample
from eeg_kedro.signal.positions import electrode_positions

SFREQ, SECONDS = 256, 1800
NAMES = tuple(ELECTRODES.split())
PLANTED = {"P3": "flat", "T6": "noisy"}
BAR = 100
Samples = NDArray[np.float32]


def plant_faults() -> tuple[Samples, ChannelFacts]:
    """Make the excerpt and what is known of the raw channels."""
    positions = electrode_positions(NAMES)[0]
    spread = np.exp(3 * (positions @ positions.T - 1))  # neighbors share what they record, as on a head
    samples = spread @ make_samples(SECONDS, SFREQ)
    samples += np.random.default_rng(2).standard_normal(samples.shape)
    samples[NAMES.index("P3")] = 0.0
    samples[NAMES.index("T6")] += 60.0 * np.random.default_rng(1).standard_normal(samples.shape[1])
    none = np.zeros(len(NAMES))
    facts = ChannelFacts(np.ptp(samples, axis=1), none, none)
    return filter_resample(samples, design_filter(SFREQ, SFREQ, 1.0, 100.0, (60.0,))), facts


def judge_ours(excerpt: Samples, facts: ChannelFacts, ransac: bool) -> set[str]:
    """Give the bad channels by our rules."""
    options = BadChannelOptions.model_validate({"ransac": "auto" if ransac else "off"})
    return {v.name for v in judge_channels(excerpt, SFREQ, NAMES, facts, options, 0.1) if v.bad}


def judge_pyprep(excerpt: Samples, ransac: bool) -> set[str]:
    """Give the bad channels of ``NoisyChannels.find_all_bads``."""
    import mne
    from pyprep.find_noisy_channels import NoisyChannels

    raw = mne.io.RawArray(1e-6 * excerpt.astype(np.float64), mne.create_info([*NAMES], SFREQ, "eeg"))
    places = dict(zip(NAMES, 0.095 * electrode_positions(NAMES)[0], strict=True))
    raw.set_montage(mne.channels.make_dig_montage(places, coord_frame="head"))
    noisy = NoisyChannels(raw, random_state=1)
    noisy.find_all_bads(ransac=ransac)
    return set(noisy.get_bads())


def judge_lof(excerpt: Samples) -> set[str]:
    """Give the bad channels of MNE's local outlier factor, defaults."""
    import mne

    raw = mne.io.RawArray(1e-6 * excerpt.astype(np.float64), mne.create_info([*NAMES], SFREQ, "eeg"))
    return set(mne.preprocessing.find_bad_channels_lof(raw))


def main() -> None:
    """Measure, and print one table."""
    import mne

    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    mne.set_log_level("ERROR")
    warnings.simplefilter("ignore")
    excerpt, facts = plant_faults()
    candidates: dict[str, Callable[[], set[str]]] = {
        "ours, all rules with RANSAC": lambda: judge_ours(excerpt, facts, ransac=True),
        "ours, local outlier factor instead of RANSAC": lambda: judge_ours(excerpt, facts, ransac=False),
        "MNE find_bad_channels_lof": lambda: judge_lof(excerpt),
        "pyprep find_all_bads, no RANSAC": lambda: judge_pyprep(excerpt, ransac=False),
        "pyprep find_all_bads with RANSAC": lambda: judge_pyprep(excerpt, ransac=True),
    }
    found = {name: judge() for name, judge in candidates.items()}
    took = race(candidates, rounds, warmup=0)
    ours = took["ours, all rules with RANSAC"]
    planted = ", ".join(f"{name} {fault}" for name, fault in PLANTED.items())
    print(f"21 channels x {SECONDS // 60} min, {SFREQ} Hz; planted: {planted}; bar {BAR}x, none missed\n")
    print("| method | CPU ms | of ours | missed | flagged besides |\n|---|---|---|---|---|")
    for name, seconds in took.items():
        missed, besides = (
            " ".join(sorted(s)) or "none" for s in (PLANTED.keys() - found[name], found[name] - {*PLANTED})
        )
        print(f"| {name} | {1000 * seconds:.0f} | {seconds / ours:.1f}x | {missed} | {besides} |")


if __name__ == "__main__":
    main()
