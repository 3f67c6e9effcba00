"""Four participants with short recordings in real window files, and plans laid over them."""

from types import SimpleNamespace

import pandas as pd

from eeg_kedro.sampling.pretrain_plan import plan_sequences
from eeg_kedro.sampling.windows.window_reader import WindowReader
from eeg_kedro.signal.positions import electrode_positions
from eeg_kedro.training.pretrain_options import PretrainOptions
from tests.written_windows import make_samples, write_run

CHANNELS = {
    ("a", "1"): ("C3", "FZ", "O1"),
    ("a", "2"): ("O1", "C3"),
    ("b", "1"): ("FZ", "C3", "CZ"),
    ("c", "1"): ("C3", "O1"),
    ("d", "1"): ("C3", "O1"),
}
LENGTHS = {("a", "1"): 1234, ("a", "2"): 610, ("b", "1"): 455, ("c", "1"): 900, ("d", "1"): 500}
SIGNALS = {key: make_samples(LENGTHS[key], len(CHANNELS[key]), i) for i, key in enumerate(CHANNELS)}
ROLES = {"a": "train", "b": "train", "c": "validation", "d": "test"}


def write_corpus(folder, keys=tuple(CHANNELS), **metadata):
    for key in keys:
        write_run(folder, key, SIGNALS[key], CHANNELS[key], **metadata)
    return WindowReader.of_folder(folder)


def make_split(**roles):
    roles = roles or ROLES
    return pd.DataFrame({"participant": [*roles], "person": [*roles], "role": [*roles.values()]})


def make_options(**changes):
    """Tokens of 20 samples (0.4 s), sequences of at most 25, batches of 4."""
    small = {"token_length": 20, "max_tokens": 25, "loop": {"batch_size": 4}, "mask_sharing": "none"}
    return PretrainOptions.model_validate(small | changes)


def places(names):
    return electrode_positions(names)[0]


def make_plan(reader, split=None, seconds=None, files=None, **changes):
    split = make_split() if split is None else split
    return plan_sequences(reader, split, make_options(**changes), places, seconds, files)


def make_seconds(score=1.0, **bad):
    """Quality of every second of every run; ``a_1=[3, 4]`` makes seconds bad."""
    rows = []
    for (participant, run), n_times in LENGTHS.items():
        spoilt = bad.get(f"{participant}_{run}", [])
        seconds = range(-(-n_times // 50))
        rows += [(participant, run, i, 0.1 if i in spoilt else score, 0.0, 9.0) for i in seconds]
    columns = ["participant", "run", "second", "score", "artefact_share", "snr_db"]
    return pd.DataFrame(rows, columns=columns).astype({"score": "float32"})


def tokens_of(row, length=20):
    """Cut the tokens of a row of the plan out of the arrays, (T, L) microvolts."""
    key = (row.participant, row.run)
    signal = SIGNALS[key][CHANNELS[key].index(row.channel)]
    return signal[row.start_sample :][: row.n_tokens * length].reshape(row.n_tokens, length)


def reader_of(layouts):
    """Stand for a reader that only ever tells layouts: {(participant, run): (n_times, ch_names)}."""
    found = {
        key: SimpleNamespace(
            n_times=n,
            ch_names=names,
            sfreq=rest[0] if rest else 50.0,
            fingerprint=1,
            interpolated_channels=(),
        )
        for key, (n, names, *rest) in layouts.items()
    }
    return SimpleNamespace(runs=tuple(sorted(found)), layout=lambda *key: found[key])
