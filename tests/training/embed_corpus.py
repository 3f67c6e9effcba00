"""Seven people whose seizures are a rhythm, as a materialised set, and a small embedder to be trained on it."""

import hashlib
from types import SimpleNamespace

import numpy as np
import pandas as pd

from eeg_kedro.io.open_windows import read_fingerprint
from eeg_kedro.models.encoder_options import EncoderOptions
from eeg_kedro.models.masked_pretrainer import build_pretrainer
from eeg_kedro.sampling.categories import CategorizeOptions
from eeg_kedro.sampling.manifest import build_manifest
from eeg_kedro.sampling.windows.materialise import MaterialiseOptions, plan_materialised
from eeg_kedro.sampling.windows.materialised import MaterialisedWindows
from eeg_kedro.sampling.windows.recorded_windows import RecordedWindows
from eeg_kedro.sampling.windows.window_reader import WindowReader
from eeg_kedro.training.embed_job import EmbedJob
from eeg_kedro.training.embed_options import EmbedOptions
from eeg_kedro.training.embedding import train_embedder
from eeg_kedro.training.model_file import PretrainedModel
from tests.written_windows import NAMES, write_run

ROLES = dict(zip("abcdefg", [*["train"] * 4, *["validation"] * 2, "test"], strict=True))
SECONDS = 24.0
SMALL = {
    "device": "cpu",
    "encoder": "conv",
    "conv": {"width": 8, "n_blocks": 2, "kernel": 3},
    "embedding_size": 6,
    "projection_size": 4,
    "augment": {"bandstop_share": 0.0, "shift_seconds": 0.2},
    "alarm": {"least_rank": 0.0, "least_distance": 0.0},
    "n_participants": 3,
    "n_windows": 4,
    "steps": 3,
    "loop": {"epochs": 2, "threads": 1, "patience": 0},
}


def write_corpus(folder, roles=ROLES, with_seizure=tuple(ROLES), dtype="float32"):
    """Write windows and the materialised set; return the table, the set, and where each run is."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {(name, "1"): _write(folder, name, name in with_seizure) for name in roles}
    events = pd.DataFrame(
        [(name, "1", 8.0, 9.0, "seiz") for name in roles if name in with_seizure],
        columns=["participant", "run", "onset", "duration", "label"],
    ).assign(kind="seizure")
    runs = pd.DataFrame([*files], columns=["participant", "run"]).assign(
        sfreq=50.0, n_times=int(50 * SECONDS), annotated=True, n_channels=3
    )
    runs["windows_fingerprint"] = [read_fingerprint(path, "_".join(key)) for key, path in files.items()]
    table = build_manifest(runs, events, CategorizeOptions(window_seconds=4.0, stride_seconds=1.0))
    role = table["participant"].map(roles)
    table = table.assign(split=role, role=role)
    source = RecordedWindows(WindowReader(files), table, events)
    plan_materialised(table, source, MaterialiseOptions(dtype=dtype)).write(folder / "set.safetensors")
    return SimpleNamespace(table=table, signals=MaterialisedWindows(folder / "set.safetensors"), files=files)


def _write(folder, name, seizure):
    """Noise of a size of its own for each person, and a rhythm of 10 Hz in the seizure."""
    number = ord(name) - ord("a")
    t = np.arange(int(50 * SECONDS)) / 50
    noise = (20 + 10 * number) * np.random.default_rng(number).standard_normal((3, t.size))
    rhythm = 60 * np.sin(2 * np.pi * 10 * t + number) * ((t >= 8) & (t < 17))
    return write_run(folder, (name, "1"), (noise + seizure * rhythm).astype(np.float32), NAMES)


def make_pretrained(seed=3, participants=("a", "b"), **about):
    """Make a pretrained model that knows C3 and FZ, not O1."""
    options = EncoderOptions(d_model=8, n_layers=2, d_state=4, headdim=8)
    network = build_pretrainer(options, 25, 25, seed)
    known = {"center": 0.0, "spread": 40.0}
    told = {
        "name": "tiny_mae",
        "options": {"encoder": options.effective()},
        "token_length": 25,
        "target_width": 25,
        "sfreq": 50.0,
        "channels": {
            "C3": {**known, "place": [-0.7, 0.0, 0.7]},
            "FZ": {**known, "spread": 20.0, "place": [0.0, 0.7, 0.7]},
        },
        "participants": {"train": [*participants], "validation": []},
    }
    return PretrainedModel("tiny_mae", told | about, network.state_dict())


def make_options(**changes):
    """Return the small options, changed in places named ``loss__objective`` or ``seed``."""
    values = {name: dict(value) if isinstance(value, dict) else value for name, value in SMALL.items()}
    for name, value in changes.items():
        block, _, leaf = name.rpartition("__")
        (values.setdefault(block, {}) if block else values)[leaf] = value
    return EmbedOptions(**values)


def make_job(corpus, store, pretrained=None, **changes):
    options = make_options(**({"encoder": "pretrained"} if pretrained else {}) | changes)
    return EmbedJob(options, corpus.table, corpus.signals, store, pretrained)


def train(job, **callbacks):
    """Train; return (stage, report) of every state that is worth keeping."""
    return list(train_embedder(job, **callbacks))


def digest(weights):
    """SHA-256 over names and bytes of all weights."""
    found = hashlib.sha256()
    for name in sorted(weights):
        found.update(name.encode() + weights[name].numpy().tobytes())
    return found.hexdigest()
