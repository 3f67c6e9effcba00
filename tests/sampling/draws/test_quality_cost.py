import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.errors import NoSeizureError
from eeg_kedro.sampling.categories import CategorizeOptions
from eeg_kedro.sampling.draws.balance import BalanceOptions, draw_balanced
from eeg_kedro.sampling.manifest import build_manifest

SPLIT = pd.DataFrame({"participant": ["a", "b"], "person": ["a", "b"], "role": ["train", "test"]}).assign(
    split=["train", "test"]
)
OPTIONS = CategorizeOptions(window_seconds=8, stride_seconds=4)


def events(*rows):
    table = pd.DataFrame(rows, columns=["participant", "run", "onset", "duration"])
    return table.assign(label="seiz", kind="seizure")


def manifest(seizures, quality, seconds=200):
    found = pd.DataFrame({"participant": ["a", "b"], "run": "1", "n_times": seconds * 16})
    found = found.assign(sfreq=16.0, annotated=True, n_channels=19)
    return build_manifest(found, seizures, OPTIONS).assign(
        quality=lambda table: quality(table).astype(np.float32)
    )


def report(seizures, quality, least=0.5):
    table = manifest(seizures, quality)
    made = draw_balanced(table, SPLIT, BalanceOptions(min_quality=least), seizures)
    return made.windows, made.report.set_index("split")


SEIZURES = events(
    ("a", "1", 10.0, 6.0), ("a", "1", 12.0, 9.0), ("a", "1", 100.0, 10.0), ("b", "1", 50.0, 9.0)
)


def test_windows_below_the_least_quality_are_not_drawn_and_counted():
    drawn, told = report(SEIZURES, lambda table: (table["onset"] >= 60).astype(float))
    assert (drawn["onset"] >= 60).all()
    assert told["excluded_windows"].tolist() == [15, 0, 15]
    assert told.loc["train", "n_windows"] == len(manifest(SEIZURES, lambda table: table["onset"])) / 2


def test_seizures_no_window_is_left_of_are_counted_once_united():
    _, told = report(SEIZURES, lambda table: (table["onset"] >= 60).astype(float))
    assert told[["seizures", "seizures_lost"]].loc[["train", "test"]].to_numpy().tolist() == [[2, 1], [1, 1]]
    assert told.loc["train", "excluded_seizure_windows"] == 5


def test_a_seizure_with_one_good_window_is_not_lost():
    _, told = report(SEIZURES, lambda table: (table["onset"] != 12).astype(float))
    assert (told.loc["train", "seizures_lost"], told.loc["train", "excluded_seizure_windows"]) == (0, 1)


def test_a_window_of_unknown_quality_is_kept():
    _, told = report(SEIZURES, lambda table: table["onset"] * np.nan)
    assert told["excluded_windows"].tolist() == [0, 0, 0]


def test_without_a_least_quality_nothing_is_left_out():
    _, told = report(SEIZURES, lambda table: table["onset"] * 0, least=0.0)
    assert told[["excluded_windows", "seizures_lost"]].sum().tolist() == [0, 0]


def test_without_events_the_seizures_are_unknown():
    table = manifest(SEIZURES, lambda table: table["onset"] * 0 + 1)
    told = draw_balanced(table, SPLIT, BalanceOptions(min_quality=0.5)).report
    assert told[["seizures", "seizures_lost"]].isna().all(axis=None)


def test_a_manifest_without_quality_is_taken_as_it_is():
    table = manifest(SEIZURES, lambda table: table["onset"]).drop(columns="quality")
    told = draw_balanced(table, SPLIT, BalanceOptions(min_quality=0.9), SEIZURES).report
    assert told["excluded_windows"].tolist() == [0, 0, 0]


def test_if_nothing_is_good_enough_the_advice_says_so():
    with pytest.raises(NoSeizureError, match=r"below balance\.min_quality: lower it"):
        report(SEIZURES, lambda table: table["onset"] * 0)


@settings(max_examples=40, deadline=None)
@given(
    spans=st.lists(st.tuples(st.integers(0, 190), st.integers(1, 30)), min_size=1, max_size=5),
    bad=st.sets(st.integers(0, 48)),
)
def test_lost_seizures_equal_a_count_by_hand(spans, bad):
    seizures = events(*(("b", "1", float(a), float(n)) for a, n in spans), ("a", "1", 90.0, 5.0))
    _, told = report(
        seizures, lambda table: 1.0 - (table["window_index"].isin(bad) & (table["participant"] == "b"))
    )
    mask = np.zeros(200 * 16, bool)
    for onset, duration in spans:
        mask[onset * 16 : (onset + duration) * 16] = True
    edges = np.flatnonzero(np.diff(np.r_[False, mask, False].astype(int))).reshape(-1, 2)
    good = [set(range(k * 64, k * 64 + 128)) for k in range(49) if k not in bad]
    lost = sum(not any(window & set(range(*edge)) for window in good) for edge in edges)
    assert told.loc["test", ["seizures", "seizures_lost"]].tolist() == [len(edges), lost]
