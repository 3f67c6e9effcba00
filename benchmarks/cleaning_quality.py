"""What cleaning does to the signal, where the truth is known: artefacts found, brain kept; one table.

Run as ``python benchmarks/cleaning_quality.py`` from the project's root (some two minutes). Fabricated recordings
of 15 minutes, 21 channels, 256 Hz, each with all that can disturb one and a bad channel; the truth beside each is
the plan it was rendered from, and its brain alone (`compose_brain`).
"""

from __future__ import annotations

import argparse
import warnings
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, cycle
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import welch
from threadpoolctl import threadpool_limits

from eeg_kedro.signal.artefacts import BIT
from eeg_kedro.signal.cleaning import CleanedSignal, CleanOptions, clean_recording
from eeg_kedro.signal.electrodes import STANDARD_19
from eeg_kedro.signal.filters import design_filter, filter_resample
from eeg_kedro.synthetic.artefacts import Fault
from eeg_kedro.synthetic.participant import draw_participant
from eeg_kedro.synthetic.recording import RecordingPlan, compose_brain, compose_recording, plan_recording

SFREQ, SECONDS = 256, 900
# planted kind -> what it may be found as
FOUND_AS = {
    "blink": ("eye",),
    "muscle": ("muscle",),
    "chewing": ("muscle",),
    "movement": ("movement", "amplitude"),
    "pop": ("pop",),
}
SUSPECTS = {"eye": ("blink", "saccade"), "muscle": ("muscle", "chewing", "movement", "seizure"),
            "movement": ("movement", "blink", "saccade", "pop"), "pop": ("pop",)}  # fmt: skip
Samples = NDArray[np.float32]


@dataclass
class ArraySource:
    """Samples in memory, to stand for a file; see `eeg_kedro.io.samples.SampleSource`."""

    samples: Samples
    sfreq: float

    @property
    def n_times(self) -> int:
        return int(self.samples.shape[1])

    def extent(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        limits = np.stack([self.samples.min(axis=1), self.samples.max(axis=1)], axis=1)
        return limits.astype(np.float64), np.zeros(len(limits), np.int64)

    def blocks(self, n_block: int) -> Any:
        for start in range(0, self.n_times, n_block):
            yield self.samples[:, start : start + n_block].copy()

    def spans(self, spans: Any) -> Any:
        for start, stop in spans:
            yield self.samples[:, start:stop].copy()

    def fingerprint(self) -> str:
        return "0" * 64


@dataclass
class Outcome:
    """One recording: its plan, its brain against the average, before and after cleaning."""

    plan: RecordingPlan
    signal: CleanedSignal
    closing: dict[str, Any]
    brain: Samples
    before: Samples
    after: Samples


def run(seed: int, fault: Fault) -> Outcome:
    plan = plan_recording(
        layout="tusz", participant="p", run="r", number=(seed, 0), person=draw_participant((seed, 7), seed),
        seed=(seed, 7, 1), sfreq=SFREQ, seconds=SECONDS, seizure_rate=10.0, time_step=1.0,
        start=datetime(2020, 1, 1),
    )  # fmt: skip
    bad = STANDARD_19[(5 * seed + 3) % 19]
    plan = replace(plan, bad_channel=bad, fault=fault)
    samples = compose_recording(plan)
    row = {
        "participant": "p", "run": "r", "ch_names": list(plan.ch_names), "aux_kinds": [], "sfreq": float(SFREQ),
        "n_times": samples.shape[1], "reference": "REF", "montage": "referential", "missing_channels": [],
    }  # fmt: skip
    signal = clean_recording(lambda: ArraySource(samples, SFREQ), row, CleanOptions())
    cleaned = np.concatenate([block.copy() for block in signal.blocks], axis=1)
    rows = [list(plan.ch_names).index(name) for name in STANDARD_19]
    design = design_filter(SFREQ, SFREQ, 0.5, 50.0, (60.0,))
    brain, before = (filter_resample(x[rows], design) for x in (compose_brain(plan), samples))
    for x in (brain, before):
        x -= x.mean(axis=0)
    after = cleaned[[signal.ch_names.index(name) for name in STANDARD_19]]
    return Outcome(plan, signal, signal.closing(), brain, before, after)


def recall_and_precision(outcomes: list[Outcome]) -> list[tuple[str, str]]:
    """Count planted events that were found (any channel), and marked seconds in which something was planted."""
    hit, planted, right, marked = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for outcome in outcomes:
        cells = outcome.closing["cells_before"]
        seconds = {kind: (cells & bit != 0).any(axis=0) for kind, bit in BIT.items()}
        for event in outcome.plan.happened:
            if event.kind in FOUND_AS and event.place != outcome.plan.bad_channel:
                span = slice(int(event.onset), int(event.onset + event.duration) + 1)
                planted[event.kind] += 1
                hit[event.kind] += any(seconds[kind][span].any() for kind in FOUND_AS[event.kind])
        for kind, suspects in SUSPECTS.items():
            truth = happened_in(outcome.plan, suspects, cells.shape[1])
            marked[kind] += int(seconds[kind].sum())
            right[kind] += int((seconds[kind] & truth).sum())
    found = [(f"{k} (recall)", f"{hit[k] / planted[k]:.2f} of {planted[k]}") for k in FOUND_AS]
    return found + [
        (f"{k} (precision of seconds)", f"{right[k] / max(marked[k], 1):.2f} of {marked[k]}")
        for k in SUSPECTS
    ]


def happened_in(
    plan: RecordingPlan, kinds: tuple[str, ...], n_seconds: int, around: int = 1
) -> NDArray[np.bool_]:
    truth = np.zeros(n_seconds, bool)
    spans = [(e.onset, e.onset + e.duration) for e in plan.happened if e.kind in kinds]
    spans += [(s.onset, s.stop) for s in plan.seizures if "seizure" in kinds]
    for start, stop in spans:
        truth[max(int(start) - around, 0) : int(stop) + 1 + around] = True
    return truth


def snr_gains(outcome: Outcome) -> dict[str, float]:
    """Give what cleaning gains in the ratio of brain to everything else, dB, in parts of the recording."""
    n_seconds = SECONDS
    bad = STANDARD_19.index(outcome.plan.bad_channel)
    good = [i for i in range(19) if i != bad]
    front = [STANDARD_19.index(name) for name in ("FP1", "FP2") if name != outcome.plan.bad_channel]
    blinks, muscle = (
        happened_in(outcome.plan, kinds, n_seconds, 0) for kinds in (("blink",), ("muscle", "chewing"))
    )
    any_kind = ("blink", "saccade", "muscle", "chewing", "movement", "pop")
    quiet = ~happened_in(outcome.plan, any_kind, n_seconds, 0)
    parts = {
        "everything": (range(19), ~np.zeros(n_seconds, bool)),
        "the bad channel": ([bad], ~np.zeros(n_seconds, bool)),
        "good channels": (good, ~np.zeros(n_seconds, bool)),
        "FP1, FP2 in seconds with blinks": (front, blinks),
        "good channels in seconds with muscle": (good, muscle),
        "good channels in seconds without any artefact": (good, quiet),
    }
    return {
        name: gain(outcome, list(rows), seconds) for name, (rows, seconds) in parts.items() if seconds.any()
    }


def gain(outcome: Outcome, rows: list[int], seconds: NDArray[np.bool_]) -> float:
    mask = np.repeat(seconds, SFREQ)[: outcome.brain.shape[1]]
    brain, before, after = (x[rows][:, mask] for x in (outcome.brain, outcome.before, outcome.after))
    return snr(brain, after) - snr(brain, before)


def snr(brain: Samples, found: Samples) -> float:
    return float(
        10 * np.log10(np.mean(brain.astype(float) ** 2) / np.mean((found - brain).astype(float) ** 2))
    )


def seizure_change(outcome: Outcome) -> list[float]:
    """Give the change of 1-30 Hz power in dB against the true brain, over the channels that carry a seizure."""
    changes = []
    for seizure in outcome.plan.seizures:
        span = slice(int(seizure.onset * SFREQ), int(seizure.stop * SFREQ))
        power = [band_power(x[:, span]) for x in (outcome.brain, outcome.after)]
        strongest = np.argsort(power[0])[-5:]
        carries = [i for i in strongest if STANDARD_19[i] != outcome.plan.bad_channel]
        changes.append(float(10 * np.log10(power[1][carries].sum() / power[0][carries].sum())))
    return changes


def band_power(x: Samples) -> NDArray[np.float64]:
    freqs, power = welch(x, SFREQ, nperseg=min(4 * SFREQ, x.shape[1]))
    result: NDArray[np.float64] = power[:, (freqs >= 1) & (freqs <= 30)].sum(axis=1)
    return result


def channels_row(outcomes: list[Outcome]) -> tuple[str, str]:
    missed = sum(o.plan.bad_channel not in bad_names(o) for o in outcomes)
    false = [name for o in outcomes for name in bad_names(o) if name != o.plan.bad_channel]
    return (
        "bad channels",
        f"{missed} of {len(outcomes)} missed, {len(false)} false ({', '.join(false) or 'none'})",
    )


def bad_names(outcome: Outcome) -> list[str]:
    return [bad["name"] for bad in outcome.signal.metadata["bad_channels"]]


def removed(outcomes: list[Outcome]) -> Counter[str]:
    components = chain.from_iterable(o.signal.metadata["ica"].get("components", []) for o in outcomes)
    return Counter(component["label"] for component in components if component["removed"])


def summarize(values: list[float]) -> str:
    low, middle, high = np.percentile(values, [0, 50, 100])
    return f"{middle:+.2f} (from {low:+.2f} to {high:+.2f}, n = {len(values)})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recordings", type=int, default=12)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    faults: Any = cycle(("flat", "noisy", "loose"))
    with threadpool_limits(1):
        outcomes = [
            run(seed, fault) for seed, fault in zip(range(arguments.recordings), faults, strict=False)
        ]
    gains = [snr_gains(outcome) for outcome in outcomes]
    seizures = [*chain.from_iterable(map(seizure_change, outcomes))]
    rows = [channels_row(outcomes), *recall_and_precision(outcomes)]
    rows += [
        (f"gain against the true brain, dB: {part}", summarize([g[part] for g in gains if part in g]))
        for part in gains[0]
    ]
    rows += [
        ("seizure, 1-30 Hz power against the true brain, dB", summarize(seizures)),
        ("components removed", ", ".join(f"{n} {label}" for label, n in removed(outcomes).items()) or "none"),
    ]  # fmt: skip
    print("| what | measured |\n|---|---|")
    print("\n".join(f"| {what} | {found} |" for what, found in rows))


if __name__ == "__main__":
    main()
