from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly

from eeg_kedro.errors import ParameterError, SignalError
from eeg_kedro.signal.filters import (
    design_filter,
    filter_resample,
    filter_resample_blocks,
    resampled_length,
)


def tone(freq, sfreq, seconds=60.0):
    return np.sin(2 * np.pi * freq * np.arange(round(seconds * sfreq)) / sfreq)[None].astype(np.float32)


def walk(n_times, n_channels=2, seed=0):
    steps = np.random.default_rng(seed).standard_normal((n_channels, n_times))
    return (np.cumsum(steps, axis=1) + 500).astype(np.float32)


def relative_rms(found, expected):
    return np.sqrt(np.mean((found - expected) ** 2) / np.mean(expected**2))


def rms(x):
    return float(np.sqrt(np.mean(x[:, 2000:-2000] ** 2)))


def run_mne(x, sfreq, sfreq_out):
    import mne

    y = mne.filter.filter_data(x.astype(np.float64), sfreq, 0.5, 50, verbose="ERROR")
    y = mne.filter.notch_filter(y, sfreq, 60, verbose="ERROR")
    if sfreq == sfreq_out:
        return y
    return mne.filter.resample(y, sfreq_out, sfreq, npad="auto", pad="reflect_limited", verbose="ERROR")


@pytest.mark.parametrize(("sfreq", "sfreq_out"), [(256, 256), (256, 200), (512, 256), (500, 250)])
def test_one_pass_equals_mnes_three_calls_edges_included(sfreq, sfreq_out):
    x = walk(600 * sfreq, 1)  # long: MNE's own resampler rings near the ends of short recordings
    found = filter_resample(x, design_filter(sfreq, sfreq_out, 0.5, 50, (60,)))
    expected = run_mne(x, sfreq, sfreq_out)
    assert relative_rms(found, expected) <= 1e-5
    for edge in (np.s_[:, :500], np.s_[:, -500:]):
        assert relative_rms(found[edge], expected[edge]) <= 1e-5


@pytest.mark.parametrize("sfreq", [200, 250, 400, 1000])
def test_tones_keep_time_and_amplitude_at_rates_where_mnes_resampler_drifts(sfreq):
    design = design_filter(sfreq, 256, 0.5, 50, (60,))
    for freq in (3.0, 17.0, 41.0):
        found, expected = filter_resample(tone(freq, sfreq), design), tone(freq, 256)
        assert relative_rms(found[:, 2000:-2000], expected[:, 2000:-2000]) < 4e-3


def test_resampling_agrees_with_polyphase_at_250_hz():
    x = walk(250 * 120)
    x -= x.mean(axis=1, keepdims=True)
    found = filter_resample(x, design_filter(250, 256, 0.5, 50, ()))
    filtered = filter_resample(x, design_filter(250, 250, 0.5, 50, ()))
    expected = resample_poly(filtered, 128, 125, axis=1)
    assert relative_rms(found[:, 1000:-1000], expected[:, 1000:-1000]) < 2e-3


def test_notch_removes_60_hz_and_keeps_10_hz():
    design = design_filter(256, 256, None, None, (60,))
    assert rms(filter_resample(tone(60, 256), design)) < 2e-3
    assert rms(filter_resample(tone(10, 256), design)) == pytest.approx(np.sqrt(0.5), rel=1e-2)


def test_band_pass_removes_drift_and_muscle_and_keeps_alpha():
    design = design_filter(256, 256, 0.5, 40, ())
    assert rms(filter_resample(tone(0.05, 256, 200), design)) < 2e-2
    assert rms(filter_resample(tone(80, 256), design)) < 5e-3
    assert rms(filter_resample(tone(10, 256), design)) == pytest.approx(np.sqrt(0.5), rel=1e-2)


def test_downsampling_without_a_low_pass_does_not_alias():
    design = design_filter(512, 128, None, None, ())
    assert rms(filter_resample(tone(100, 512), design)) < 3e-3
    assert "57.6 Hz" in design.notes[0]


def test_a_large_electrode_offset_costs_no_precision():
    x, design = walk(256 * 60), design_filter(256, 256, 0.5, 50, (60,))
    leak = filter_resample(np.full((2, x.shape[1]), 60_000, np.float32), design)
    found = filter_resample(x + np.float32(60_000), design) - leak
    assert np.abs(found - filter_resample(x, design)).max() < 0.02


@pytest.mark.parametrize(
    ("rates", "left_out"),
    [
        ((256, 100), ["low-pass at 50 Hz", "notch at 60 Hz"]),
        ((100, 256), ["low-pass at 50 Hz", "notch at 60 Hz"]),
        ((128, 128), []),
        ((120, 120), ["notch at 60 Hz"]),
    ],
)
def test_what_the_band_cannot_hold_is_left_out_and_said(rates, left_out):
    notes = [note for note in design_filter(*rates, 0.5, 50, (60,)).notes if "left out" in note]
    assert [note.split(" left")[0] for note in notes] == left_out


def test_several_line_frequencies_are_one_band_stop():
    import mne

    x = walk(256 * 60)
    expected = mne.filter.notch_filter(x.astype(float), 256, [50, 60, 100], verbose="ERROR")
    assert (
        relative_rms(filter_resample(x, design_filter(256, 256, None, None, (50, 60, 100))), expected) < 1e-5
    )


def test_nothing_to_do_changes_nothing():
    x = walk(100_000)
    assert relative_rms(filter_resample(x, design_filter(256, 256, None, None)), x) < 1e-6


@settings(deadline=None, max_examples=25)
@given(
    n_times=st.integers(1, 80_000),
    sizes=st.lists(st.integers(1, 50_000), min_size=1, max_size=8),
    rates=st.sampled_from([(256, 256), (250, 256), (512, 256), (256, 200)]),
)
def test_streaming_gives_the_same_bits_whatever_the_block_size(n_times, sizes, rates):
    x, design = walk(n_times), design_filter(*rates, 0.5, 50, (60,))
    edges = np.minimum(np.cumsum([0, *sizes, n_times]), n_times)
    blocks = (x[:, start:stop] for start, stop in pairwise(edges))
    streamed = np.concatenate(
        [block.copy() for block in filter_resample_blocks(blocks, n_times, design)], axis=1
    )
    assert np.array_equal(streamed, filter_resample(x, design))
    assert streamed.shape[1] == resampled_length(n_times, design)


@pytest.mark.parametrize("n_times", [1, 2, 3, 1000, 1690, 1691, 1692, 3382])
@pytest.mark.parametrize("rates", [(256, 256), (250, 256), (512, 256), (256, 99)])
def test_any_length_from_one_sample_up_is_finite(n_times, rates):
    found = filter_resample(walk(n_times), design_filter(*rates, 0.5, 50, (60,)))
    assert found.shape == (2, round(n_times * rates[1] / rates[0]))
    assert np.isfinite(found).all()


def test_a_block_may_be_reused_by_its_maker():
    x, design = walk(50_000), design_filter(256, 256, 0.5, 50, ())
    buffer = np.empty((2, 1000), np.float32)

    def reusing():
        for start in range(0, 50_000, 1000):
            buffer[:] = x[:, start : start + 1000]
            yield buffer

    found = np.concatenate(list(filter_resample_blocks(reusing(), 50_000, design)), axis=1)
    assert np.array_equal(found, filter_resample(x, design))


@pytest.mark.parametrize("declared", [10, 5_000, 60_000])
def test_a_stream_of_another_length_than_declared_is_an_error(declared):
    with pytest.raises(SignalError, match="length"):
        list(filter_resample_blocks([walk(20_000)], declared, design_filter(256, 256, 0.5, 50)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((256, 256 * np.pi, 0.5, 50), "small fraction"),
        ((0, 256, 0.5, 50), "positive"),
        ((256, float("nan"), 0.5, 50), "positive"),
        ((256, 256, 60, 50), "high-pass"),
        ((1, 1, 0.5, None), "high-pass"),
        ((256, 256, 0.5, 50, (60, 60.5)), "overlap"),
    ],
)
def test_a_design_that_cannot_be_is_refused(arguments, message):
    with pytest.raises(ParameterError, match=message):
        design_filter(*arguments)


@pytest.mark.parametrize("sfreq_in", [256.0, 250, 500, 1000 / 3, 12.8, 199.9, 1228 / 9.59375, 2048, 4096])
def test_usual_rates_are_small_fractions_of_256(sfreq_in):
    design = design_filter(sfreq_in, 256, 0.5, 50)
    assert design.up / design.down == pytest.approx(256 / sfreq_in, rel=1e-9)
