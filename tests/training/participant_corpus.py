"""People with a label that can be read from their windows, and a small encoder that nobody trained."""

import numpy as np
import pandas as pd

from eeg_kedro.models.encoder_options import EncoderOptions
from eeg_kedro.models.masked_pretrainer import build_pretrainer
from eeg_kedro.training.model_file import PretrainedModel
from eeg_kedro.training.participant_job import ParticipantJob
from eeg_kedro.training.participant_labels import match_labels
from eeg_kedro.training.participant_options import ParticipantOptions

RATE, SAMPLES, TOKEN = 50.0, 200, 25
NAMES = ("C3", "C4", "OZ")
PLACES = ([-0.7, 0, 0.7], [0.7, 0, 0.7], [0, -1, 0])
ENCODER = EncoderOptions(d_model=8, n_layers=1, d_state=8, headdim=8)
PEOPLE = [f"p{number:02d}" for number in range(16)]
ROLES = ["train"] * 8 + ["validation"] * 4 + ["test"] * 4
SPLIT = pd.DataFrame({"participant": PEOPLE, "person": PEOPLE, "role": ROLES})
LABELS = pd.DataFrame({"participant": PEOPLE, "label": ["relapse", "remission"] * 8})
LOOP = {"epochs": 12, "batch_size": 4, "lr": 0.01, "patience": 0, "threads": 1}
SMALL = {
    "positive": "remission",
    "device": "cpu",
    "seeds": (0,),
    "n_windows": 3,
    "most_windows": 6,
    "loop": LOOP,
}


class PeopleWindows:
    """Eight windows of each person; in some of those in remission alpha is strong."""

    ch_names, sfreq, n_samples = NAMES, RATE, SAMPLES

    def __init__(self, people=PEOPLE, n_windows=8):
        rng, t = np.random.default_rng(0), np.arange(SAMPLES) / RATE
        alpha = 60 * np.sin(20 * np.pi * t)
        self.table = pd.DataFrame(
            [(who, "1", SAMPLES * i) for who in people for i in range(n_windows)],
            columns=["participant", "run", "window_start_sample"],
        )
        strong = [int(who[1:]) % 2 and i % 4 != 3 for who in people for i in range(n_windows)]
        noise = 20 * rng.standard_normal((len(self.table), len(NAMES), SAMPLES))
        self.samples = (noise + np.array(strong, float)[:, None, None] * alpha).astype(np.float32)
        self.asked = []

    def __len__(self):
        return len(self.samples)

    def gather(self, positions):
        self.asked += positions.tolist()
        return self.samples[positions].copy(), np.ones((len(positions), len(NAMES)), bool)


def make_pretrained(seed=0, **about):
    network = build_pretrainer(ENCODER, TOKEN, TOKEN, seed)
    channels = {
        name: {"center": 0.0, "spread": 50.0, "place": place}
        for name, place in zip(NAMES, PLACES, strict=True)
    }
    told = {
        "name": "tiny",
        "options": {"encoder": ENCODER.effective()},
        "token_length": TOKEN,
        "target_width": TOKEN,
        "sfreq": RATE,
        "channels": channels,
        "participants": {"train": ["p00"], "validation": ["p08"]},
    }
    return PretrainedModel("tiny", told | about, network.state_dict())


def make_options(**changes):
    """Return the small options; ``loop__epochs`` changes one of the loop."""
    values = SMALL | {"loop": dict(LOOP)}
    for name, value in changes.items():
        block, _, leaf = name.rpartition("__")
        (values[block] if block else values)[leaf] = value
    return ParticipantOptions(**values)


def make_job(folder, windows=None, labels=LABELS, split=SPLIT, pretrained=None, **changes):
    options, windows = make_options(**changes), windows or PeopleWindows()
    labelled = match_labels(labels, split, options)
    return ParticipantJob(options, labelled, windows, windows.table, pretrained or make_pretrained(), folder)
