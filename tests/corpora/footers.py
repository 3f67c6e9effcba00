"""Footers as cleaning writes them, small: one that was cleaned in full, one with every step switched off."""

from eeg_kedro.io.window_cells import encode_seconds
from eeg_kedro.signal.artefacts import KINDS

BARE = {
    "participant": "a",
    "run": "1",
    "sfreq": 256.0,
    "n_times": 5000,
    "n_tail": 904,
    "window_length": 2048,
    "n_bytes": 10,
    "fingerprint": 77,
    "source_fingerprint": "5e0f",
    "ch_names": ["C3", "C4"],
    "reference": "average",
    "montage": "referential",
    "missing_channels": ["FZ"],
    "bad_channels": [{"name": "P3", "reason": "flat"}],
    "quality": {"rms_uv": [10.0, 20.0], "peak_uv": [50.0, 60.0]},
    "edge_seconds": 3.3,
}


def channel(name, **more):
    plain = {"bad": False, "kinds": [], "reason": "", "measures": {}, "interpolated": False, "masked": False}
    return {"name": name} | plain | more


def component(index, label, removed):
    return {
        "index": index,
        "label": label,
        "probability": 0.98,
        "probabilities": {label: 0.98},
        "eog_correlation": 0.9,
        "ecg_correlation": None,
        "variance_share": 0.2,
        "removed": removed,
        "why": "blinks" if removed else "",
    }


FULL = BARE | {
    "quality": BARE["quality"]
    | {
        "score": 0.8,
        "snr_db": 12.0,
        "artefact_share": 0.1,
        "found_share": dict.fromkeys(KINDS, 0.2),
        "residual_share": dict.fromkeys(KINDS, 0.1),
        "channel_scores": [0.9, 0.0],
    },
    "channels": [
        channel("C3", measures={"correlation": 0.9}),
        channel("C4", bad=True, kinds=["noise"], reason="noisy", interpolated=True),
        channel("P3", bad=True, kinds=["flat"], reason="flat", masked=True),
    ],
    "interpolated_channels": ["C4"],
    "masked_channels": ["P3"],
    "ica": {
        "note": "",
        "method": "picard",
        "converged": True,
        "variance_removed": 0.2,
        "flag": "much was removed",
        "components": [component(0, "eye", True), component(1, "brain", False)],
    },
    "pops": {"n_pops": 3, "n_spikes": 1, "n_repaired": 4, "first": []},
    "line_freq": 60.0,
    "steps": [
        {"step": "ica", "done": True, "note": "1 removed"},
        {"step": "drift", "done": False, "note": "x"},
    ],
    "second_score": encode_seconds([0.5, 1.0]),
    "second_artefact_share": encode_seconds([0.5, 0.0]),
    "second_snr_db": encode_seconds([10.0, 14.0]),
}
