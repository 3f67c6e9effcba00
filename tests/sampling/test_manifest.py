import json
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.errors import ParameterError
from eeg_kedro.sampling.categories import CATEGORIES, MANIFEST_TYPES, CategorizeOptions
from eeg_kedro.sampling.manifest import build_manifest


def recordings(*rows, sfreq=256.0, annotated=True):
    table = pd.DataFrame(rows, columns=["participant", "run", "n_times"])
    return table.assign(sfreq=sfreq, annotated=annotated, n_channels=19)


def events(*rows):
    columns = ["participant", "run", "onset", "duration", "label", "kind"]
    return pd.DataFrame([(*row, "seiz", "seizure")[:6] for row in rows], columns=columns)


def options(length, stride, **more):
    return CategorizeOptions(window_seconds=length, stride_seconds=stride, **more)


@pytest.fixture(scope="module")
def chbmit(shared_data):
    rows = pd.read_csv(shared_data / "chbmit" / "recordings.csv", dtype={"run": str})
    found = recordings(*zip(rows["patient"], rows["run"], rows["n_samples"], strict=True))
    rows = pd.read_csv(shared_data / "chbmit" / "seizures.csv", dtype={"run": str})
    return found, events(
        *rows[["patient", "run", "onset_s", "duration_s"]].itertuples(index=False, name=None)
    )


def count_by_hand(found, seizures, length, stride):
    """Count categories per recording with a boolean mask of samples and a loop over windows."""
    counts = dict.fromkeys(CATEGORIES, 0)
    for row in found.itertuples():
        mask = np.zeros(row.n_times, bool)
        mine = seizures[(seizures["participant"] == row.participant) & (seizures["run"] == row.run)]
        for event in mine.itertuples():
            first, last = (round(Fraction(t) * 256) for t in (event.onset, event.onset + event.duration))
            mask[first:last] = True
        for start in range(0, row.n_times - length * 256 + 1, stride * 256):
            window = mask[start : start + length * 256]
            counts[CATEGORIES[0 if not window.any() else 2 if window.all() else 1]] += 1
    return counts


@pytest.mark.parametrize(("length", "stride"), [(60, 15), (8, 8), (60, 10), (10, 5)])
def test_chb01_03_gives_the_published_counts(chbmit, shared_data, length, stride):
    wanted = json.loads((shared_data / "chbmit" / "expected_example.json").read_text())["example_chb01_03"]
    wanted = wanted[f"L{length}_S{stride}"]
    found, seizures = chbmit
    one = found[(found["participant"] == "chb01") & (found["run"] == "3")]
    counts = build_manifest(one, seizures, options(length, stride))["category"].value_counts()
    assert [int(counts.get(name, 0)) for name in CATEGORIES] == [
        wanted[k] for k in ("none", "partial", "full")
    ]
    assert counts.sum() == wanted["windows"]


@pytest.mark.parametrize("threshold", [0.99, 0.9])
@pytest.mark.parametrize(("length", "stride"), [(60, 15), (8, 8), (10, 5)])
def test_the_looser_thresholds_give_the_published_number_of_full_windows(
    chbmit, shared_data, length, stride, threshold
):
    wanted = json.loads((shared_data / "chbmit" / "expected_example.json").read_text())["example_chb01_03"]
    found, seizures = chbmit
    one = found[(found["participant"] == "chb01") & (found["run"] == "3")]
    full = build_manifest(one, seizures, options(length, stride, full_threshold=threshold))["category"]
    key = f"full_if_ratio_gt_{str(threshold).replace('.', '_')}"
    assert (full == "full_seizure").sum() == wanted[f"L{length}_S{stride}"][key]


@pytest.mark.parametrize(("length", "stride"), [(60, 15), (8, 8), (10, 5), (4, 7)])
def test_all_of_chbmit_equals_a_count_by_hand(chbmit, length, stride):
    counts = build_manifest(*chbmit, options(length, stride))["category"].value_counts()
    assert {name: counts.get(name, 0) for name in CATEGORIES} == count_by_hand(*chbmit, length, stride)


@settings(max_examples=60, deadline=None)
@given(
    n_times=st.lists(st.integers(1, 400), min_size=1, max_size=4),
    rate=st.lists(st.sampled_from([8.0, 16.0]), min_size=4, max_size=4),
    length=st.integers(1, 12),
    stride=st.integers(1, 12),
    spans=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 500), st.integers(1, 200)), max_size=8),
)
def test_seizure_samples_equal_those_of_a_mask(n_times, rate, length, stride, spans):
    found = recordings(*(("p", str(i), n) for i, n in enumerate(n_times)))
    found["sfreq"] = rate[: len(n_times)]
    seizures = events(
        *(("p", str(run), start / 16, n / 16, "ab"[n % 2], "seizure") for run, start, n in spans)
    )
    manifest = build_manifest(found, seizures, options(length / 8, stride / 8))
    masks = {str(i): np.zeros(n, bool) for i, n in enumerate(n_times)}
    for run, start, n in spans:
        if str(run) in masks:
            step = 16 / rate[run]
            masks[str(run)][int(start / step + 0.5) : int((start + n) / step + 0.5)] = True
    for row in manifest.itertuples():
        window = masks[row.run][row.window_start_sample : row.window_start_sample + row.n_samples]
        assert (window.size, window.sum()) == (row.n_samples, row.seizure_samples)


def test_a_recording_of_exactly_one_window_has_one_row_and_one_sample_less_has_none():
    found = recordings(("a", "1", 2048), ("b", "1", 2047))
    assert build_manifest(found, events(), options(8, 8))["participant"].tolist() == ["a"]


def test_the_last_sample_counts():
    manifest = build_manifest(recordings(("a", "1", 2048)), events(("a", "1", 0.0, 8.0)), options(8, 8))
    assert manifest["category"].tolist() == ["full_seizure"]


def test_overlapping_seizures_of_two_labels_are_united_and_both_named():
    seizures = events(("a", "1", 1.0, 2.0, "tcsz", "seizure"), ("a", "1", 2.0, 2.0, "fnsz", "seizure"))
    row = build_manifest(recordings(("a", "1", 4096)), seizures, options(8, 8)).iloc[0]
    assert (row["seizure_samples"], row["labels"]) == (3 * 256, "fnsz|tcsz")


def test_background_and_other_events_are_no_seizures():
    seizures = events(("a", "1", 0.0, 8.0, "bckg", "background"), ("a", "1", 0.0, 8.0, "impd", "other"))
    manifest = build_manifest(recordings(("a", "1", 2048)), seizures, options(8, 8))
    assert manifest["category"].tolist() == ["no_seizure"]


def test_a_recording_nobody_annotated_has_no_category():
    manifest = build_manifest(recordings(("a", "1", 4096), annotated=False), events(), options(8, 8))
    assert manifest["category"].isna().all()


def test_the_order_of_the_tables_does_not_matter():
    found = recordings(("b", "1", 9999), ("a", "2", 9999), ("a", "1", 9999))
    seizures = events(("a", "2", 3.0, 9.0), ("b", "1", 1.0, 2.0))
    wanted = build_manifest(found, seizures, options(8, 4))
    pd.testing.assert_frame_equal(build_manifest(found[::-1], seizures[::-1], options(8, 4)), wanted)
    assert wanted["participant"].is_monotonic_increasing


def test_runs_of_different_rates_stay_in_order():
    found = recordings(("a", "1", 2560), ("a", "2", 2000), ("b", "1", 2560))
    found["sfreq"] = [256.0, 200.0, 256.0]
    manifest = build_manifest(found, events(("a", "2", 4.0, 1.0)), options(5, 5))
    assert manifest["run"].tolist() == ["1", "1", "2", "2", "1", "1"]
    assert manifest["seizure_samples"].tolist() == [0, 0, 200, 0, 0, 0]


def test_no_recording_gives_an_empty_table_with_all_columns():
    manifest = build_manifest(recordings(), events(), options(8, 8))
    assert {name: str(kind) for name, kind in manifest.dtypes.items()} == MANIFEST_TYPES


def test_a_window_between_two_samples_is_refused_with_the_nearest_that_fits():
    found = recordings(("a", "1", 9999), sfreq=250.0)
    with pytest.raises(ParameterError, match=r"window_seconds.*250 Hz.*set categorize.window_seconds=0.124"):
        build_manifest(found, events(), options(0.125, 1))


def test_two_recordings_of_one_name_are_refused():
    with pytest.raises(ParameterError, match="a_1: two recordings"):
        build_manifest(recordings(("a", "1", 9), ("a", "1", 9)), events(), options(8, 8))
