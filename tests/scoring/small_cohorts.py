"""Small tables of predictions, events and runs, with seizures where one wants them."""

from math import ceil

import numpy as np
import pandas as pd

ROLES = {"a": "validation", "b": "validation", "c": "test", "d": "test", "e": "test", "f": "test"}
SEIZURE = (300.0, 60.0)  # onset and duration (s) in every annotated run
NETWORKS = ("pretrained", "scratch")
COLUMNS = [
    "model",
    "name",
    "seed",
    "participant",
    "run",
    "role",
    "duration",
    "probability",
    "prior_trained",
    "prior_true",
]


def inventory(roles=ROLES, duration=1800.0, annotated=True):
    rows = [(who, "1", duration, annotated) for who in roles]
    return pd.DataFrame(rows, columns=["participant", "run", "duration", "annotated"])


def events(roles=ROLES, onset=SEIZURE[0], duration=SEIZURE[1], kind="seizure"):
    rows = [(who, "1", onset, duration, kind) for who in roles]
    return pd.DataFrame(rows, columns=["participant", "run", "onset", "duration", "kind"])


def curve(duration, spans=(), level=0.9, low=0.01):
    """Probability `level` in the spans (onset, duration), `low` elsewhere, one per second."""
    values = np.full(ceil(duration), low)
    for onset, length in spans:
        values[int(onset) : int(onset + length)] = level
    return values


def predictions(models, roles=ROLES, duration=1800.0, seeds=(0,)):
    """One row per model, seed and participant; `models` maps a name to a function of the participant -> spans."""
    rows = [
        {
            "model": model,
            "name": f"{model}_s{seed}" if model in NETWORKS else model,
            "seed": seed,
            "participant": who,
            "run": "1",
            "role": role,
            "duration": duration,
            "probability": curve(duration, spans(who)),
            "prior_trained": 0.3,
            "prior_true": 0.03,
        }
        for model, spans in models.items()
        for seed in seeds
        for who, role in roles.items()
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def perfect(_):
    return [SEIZURE]


def alarming(_):
    """The seizure, and an hour's worth of false alarms."""
    return [SEIZURE, *((900.0 + 200 * k, 20.0) for k in range(4))]


def silent(_):
    return []
