import numpy as np
import pytest
from pydantic import ValidationError

from eeg_kedro.errors import SignalError
from eeg_kedro.signal.cleaning import CleanOptions, clean_recording
from eeg_kedro.signal.filters import design_filter, filter_resample
from tests.array_source import ArraySource

NAMES = ["FP1", "F3", "C3", "P3", "O1", "F7", "FZ", "CZ", "PZ", "A1"]
OFF = {"enabled": False}
STEPS_OFF = dict.fromkeys(("pops", "bad_channels", "ica", "drift", "wavelet", "quality"), OFF)
FILTER_ONLY = STEPS_OFF | {"notch": (60.0,), "interpolate": False}
AS_RECORDED = CleanOptions(reference="as_recorded", **FILTER_ONLY)
AVERAGE = CleanOptions(**FILTER_ONLY)


@pytest.fixture
def samples():
    noise = np.random.default_rng(0).standard_normal((len(NAMES), 40_000))
    return (20 * noise).astype(np.float32)


def row(n_times=40_000, **changes):
    known = {"participant": "p", "run": "r", "ch_names": NAMES, "sfreq": 256.0, "n_times": n_times}
    return known | {"reference": "LE", "montage": "referential", "missing_channels": ["F4"]} | changes


def clean(samples, options=None, **changes):
    options = options or AVERAGE
    return clean_recording(lambda: ArraySource(samples), row(samples.shape[1], **changes), options)


def collect(signal):
    return np.concatenate([block.copy() for block in signal.blocks], axis=1)


def test_the_blocks_are_the_filtered_signal(samples):
    signal = clean(samples, AS_RECORDED)
    expected = filter_resample(samples, design_filter(256, 256, 0.5, 50, (60,)))
    np.testing.assert_allclose(collect(signal), expected, atol=1e-5)
    assert (signal.n_times, signal.sfreq, signal.ch_names) == (40_000, 256.0, tuple(NAMES))


def test_the_average_reference_is_the_mean_of_scalp_channels_without_ears(samples):
    recorded, referenced = collect(clean(samples, AS_RECORDED)), collect(clean(samples))
    np.testing.assert_allclose(referenced, recorded - recorded[:-1].mean(axis=0), atol=1e-4)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_stretch_without_numbers_is_bridged_and_said(samples, value):
    spoiled = samples.copy()
    spoiled[2, 777:900] = value
    spoiled[2, [776, 900]] = samples[2, [776, 900]] = 0
    samples[2, 777:900] = 0
    signal = clean(spoiled)
    np.testing.assert_allclose(collect(signal), collect(clean(samples)), atol=1e-4)
    assert signal.metadata["steps"][0] == {
        "step": "gaps",
        "done": True,
        "note": "1 stretches without numbers bridged",
    }


def test_a_channel_that_is_mostly_no_number_is_masked_and_named(samples):
    samples[2, 5_000:30_000] = np.nan
    signal = clean(samples)
    assert "C3" not in signal.ch_names
    assert [bad["name"] for bad in signal.metadata["bad_channels"]] == ["C3"]
    assert np.isfinite(collect(signal)).all()


def test_a_flat_channel_is_masked_named_and_not_in_the_average(samples):
    with_flat = samples.copy()
    with_flat[3] = 1000
    signal = clean(with_flat)
    found, recorded = collect(signal), collect(clean(samples, AS_RECORDED))
    others = [0, 1, 2, 4, 5, 6, 7, 8]
    assert signal.metadata["flat_channels"] == ["P3"]
    np.testing.assert_allclose(found[0], (recorded[0] - recorded[others].mean(axis=0)), atol=1e-3)


@pytest.mark.parametrize(("montage", "n_flat"), [("bipolar", 0), ("unknown", 0), ("referential", 2)])
def test_where_an_average_makes_no_sense_the_reference_stays_and_a_note_says_why(samples, montage, n_flat):
    samples[:n_flat] = 0
    signal = clean(samples, montage=montage)
    assert signal.metadata["reference"] == "LE"
    assert "left as recorded" in signal.metadata["reference_note"]


def test_only_flat_channels_is_an_error_that_names_the_recording(samples):
    with pytest.raises(SignalError, match=r"p_r: no channel carries a signal"):
        clean(np.zeros_like(samples))


@pytest.mark.parametrize("changes", [{"n_times": 39_999}, {"sfreq": 250.0}])
def test_a_source_that_is_not_what_the_inventory_says_is_an_error(samples, changes):
    with pytest.raises(SignalError, match="inventory"):
        clean_recording(lambda: ArraySource(samples), row(**changes), AVERAGE)


def test_metadata_are_json_and_tell_what_was_done(samples):
    import json

    metadata = json.loads(json.dumps(clean(samples).metadata))
    assert metadata["missing_channels"] == ["F4"]
    assert metadata["filters"]["notch_freqs"] == [60.0]
    assert metadata["edge_seconds"] == pytest.approx(6.6, abs=0.01)
    assert (metadata["unit"], metadata["source_n_times"], metadata["reference"]) == ("uV", 40_000, "average")


OPTIONS = [{"l_freq": 60.0}, {"sfreq": 0}, {"notch": (0.5,)}, {"reference": "cz"}, {"x": 1}]


@pytest.mark.parametrize("values", OPTIONS)
def test_options_that_make_no_sense_are_refused(values):
    with pytest.raises(ValidationError):
        CleanOptions(**values)
