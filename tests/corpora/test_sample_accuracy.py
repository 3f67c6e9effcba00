"""From the text of an annotation file to seizure samples of windows, held against exact fractions."""

from fractions import Fraction
from math import floor

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.corpora.event_table import make_events, read_annotations, united_seizures
from eeg_kedro.corpora.recording import Candidate
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.sampling.categories import CategorizeOptions
from eeg_kedro.sampling.manifest import build_manifest
from tests.corpora.stated_facts import NOWHERE, facts_of

RATES = (200, 250, 256, 400, 500, 512, 1000)
TICKS, SECONDS = 10_000, 60
SPANS = st.lists(
    st.tuples(st.integers(0, SECONDS * TICKS - 1), st.integers(100, 300_000)), min_size=1, max_size=6
)
KINDS = ("fnsz", "cpsz", "bckg", "tcsz")


def _decimal(ticks):
    return f"{ticks // TICKS}.{ticks % TICKS:04d}"


def _sample(ticks, sfreq):
    return floor(Fraction(ticks, TICKS) * sfreq + Fraction(1, 2))


def _mask(spans, sfreq):
    mask = np.zeros(SECONDS * sfreq, bool)
    for start, length in spans:
        mask[_sample(start, sfreq) : _sample(start + length, sfreq)] = True
    return mask


def _write_csv(spans):
    rows = [
        f"F{i}-T{i},{_decimal(start)},{_decimal(start + length)},{KINDS[i % 4]},1.0000"
        for i, (start, length) in enumerate(spans)
    ]
    return "channel,start_time,stop_time,label,confidence\n" + "\n".join(rows) + "\n"


def _write_tsv(spans):
    rows = [
        f"{_decimal(start)}\t{_decimal(length)}\t{KINDS[i % 4]}\tF{i}-T{i}"
        for i, (start, length) in enumerate(spans)
    ]
    return "onset\tduration\teventType\tchannels\n" + "\n".join(rows) + "\n"


def _events(folder, name, text, sfreq):
    (folder / name).write_text(text)
    found = read_annotations(SourceFile(str(folder), name), Candidate(NOWHERE))
    return make_events(found.annotations, facts_of(sfreq, SECONDS), {}, name)[0]


@pytest.mark.parametrize("sfreq", RATES)
@settings(max_examples=40)
@given(spans=SPANS)
def test_every_row_of_a_table_keeps_its_exact_samples(tmp_path_factory, sfreq, spans):
    folder = tmp_path_factory.getbasetemp()
    expected = [
        (
            _sample(start, sfreq),
            min(_sample(start + length, sfreq), SECONDS * sfreq),
            KINDS[i % 4],
            f"F{i}-T{i}",
        )
        for i, (start, length) in enumerate(spans)
        if _sample(start, sfreq) < SECONDS * sfreq
    ]
    for name, text in (("a.csv", _write_csv(spans)), ("a.tsv", _write_tsv(spans))):
        events = _events(folder, name, text, sfreq)
        found = [
            (e["onset_sample"], e["onset_sample"] + e["n_samples"], e["label"], e["channel"]) for e in events
        ]
        assert found == expected


@pytest.mark.parametrize("sfreq", RATES)
@settings(max_examples=25)
@given(spans=SPANS)
def test_windows_hold_exactly_the_united_seizure_samples(tmp_path_factory, sfreq, spans):
    events = _events(tmp_path_factory.getbasetemp(), "a.csv", _write_csv(spans), sfreq)
    truth = _mask([span for i, span in enumerate(spans) if KINDS[i % 4] != "bckg"], sfreq)
    n_seizures, samples = united_seizures(events)
    assert samples == truth.sum()
    assert n_seizures == np.count_nonzero(np.diff(np.r_[0, truth.astype(int)]) == 1)
    run = {"participant": "a", "run": "1"}
    table = pd.DataFrame([run | event for event in events], columns=[*run, *events[0]] if events else None)
    recordings = pd.DataFrame(
        [run | {"sfreq": float(sfreq), "n_times": SECONDS * sfreq, "annotated": True, "n_channels": 1}]
    )
    if events:
        manifest = build_manifest(recordings, table, CategorizeOptions(window_seconds=4, stride_seconds=1))
        windows = np.lib.stride_tricks.sliding_window_view(truth, 4 * sfreq)[::sfreq].sum(axis=1)
        assert manifest["seizure_samples"].tolist() == windows.tolist()
