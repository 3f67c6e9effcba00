import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from eeg_kedro.errors import ParameterError
from eeg_kedro.sampling.segments import SEGMENT_TYPES, SegmentOptions, lay_out_segments

OPTIONS = SegmentOptions()
NO_EVENTS = pd.DataFrame(columns=["participant", "run", "onset", "duration", "label", "kind"])


def recordings(n_times=256 * 120, sfreq=256.0, annotated=True):
    row = {"participant": "p", "run": "1", "sfreq": sfreq, "n_times": n_times, "annotated": annotated}
    return pd.DataFrame([row | {"n_channels": 19}])


def event(onset, duration, label="seiz", kind="seizure"):
    return pd.DataFrame([("p", "1", onset, duration, label, kind)], columns=NO_EVENTS.columns)


@given(n_times=st.integers(0, 40_000), sfreq=st.sampled_from([128.0, 200.0, 256.0]))
def test_segments_are_complete_and_the_last_one_that_fits_is_there(n_times, sfreq):
    made = lay_out_segments(recordings(n_times, sfreq), NO_EVENTS, OPTIONS)
    ends = made["segment_start_sample"] + made["n_samples"]
    assert (ends <= n_times).all()
    length, stride = int(50 * sfreq), int(10 * sfreq)
    assert len(made) == len(range(0, n_times - length + 1, stride))


def test_the_middle_ten_seconds_are_in_the_middle():
    made = lay_out_segments(recordings(), NO_EVENTS, OPTIONS)
    assert made["onset"].tolist() == [0, 10, 20, 30, 40, 50, 60, 70]
    assert (made["center_onset"] - made["onset"]).unique().tolist() == [20.0]
    assert made["center_duration"].unique().tolist() == [10.0]


@pytest.mark.parametrize(
    ("onset", "duration", "touched"),
    [
        (30, 10, [1]),
        (29.99, 0.01, [0]),
        (30, 0.01, [1]),
        (25, 10, [0, 1]),
        (0, 20, []),
        (0, 120, [*range(8)]),
    ],
)
def test_labels_are_those_of_events_that_touch_the_middle(onset, duration, touched):
    made = lay_out_segments(recordings(), event(onset, duration), OPTIONS)
    assert np.flatnonzero(made["labels"] == "seiz").tolist() == touched
    assert np.flatnonzero(made["seizure_samples"]).tolist() == touched


def test_several_labels_are_sorted_and_united_and_background_is_none():
    events = [
        event(25, 9),
        event(28, 9, "fnsz"),
        event(0, 120, "bckg", "background"),
        event(22, 1, "LPD", "other"),
    ]
    made = lay_out_segments(recordings(), pd.concat([*events, events[0]]), OPTIONS)
    assert made["labels"].tolist()[:3] == ["LPD|fnsz|seiz", "fnsz|seiz", ""]
    assert made["seizure_samples"].tolist()[:2] == [5 * 256, 7 * 256]


def test_a_recording_nobody_annotated_has_no_labels():
    made = lay_out_segments(recordings(annotated=False), NO_EVENTS, OPTIONS)
    assert made["labels"].isna().all()


def test_quality_is_the_mean_of_the_seconds_by_overlap():
    seconds = pd.DataFrame({"participant": "p", "run": "1", "second": range(120)})
    seconds = seconds.assign(score=np.arange(120) / 120, artefact_share=0.25, snr_db=3.0)
    options = SegmentOptions(stride_seconds=2.5)
    made = lay_out_segments(recordings(), NO_EVENTS, options, seconds)
    assert made["quality"][0] == pytest.approx(np.arange(50).mean() / 120)
    partly = (0.5 * 2 + np.arange(3, 52).sum() + 0.5 * 52) / 50 / 120
    assert made["quality"][1] == pytest.approx(partly)
    assert made["artefact_share"].tolist() == [0.25] * len(made)
    assert lay_out_segments(recordings(), NO_EVENTS, OPTIONS)["quality"].isna().all()


def test_the_rows_of_the_spectrogram_lie_wholly_in_the_segment():
    made = lay_out_segments(recordings(), NO_EVENTS, SegmentOptions(stride_seconds=5), frames=(4.0, 2.0))
    for row in made.itertuples():
        starts = np.arange(59) * 2.0
        inside = np.flatnonzero((starts >= row.onset) & (starts + 4 <= row.onset + 50))
        assert [row.spectrogram_start, row.spectrogram_stop] == [inside[0], inside[-1] + 1]


def test_no_recording_gives_an_empty_table_with_all_columns():
    made = lay_out_segments(recordings().head(0), NO_EVENTS, OPTIONS)
    assert made.dtypes.astype(str).to_dict() == {
        name: str(pd.Series([], dtype=kind).dtype) for name, kind in SEGMENT_TYPES.items()
    }


def test_a_length_between_two_samples_is_refused_with_one_that_fits():
    with pytest.raises(ParameterError, match=r"extract\.segments\.segment_seconds=50\.0"):
        lay_out_segments(recordings(), NO_EVENTS, SegmentOptions(segment_seconds=50.001))


def test_a_middle_longer_than_the_segment_is_refused():
    with pytest.raises(ValidationError, match="center_seconds"):
        SegmentOptions(segment_seconds=5, center_seconds=6)
