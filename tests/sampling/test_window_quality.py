import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.sampling.categories import CategorizeOptions
from eeg_kedro.sampling.manifest import build_manifest

NO_EVENTS = pd.DataFrame(columns=["participant", "run", "onset", "duration", "label", "kind"])


def recordings(lengths, sfreq=16.0):
    table = pd.DataFrame({"participant": "a", "run": [str(i) for i in range(len(lengths))]})
    return table.assign(n_times=lengths, sfreq=sfreq, annotated=True, n_channels=19)


def seconds(scores):
    rows = [("a", run, k, score) for run, own in scores.items() for k, score in enumerate(own)]
    table = pd.DataFrame(rows, columns=["participant", "run", "second", "score"])
    return table.assign(artefact_share=1 - table["score"], snr_db=10 * table["score"])


def manifest(found, told, length=4.0, stride=1.0):
    options = CategorizeOptions(window_seconds=length, stride_seconds=stride)
    return build_manifest(found, NO_EVENTS, options, told)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.integers(1, 200), min_size=1, max_size=3), st.integers(1, 60), st.integers(1, 40), st.data()
)
def test_a_window_has_the_mean_of_its_samples_quality(lengths, length, stride, data):
    scores = {
        str(i): data.draw(st.lists(st.floats(0, 1), min_size=-(-n // 16), max_size=-(-n // 16)))
        for i, n in enumerate(lengths)
    }
    table = manifest(recordings(lengths), seconds(scores), length / 16, stride / 16)
    for row in table.itertuples():
        by_sample = np.repeat(scores[row.run], 16)[row.window_start_sample :][: row.n_samples]
        assert row.quality == pytest.approx(by_sample.mean(), abs=1e-6)
        assert row.artefact_share == pytest.approx(1 - by_sample.mean(), abs=1e-6)


def test_the_last_and_shorter_second_counts_with_its_part():
    table = manifest(recordings([72]), seconds({"0": [1, 1, 1, 1, 0]}), 4.5, 4.5)
    assert table["quality"].tolist() == pytest.approx([4 / 4.5])


def test_a_run_nobody_looked_at_has_no_quality_and_the_others_have():
    table = manifest(recordings([64, 64]), seconds({"1": [0.5] * 4}))
    assert table["quality"].isna().tolist() == [True, False]
    assert table["snr_db"].iat[1] == 5.0


def test_a_run_that_is_longer_than_what_was_looked_at_has_none_where_it_ends():
    table = manifest(recordings([96]), seconds({"0": [0.5] * 5}), 4.0, 2.0)
    assert table["quality"].isna().tolist() == [False, True]


@pytest.mark.parametrize("told", [None, seconds({})])
def test_without_seconds_no_window_has_a_quality(told):
    table = manifest(recordings([64]), told)
    assert table[["quality", "artefact_share", "snr_db"]].isna().all(axis=None)


def test_categories_and_texts_give_the_same():
    told = seconds({"0": [0.2] * 5, "1": [0.9] * 5})
    coded = told.astype({"participant": "category", "run": "category"})
    pd.testing.assert_frame_equal(manifest(recordings([80, 80]), told), manifest(recordings([80, 80]), coded))


def test_what_is_unknown_in_one_run_stays_there():
    told = seconds({"0": [0.5] * 4, "1": [0.5] * 4})
    told.loc[told["run"] == "0", "snr_db"] = np.nan
    table = manifest(recordings([64, 64]), told)
    assert table["snr_db"].isna().tolist() == [True, False]
    assert table["quality"].tolist() == [0.5, 0.5]
