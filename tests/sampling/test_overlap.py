import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.errors import SplitError
from eeg_kedro.sampling.folds import FoldOptions, make_folds
from eeg_kedro.sampling.overlap import assert_copies_together, assert_no_shared_signal
from eeg_kedro.sampling.splits import SplitOptions

NAMES = ["participant", "run", "window_start_sample", "n_samples", "sfreq", "split"]
A, B, COPY = ("a", "1"), ("b", "1"), {("a", "1"): "hash", ("b", "1"): "hash"}


def windows(*rows):
    return pd.DataFrame(rows, columns=NAMES).astype(dict.fromkeys(("participant", "run", "split"), "str"))


def refused(table, sources=None):
    try:
        assert_no_shared_signal(table, sources)
    except SplitError as error:
        return str(error)
    return ""


def brute_force(rows, sources):
    def recording(row):
        return sources.get(row[:2], "") or row[:2]

    found = set()
    for i, j in itertools.combinations(range(len(rows)), 2):
        (*_, start, n, rate, side), (*_, other, m, other_rate, other_side) = rows[i], rows[j]
        shares = start / rate < (other + m) / other_rate and other / other_rate < (start + n) / rate
        if recording(rows[i]) == recording(rows[j]) and side != other_side and shares:
            found |= {i, j}
    return found


# powers of two as rates, so that brute force compares exact times
ROW = st.tuples(
    st.sampled_from("ab"),
    st.sampled_from("12"),
    st.integers(0, 40),
    st.integers(1, 25),
    st.sampled_from([64.0, 128.0]),
    st.sampled_from(["train", "validation", "test"]),
)
HASHES = st.dictionaries(st.sampled_from([*itertools.product("ab", "12")]), st.sampled_from(["", "x", "y"]))


@settings(max_examples=400, deadline=None)
@given(st.lists(ROW, max_size=12), HASHES)
def test_it_agrees_with_brute_force_and_counts_the_windows(rows, sources):
    found, message = brute_force(rows, sources), refused(windows(*rows), sources)
    assert bool(found) == bool(message)
    if found:
        assert f"in all {len(found)} windows" in message


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, min_size=2, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows, random):
    shuffled = random.sample(rows, len(rows))
    assert bool(refused(windows(*rows))) == bool(refused(windows(*shuffled)))


def test_windows_that_touch_share_nothing():
    assert not refused(windows((*A, 0, 256, 256.0, "train"), (*A, 256, 256, 256.0, "test")))


def test_one_common_sample_is_refused_naming_both_windows():
    message = refused(windows((*A, 512, 256, 256.0, "test"), (*A, 257, 256, 256.0, "train")))
    assert "train: a_1 at 1.00391 s and test: a_1 at 2 s; in all 2 windows of 1 recording" in message
    assert "build the split again" in message


def test_a_long_window_is_seen_behind_short_ones_of_its_own_split():
    rows = [(*A, 0, 1000, 256.0, "train"), (*A, 10, 20, 256.0, "train"), (*A, 900, 50, 256.0, "test")]
    assert "train: a_1 at 0 s and test" in refused(windows(*rows))


def test_windows_of_one_split_may_overlap_as_they_like():
    assert not refused(windows(*((*A, 10 * i, 500, 256.0, "train") for i in range(50))))


def test_two_recordings_do_not_meet():
    assert not refused(windows((*A, 0, 256, 256.0, "train"), (*B, 0, 256, 256.0, "test")))
    assert not refused(windows((*A, 0, 256, 256.0, "train"), ("a", "2", 0, 256, 256.0, "test")))


def test_a_file_copied_to_another_patient_is_refused_with_what_to_do():
    table = windows((*A, 0, 256, 256.0, "train"), (*B, 128, 256, 256.0, "test"))
    message = refused(table, COPY)
    assert "train: a_1 at 0 s and test: b_1 at 0.5 s" in message
    assert "remove one, or tell that both participants are one person with ingest.persons" in message


@pytest.mark.parametrize("sources", [{A: "", B: ""}, {A: np.nan, B: np.nan}, {A: "x", B: "y"}, {A: "x"}, {}])
def test_unknown_or_different_hashes_keep_recordings_apart(sources):
    table = windows((*A, 0, 256, 256.0, "train"), (*B, 0, 256, 256.0, "test"))
    assert not refused(table, sources)


@pytest.mark.parametrize(("start", "meets"), [(199, True), (200, False), (0, True), (400, False)])
def test_copies_at_two_rates_are_compared_in_seconds(start, meets):
    table = windows((*A, 0, 256, 256.0, "train"), (*B, start, 200, 200.0, "test"))
    assert bool(refused(table, COPY)) == meets


@pytest.mark.parametrize("k", [1, 3, 100_003, 10**10])
def test_copies_at_rates_without_exact_binary_touch_and_share_nothing(k):
    rows = [(*A, k - 1, 1, 33.3, "train"), (*B, 3 * k, 3, 99.9, "test"), (*A, k + 1, 9, 33.3, "train")]
    assert not refused(windows(*rows), COPY)
    assert refused(windows((*A, k - 1, 1, 33.3, "train"), (*B, 3 * k - 1, 3, 99.9, "test")), COPY)


def test_recordings_whose_windows_lie_late_do_not_meet():
    rows = [(*A, 1000, 1, 1.0, "train"), (*A, 1001, 1, 1.0, "test")]
    rows += [(*B, 998, 1, 1.0, "train"), (*B, 999, 1, 1.0, "test")]
    assert not refused(windows(*rows))


def test_empty_windows_and_no_windows_share_nothing():
    assert not refused(windows())
    assert not refused(windows((*A, 0, 256, 256.0, "train"), (*A, 5, 0, 256.0, "test")))


def test_a_window_in_no_split_is_refused():
    table = windows((*A, 0, 256, 256.0, "train"), (*A, 5, 1, 256.0, "test"))
    table.loc[1, "split"] = None
    assert "windows without split (found 1)" in refused(table)


def test_names_and_order_of_the_table_are_as_they_were():
    table = windows((*A, 300, 9, 256.0, "train"), (*A, 0, 256, 256.0, "test")).set_index(pd.Index([7, 7]))
    kept = table.copy()
    assert_no_shared_signal(table)
    pd.testing.assert_frame_equal(table, kept)


def test_one_leak_is_found_in_a_large_table():
    run, k = np.divmod(np.arange(20_000), 100)
    table = pd.DataFrame({"participant": "p", "window_start_sample": 3840 * k, "n_samples": 15360})
    split = np.where(run % 2, "train", "test")
    table = table.assign(run=[f"r{i}" for i in run], sfreq=256.0, split=pd.array(split, dtype="str"))
    assert not refused(table)
    table.loc[17_050, "split"] = "validation"
    assert "p_r170: windows of two splits" in refused(table)
    assert "in all 7 windows of 1 recording" in refused(table)


def folds_of_copies(split):
    table = pd.DataFrame({"participant": list("abcdef"), "person": list("abcdef"), "split": "train"})
    table = table.assign(role="train", origin="drawn", n_runs=1, hours=1.0, n_seizures=1, n_windows=9)
    table = table.assign(partial_windows=[3, 3, 2, 2, 1, 1], seizure_windows=3)
    return make_folds(table, FoldOptions(kind="k_fold", n_folds=split, inner_folds=2), SplitOptions())


def test_copies_that_folds_would_train_and_test_on_are_refused():
    folds = folds_of_copies(3)
    tested = folds[folds["side"] == "test"].set_index("participant")["fold"]
    other = next(who for who in "bcdef" if tested[who] != tested["a"])
    with pytest.raises(SplitError, match=rf"copies of one recording.*'a', '{other}'.*ingest.persons"):
        assert_copies_together(folds, {("a", "1"): "x", (other, "1"): "x", ("b", "2"): "", ("c", "2"): ""})


def test_copies_of_one_participant_and_unknown_hashes_are_no_matter():
    sources = {("a", "1"): "x", ("a", "2"): "x", ("b", "1"): "", ("c", "1"): None, ("z", "1"): "x"}
    assert_copies_together(folds_of_copies(3), sources)
