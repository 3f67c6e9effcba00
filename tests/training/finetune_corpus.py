"""Four people with a rhythm for a seizure, as window files and tables, and small detectors to be trained on them."""

import numpy as np
import pandas as pd

from eeg_kedro.models.masked_pretrainer import build_pretrainer
from eeg_kedro.sampling.categories import CategorizeOptions
from eeg_kedro.sampling.draws.balance import draw_balanced
from eeg_kedro.sampling.draws.balance_options import BalanceOptions
from eeg_kedro.sampling.manifest import build_manifest
from eeg_kedro.sampling.pretrain_plan import plan_sequences
from eeg_kedro.sampling.windows.materialise import MaterialiseOptions, plan_materialised
from eeg_kedro.sampling.windows.materialised import MaterialisedWindows
from eeg_kedro.sampling.windows.recorded_windows import RecordedWindows
from eeg_kedro.sampling.windows.window_reader import WindowReader
from eeg_kedro.signal.electrode_places import place_channels
from eeg_kedro.training.finetune_job import FinetuneJob
from eeg_kedro.training.finetune_options import FinetuneOptions
from eeg_kedro.training.model_file import PretrainedModel
from eeg_kedro.training.pretrain_job import PretrainJob
from tests.training.pretrain_corpus import make_options as pretrain_options
from tests.written_windows import NAMES, write_run

SFREQ, TOKEN, SECONDS = 50.0, 50, 4.0  # Hz, samples, s of a window
ROLES = {"a": "train", "b": "train", "c": "validation", "d": "test"}
LENGTHS = {("a", "1"): 2017, ("b", "1"): 1600, ("c", "1"): 1433, ("c", "2"): 50, ("d", "1"): 199}
SEIZURES = {("a", "1"): (12.0, 9.0), ("b", "1"): (20.0, 6.5), ("c", "1"): (8.0, 7.0)}  # onset, duration
BALANCE = BalanceOptions.model_validate({"none_ratio": 1.0, "materialise": {"dtype": "float32"}})
SMALL = {
    "device": "cpu",
    "seeds": [0],
    "models": ["pretrained"],
    "hidden": 8,
    "eegnet": {"f1": 2, "f2": 4, "context_seconds": 3.0},
    "loop": {"epochs": 2, "batch_size": 6, "threads": 1, "lr": 0.003},
}


def make_finetune_options(**changes):
    """Return the small options, changed in places named ``loop__epochs`` or ``head``."""
    values = {name: dict(value) if isinstance(value, dict) else value for name, value in SMALL.items()}
    for name, value in changes.items():
        block, _, leaf = name.rpartition("__")
        (values.setdefault(block, {}) if block else values)[leaf] = value
    return FinetuneOptions.model_validate(values)


def write_people(folder):
    """Write the windows of every run; return where each is."""
    folder.mkdir(exist_ok=True)
    files = {}
    for number, (key, n_times) in enumerate(LENGTHS.items()):
        t = np.arange(n_times) / SFREQ
        samples = 20 * np.random.default_rng(number).standard_normal((3, n_times))
        onset, duration = SEIZURES.get(key, (0.0, 0.0))
        samples += 60 * np.sin(2 * np.pi * 4 * t) * ((t >= onset) & (t < onset + duration))
        files[key] = write_run(folder, key, samples.astype(np.float32), NAMES)
    return files


def make_tables(files):
    """Return manifest, split and events as the pipelines before make them."""
    reader = WindowReader(files)
    runs = pd.DataFrame([*files], columns=["participant", "run"])
    layouts = [reader.layout(*key) for key in files]
    runs = runs.assign(
        sfreq=SFREQ,
        n_times=[layout.n_times for layout in layouts],
        annotated=True,
        n_channels=3,
        windows_fingerprint=[layout.fingerprint for layout in layouts],
    )
    rows = [(*key, onset, duration, "seiz", "seizure") for key, (onset, duration) in SEIZURES.items()]
    events = pd.DataFrame(rows, columns=["participant", "run", "onset", "duration", "label", "kind"])
    cut = CategorizeOptions(window_seconds=SECONDS, stride_seconds=1.0)
    split = pd.DataFrame({"participant": [*ROLES], "person": [*ROLES], "role": [*ROLES.values()]})
    return build_manifest(runs, events, cut), split.assign(split=split["role"]), events


def make_pretrained(files, seed=5):
    """Return an encoder nobody trained, as `pretrain` would save it."""
    options = pretrain_options(token_length=TOKEN)
    sides = pd.DataFrame({"participant": ["a", "b", "c"], "role": ["train", "train", "validation"]})
    reader = WindowReader({key: place for key, place in files.items() if LENGTHS[key] > 200})
    plan = plan_sequences(reader, sides, options, place_channels)
    about = PretrainJob(options, plan, {}, None).about(1)
    network = build_pretrainer(options.encoder, TOKEN, about["target_width"], seed)
    return PretrainedModel(about["name"], about, dict(network.state_dict()))


def make_finetune_job(folder, files=None, store=None, balance=BALANCE, keep=None, **changes):
    """Return a job on the four people; ``keep``: participants that are there."""
    files = files or write_people(folder / "windows")
    manifest, split, events = make_tables(files)
    if keep is not None:
        split = split[split["participant"].isin(keep)].reset_index(drop=True)
        manifest = manifest[manifest["participant"].isin(keep)].reset_index(drop=True)
    balanced = draw_balanced(manifest, split, balance).windows
    source = RecordedWindows(WindowReader(files, ch_names=NAMES), balanced, events)
    place = folder / "signals.safetensors"
    plan_materialised(balanced, source, MaterialiseOptions(dtype="float32")).write(place)
    return FinetuneJob(
        make_finetune_options(**changes),
        balanced,
        MaterialisedWindows(place),
        files,
        manifest,
        split,
        events,
        None,
        balance,
        make_pretrained(files),
        50.0,
        store or folder / "last",
    )
