"""Events for tests of scoring: drawn ones that sit on the edges of the rules, and the annotated pairs of files."""

import json

import numpy as np
import pandas as pd

from eeg_kedro.io.annotation_csv import read_annotation_csv
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.scoring.events import RunEvents, events_of, read_events

DURATIONS = (1.0, 1.5, 2.25, 60.0, 600.0, 1234.56, 3600.0, 3599.995, 7200.04)
# gaps about 90 s, lengths about and above 300 s, halves of both grids, and what has no sample
STEPS = (90, 89.99, 90.05, 89.95, 0.04, 0.05, 0.3, 300, 600, 300.1, 29.97, 60.05, 1e-9, 33.3, 5)
KINDS = ("none", "always", "mask", "free", "rounded", "steps", "ends", "halves")


def run_events(duration, *pairs):
    starts, stops = np.array(pairs, np.float64).reshape(-1, 2).T
    return RunEvents(duration, starts, stops)


def draw_events(rng, duration):
    kind = rng.choice(KINDS)
    if kind == "none":
        return RunEvents(duration)
    if kind == "always":
        return run_events(duration, (0, duration))
    if kind == "mask":
        n_seconds = int(np.ceil(duration))
        drawn = np.repeat(rng.random(n_seconds) < 0.5, rng.integers(1, 200))[:n_seconds]
        return events_of(drawn, 1.0, duration)
    return _from_edges(np.clip(_draw_edges(rng, kind, duration), 0, duration), duration, rng)


def _draw_edges(rng, kind, duration):
    edges = np.sort(rng.uniform(0, duration, 2 * rng.integers(1, 12)))
    if kind == "steps":
        return np.cumsum(rng.choice(STEPS, edges.size)) + rng.choice([0, 0.1, 0.3, 7.77])
    if kind == "halves":
        return np.round(edges * 20) / 20
    if kind == "ends":
        edges[[0, -1]] = 0, duration
    return np.round(edges, rng.integers(0, 5)) if kind == "rounded" else edges


def _from_edges(edges, duration, rng):
    starts, stops = edges[::2].copy(), edges[1::2].copy()
    if rng.random() < 0.3:  # some touch the next one
        touch = rng.random(starts.size - 1) < 0.4
        stops[:-1][touch] = starts[1:][touch]
    there = starts < stops
    return RunEvents(duration, starts[there], stops[there])


def read_pairs(shared_data):
    """Read (name, reference, detections) of the two annotated files, and the numbers expected of them."""
    folder = shared_data / "scoring"
    expected = json.loads((folder / "csv_bi_expected.json").read_text())
    names = [entry["file"] for entry in expected["per_file"]]
    return [(name, *(_read_side(folder, side, name) for side in ("ref", "hyp"))) for name in names], expected


def _read_side(folder, side, name):
    found = read_annotation_csv(SourceFile(str(folder), f"csv_bi/{side}/{name}.csv_bi"))
    rows = [(a.onset, a.duration) for a in found.annotations]
    return read_events(pd.DataFrame(rows, columns=["onset", "duration"]), found.duration, name)
