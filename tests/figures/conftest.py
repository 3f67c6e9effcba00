"""A recording as its page sees it, without anything having been cleaned: every part may be switched off."""

import datetime as dt

import numpy as np
import pytest

from eeg_kedro.figures.recording_view import InspectOptions, RecordingView, Subject
from eeg_kedro.figures.stretches import Stretch
from eeg_kedro.signal.artefacts import BIT, KINDS
from eeg_kedro.synthetic.electrodes import STANDARD_19, falloff, locate
from eeg_kedro.synthetic.participant import draw_participant
from eeg_kedro.synthetic.recording import compose_recording, plan_recording

SFREQ, SECONDS = 256, 120
PAIRS = ("FP1-F7", "F7-T3", "T3-T5", "T5-O1")


@pytest.fixture(scope="session")
def samples():
    plan = plan_recording(
        layout="tusz",
        participant="p01",
        run="s001-t000",
        number=(0, 0),
        person=draw_participant((1, 2), 0),
        seed=(3,),
        sfreq=SFREQ,
        seconds=SECONDS,
        seizure_rate=0.0,
        time_step=1.0,
        start=dt.datetime(2000, 1, 1),
        ch_names=STANDARD_19,
    )
    return compose_recording(plan)


@pytest.fixture
def make_footer():
    """Make the footer of a window file with all that cleaning tells; T4 interpolated, O2 masked."""

    def make(names=STANDARD_19, sfreq=SFREQ, seconds=SECONDS):
        bad = [("T4", "noise", "interpolated"), ("O2", "flat", "masked")]
        found = {
            name: (kind, fate, f"{kind}: 12.0, more than 5.0") for name, kind, fate in bad if name in names
        }
        kept = [name for name in names if found.get(name, ("", "", ""))[1] != "masked"]
        return {
            "participant": "p01",
            "run": "s001-t000",
            "montage": "bipolar" if "-" in names[0] else "referential",
            "reference": "average",
            "reference_note": "",
            "ch_names": kept,
            "missing_channels": [],
            "bad_channels": [{"name": name, "reason": why} for name, (_, _, why) in found.items()],
            "interpolated_channels": [name for name, row in found.items() if row[1] == "interpolated"],
            "masked_channels": [name for name, row in found.items() if row[1] == "masked"],
            "channels": [
                {"name": n, "bad": n in found, "kinds": [found[n][0]] if n in found else [], "measures": {}}
                for n in names
            ],
            "sfreq": float(sfreq),
            "source_sfreq": 250.0,
            "n_times": seconds * sfreq,
            "filters": {"l_freq": 0.5, "h_freq": 50.0, "notch_freqs": [60.0], "notes": []},
            "line_freq": 60.0,
            "steps": [
                {"step": "gaps", "done": True, "note": "none"},
                {"step": "ica", "done": True, "note": "2 of 6 components removed"},
                {"step": "drift", "done": False, "note": "not needed: a high-pass of 0.5 Hz"},
            ],
            "pops": {"n_pops": 1, "n_spikes": 0, "n_repaired": 1, "first": [_POP]},
            "quality": {
                "score": 0.83,
                "artefact_share": 0.07,
                "snr_db": 11.2,
                "channel_scores": [0.9] * len(kept),
                "found_share": dict.fromkeys(KINDS, 0.05),
                "residual_share": dict.fromkeys(KINDS, 0.01),
            },
            "ica": _ica([name for name in kept if name not in found]),
        }

    return make


_POP = {"channel": "F3", "onset": 12.5, "duration": 0.8, "uv": 180.0, "kind": "pop", "repaired": True}
_PLACES = ("FZ", "T3", "O1", "CZ", "P4", "F8")


def _ica(names):
    labels = ("eye", "muscle", "brain", "brain", "line_noise", "other")
    places = [locate([place])[0] for place in _PLACES]
    fields = np.column_stack([falloff(STANDARD_19, place, 0.6) for place in places])
    rows = dict(zip(STANDARD_19, fields.tolist(), strict=True))
    return {
        "note": "",
        "flag": "",
        "method": "picard",
        "n_samples": 54_000,
        "rank": 6,
        "n_components": 6,
        "n_iter": 31,
        "converged": True,
        "ch_names": names,
        "mixing": [rows.get(name, rows["CZ"]) for name in names],
        "variance_removed": 0.21,
        "components": [
            {
                "index": i,
                "label": label,
                "probability": 0.9,
                "probabilities": {},
                "eog_correlation": 0.1,
                "ecg_correlation": 0.0,
                "variance_share": 0.3 / (i + 1),
                "removed": i < 2,
                "why": "looks like an eye movement" if i == 0 else "",
            }
            for i, label in enumerate(labels)
        ],
    }


@pytest.fixture
def make_view(samples, make_footer):
    """Make a view of the synthetic recording, or of the first channels under other names."""

    def make(names=STANDARD_19, **changes):
        footer = make_footer(names) | changes
        traces = np.resize(samples, (len(names), samples.shape[1]))
        cells = np.zeros((len(footer["ch_names"]), SECONDS), np.uint8)
        cells[0, 10:14], cells[-1, 100:] = BIT["eye"], BIT["muscle"]
        stretch = Stretch("Worst stretch", 20.0, 36.0).with_traces(
            (list(names), SFREQ, traces[:, 20 * SFREQ : 36 * SFREQ]),
            (footer["ch_names"], SFREQ, traces[: len(footer["ch_names"]), 20 * SFREQ : 36 * SFREQ] / 2),
        )
        freqs = np.arange(0, 128.5, 0.5)
        power = np.resize(100 / (1 + freqs) ** 1.5, (len(names), freqs.size))
        return RecordingView(
            Subject("p01", "s001-t000", tuple(names), ((30.0, 42.0),), annotated=True),
            footer,
            InspectOptions(),
            (stretch,),
            {"before": (freqs, power), "after": (freqs, power[: len(footer["ch_names"])])},
            {"before": cells, "after": cells & ~BIT["eye"]},
            {"second_score": np.linspace(1, 0.4, SECONDS, dtype=np.float32)},
        )

    return make
