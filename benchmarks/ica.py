"""Components: ICLabel against mne-icalabel, the decomposition against MNE's, and what is left of blinks.

Run: ``OMP_NUM_THREADS=1 python benchmarks/ica.py [minutes=30] [seeds=4]``; prints markdown tables, CPU seconds.
"""

from __future__ import annotations

import datetime as dt
import sys
import warnings
from typing import Any

import mne
import numpy as np
from mne_icalabel.iclabel import iclabel_label_components
from numpy.typing import NDArray
from timing import race

from eeg_kedro.signal.component_labels import judge_components
from eeg_kedro.signal.filters import design_filter, filter_resample
from eeg_kedro.signal.ica import Ica, IcaOptions, fit_ica
from eeg_kedro.signal.iclabel import label_components
from eeg_kedro.synthetic.artefacts import Occurrence
from eeg_kedro.synthetic.electrodes import EARS, STANDARD_19
from eeg_kedro.synthetic.participant import draw_participant
from eeg_kedro.synthetic.recording import RecordingPlan, compose_recording, plan_recording

SFREQ = 256
NAMES = (*STANDARD_19, *EARS)
SCALP = slice(0, len(STANDARD_19))
FOREHEAD = [NAMES.index("FP1"), NAMES.index("FP2")]
LINE = 60.0
DECIM = 8  # what an expert would choose
Samples = NDArray[np.float32]


def main(minutes: int, n_seeds: int) -> None:
    """Print all tables."""
    mne.set_log_level("ERROR")
    warnings.simplefilter("ignore")
    referenced = reference(compose_recording(plan(0, minutes)))
    print(f"{len(NAMES)} channels x {minutes} min at {SFREQ} Hz, CPU s\n")
    compare_fits(referenced)
    compare_labels(referenced)
    compare_blinks(n_seeds)


def plan(seed: int, minutes: int) -> RecordingPlan:
    """Plan a recording with seizures, against linked ears."""
    return plan_recording(
        layout="tusz", participant=f"p{seed}", run="r", number=(seed, 0), person=draw_participant((seed,), seed),
        seed=(seed, 1), sfreq=SFREQ, seconds=60 * minutes, seizure_rate=6.0, time_step=1.0,
        start=dt.datetime(2020, 1, 1), line_freq=LINE, reference="ears", ch_names=NAMES, faults=(),
    )  # fmt: skip


def reference(samples: Samples) -> Samples:
    """Filter to 1-100 Hz and subtract the scalp average."""
    filtered = filter_resample(samples, design_filter(SFREQ, SFREQ, 1.0, 100.0, (LINE,)))
    filtered -= filtered[SCALP].mean(axis=0)
    return filtered


def to_mne(referenced: Samples) -> mne.io.RawArray:
    """Give the same samples to MNE."""
    raw = mne.io.RawArray(referenced.astype(np.float64) * 1e-6, mne.create_info(list(NAMES), SFREQ, "eeg"))
    raw.set_montage("standard_1005", match_case=False)
    return raw


def fit_mne(raw: mne.io.RawArray, method: str, decim: int | None, **fit_params: Any) -> mne.preprocessing.ICA:
    """Fit with MNE, all components that the average leaves."""
    ica = mne.preprocessing.ICA(
        len(NAMES) - 1, method=method, fit_params=fit_params or None, random_state=97, max_iter="auto"
    )
    return ica.fit(raw, decim=decim)


def compare_fits(referenced: Samples) -> None:
    """Race the decompositions."""
    raw = to_mne(referenced)
    seconds = race(
        {
            "ours: fit": lambda: fit_ica(referenced, SFREQ, IcaOptions()),
            f"MNE picard-o extended, decim {DECIM}": lambda: fit_mne(
                raw, "picard", DECIM, ortho=True, extended=True
            ),
            f"MNE picard extended, decim {DECIM}": lambda: fit_mne(
                raw, "picard", DECIM, ortho=False, extended=True
            ),
            f"MNE infomax extended, decim {DECIM}": lambda: fit_mne(raw, "infomax", DECIM, extended=True),
            "MNE fastica (defaults)": lambda: fit_mne(raw, "fastica", None),
        },
        rounds=1,
        warmup=1,
    )
    ica = fit_ica(referenced, SFREQ, IcaOptions())
    rules = IcaOptions(label="rules")
    none = referenced[:0]
    seconds |= race(
        {
            "ours: rules and protection of rhythms": lambda: judge_components(
                ica, referenced, SFREQ, NAMES, "referential", none, (), rules
            )
        }
    )
    print_table(seconds, "ours: fit")


def compare_labels(referenced: Samples) -> None:
    """Race ICLabel, and compare what it says."""
    ica = fit_ica(referenced, SFREQ, IcaOptions())
    raw = to_mne(referenced)
    theirs = as_mne_ica(raw, ica)
    seconds = race(
        {
            "ours: ICLabel": lambda: label_components(referenced, SFREQ, NAMES, ica),
            "mne-icalabel, onnx": lambda: iclabel_label_components(
                raw, theirs, inplace=False, backend="onnx"
            ),
        },
        rounds=3,
    )
    print_table(seconds, "ours: ICLabel")
    own = label_components(referenced, SFREQ, NAMES, ica).argmax(axis=1)
    other = iclabel_label_components(raw, theirs, inplace=False, backend="onnx").argmax(axis=1)
    print(f"same class: {np.sum(own == other)} of {len(own)} components\n")


def as_mne_ica(raw: mne.io.RawArray, ica: Ica) -> mne.preprocessing.ICA:
    """Put a decomposition of ours into MNE's object."""
    theirs = mne.preprocessing.ICA(ica.n_components, method="infomax", fit_params={"extended": True})
    left, values, theirs.pca_components_ = np.linalg.svd(ica.unmixing, full_matrices=False)
    theirs.unmixing_matrix_ = left * values
    theirs.mixing_matrix_ = np.linalg.pinv(theirs.unmixing_matrix_)
    theirs.pca_explained_variance_ = np.ones(ica.n_components)
    theirs.current_fit, theirs.pre_whitener_ = "raw", np.ones((len(NAMES), 1))
    theirs.n_components_, theirs.ch_names, theirs.info = ica.n_components, list(raw.ch_names), raw.info
    return theirs


def compare_blinks(n_seeds: int) -> None:
    """Compare the amplitude at FP1 and FP2 during blinks, after over before, with MNE's usual way."""
    print("| seed | blinks | ours, dB | MNE infomax + find_bads_eog, dB | removed by us | by MNE |")
    print("|---|---|---|---|---|---|")
    for seed in range(n_seeds):
        recording = plan(seed, 10)
        blinks = [event for event in recording.happened if event.kind == "blink"]
        referenced = reference(compose_recording(recording))
        during = mark(blinks, referenced.shape[1])
        ica = fit_ica(referenced, SFREQ, IcaOptions())
        verdicts = judge_components(
            ica, referenced, SFREQ, NAMES, "referential", referenced[:0], (), IcaOptions()
        )
        gone = list(verdicts.removed)
        ours = referenced - (ica.mixing[:, gone] @ ica.unmixing[gone]).astype(np.float32) @ referenced
        raw = to_mne(referenced)
        infomax = fit_mne(raw, "infomax", DECIM, extended=True)
        infomax.exclude = [int(i) for i in infomax.find_bads_eog(raw, ch_name=["FP1", "FP2"])[0]]
        theirs = infomax.apply(raw.copy()).get_data() * 1e6
        left = [level(after, during) - level(referenced, during) for after in (ours, theirs)]
        print(f"| {seed} | {len(blinks)} | {left[0]:.1f} | {left[1]:.1f} | {gone} | {infomax.exclude} |")


def mark(blinks: list[Occurrence], n_times: int) -> NDArray[np.bool_]:
    """Say which samples lie within a blink."""
    during = np.zeros(n_times, bool)
    for blink in blinks:
        during[round(blink.onset * SFREQ) : round((blink.onset + blink.duration) * SFREQ)] = True
    return during


def level(samples: NDArray[np.floating], during: NDArray[np.bool_]) -> float:
    """Give the amplitude at the forehead in dB re 1 uV."""
    return float(10 * np.log10(np.mean(samples[FOREHEAD][:, during] ** 2)))


def print_table(seconds: dict[str, float], ours: str) -> None:
    """Print candidates, CPU seconds and how many times ours they take."""
    print("| candidate | CPU s | over ours |\n|---|---|---|")
    for name, taken in seconds.items():
        print(f"| {name} | {taken:.3f} | {taken / seconds[ours]:.1f} |")
    print(flush=True)


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*(given + [30, 4][len(given) :]))
