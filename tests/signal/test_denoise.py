import itertools

import numpy as np
import pytest
import pywt
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.errors import SignalError
from eeg_kedro.signal.denoise import DenoisePlan, WaveletOptions, denoise_blocks, plan_denoising
from eeg_kedro.signal.filters import design_filter, filter_resample

SFREQ = 256.0
OPTIONS = WaveletOptions()
BAND = design_filter(SFREQ, SFREQ, 0.5, 50, ())


def background(n_channels=4, seconds=120, exponent=1.6, seed=0, size=20.0):
    n = round(seconds * SFREQ)
    freqs = np.maximum(np.fft.rfftfreq(n, 1 / SFREQ), 0.7)
    bins = np.random.default_rng(seed).standard_normal((n_channels, len(freqs), 2)) @ [1, 1j]
    x = np.fft.irfft(bins * freqs ** (-exponent / 2), n)
    return (size * x / x.std()).astype(np.float32)


def white(shape, size, seed=1):
    return (size * np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


def band(x):
    return filter_resample(x, BAND)


def denoise(x, plan=None, sizes=()):
    plan = plan or plan_denoising(x, SFREQ, 50.0, OPTIONS)
    borders = [0, *np.minimum(np.cumsum(sizes), x.shape[1]).astype(int), x.shape[1]]
    blocks = [x[:, a:b].copy() for a, b in itertools.pairwise(borders)]
    return np.concatenate([b.copy() for b in denoise_blocks(blocks, x.shape[1], plan)], axis=1)


def snr_db(found, truth):
    return 10 * np.log10(np.sum(truth**2) / np.sum((found - truth) ** 2))


def spike():
    """The epileptic spike of `synthetic.rendering`, unit height: about 60 ms, then a slow wave."""
    t = np.arange(90) / SFREQ
    parts = ((-1.0, 0.05, 0.018), (0.35, 0.09, 0.02), (-0.45, 0.21, 0.06))
    return sum(a * np.exp(-(((t - at) / width) ** 2)) for a, at, width in parts)


@pytest.mark.parametrize("noise_uv", [6.0, 9.0, 12.0, 20.0])
def test_epileptic_spikes_keep_their_amplitude(noise_uv):
    rng = np.random.default_rng(5)
    shape, starts = spike(), 500 + 550 * np.arange(50)
    sizes = rng.uniform(60, 150, 50)
    spikes = np.zeros((1, 29_000), np.float32)
    for start, size in zip(starts, sizes, strict=True):
        spikes[0, start : start + len(shape)] += (size * shape).astype(np.float32)
    rest = background(1, 29_000 / SFREQ, exponent=2.0, size=15.0) + white((1, 29_000), noise_uv)
    before = band(rest + spikes)
    after = denoise(before)
    assert (after != before).any()
    kept = measure_spikes(before, after, starts, shape)
    assert np.median(kept) >= 0.95
    assert kept.min() >= 0.90


def measure_spikes(before, after, starts, shape):
    """Peak of each spike over the level around it, after over before, the noise averaged over 12 ms."""
    peak = starts + int(np.argmin(shape))
    smooth = [np.convolve(x[0], np.ones(3) / 3, "same") for x in (before, after)]
    height = [np.array([np.median(x[p - 60 : p + 60]) - x[p] for p in peak]) for x in smooth]
    return height[1] / height[0]


@pytest.mark.parametrize("freq", [3.0, 10.0])
@pytest.mark.parametrize("noise_uv", [1.0, 6.0, 12.0])
def test_a_seizure_keeps_its_band_power(freq, noise_uv):
    rhythm = 60 * np.sin(2 * np.pi * freq * np.arange(30_720) / SFREQ) * (np.arange(30_720) > 20_000)
    before = band(background(2, exponent=2.0) + white((2, 30_720), noise_uv) + rhythm.astype(np.float32))
    part = slice(20_200, 30_500)
    spectra = [np.abs(np.fft.rfft(x[:, part])) ** 2 for x in (before, denoise(before))]
    freqs = np.fft.rfftfreq(part.stop - part.start, 1 / SFREQ)
    near = np.abs(freqs - freq) < 1
    assert abs(10 * np.log10(spectra[1][:, near].sum() / spectra[0][:, near].sum())) < 0.2


@pytest.mark.parametrize(
    ("exponent", "noise_uv", "gain_db"), [(1.6, 12.0, 0.6), (2.0, 6.0, 0.7), (2.0, 9.0, 1.0)]
)
def test_white_noise_on_eeg_is_reduced(exponent, noise_uv, gain_db):
    truth = band(background(8, exponent=exponent))
    noisy = truth + band(white(truth.shape, noise_uv))
    assert snr_db(denoise(noisy), truth) - snr_db(noisy, truth) > gain_db


@pytest.mark.parametrize("exponent", [1.0, 1.2, 1.5, 2.0])
@pytest.mark.parametrize("noise_uv", [0.0, 1.0, 2.0])
def test_eeg_without_a_noise_floor_is_left_alone(exponent, noise_uv):
    truth = band(background(8, exponent=exponent) + white((8, 30_720), noise_uv))
    assert np.sum((denoise(truth) - truth) ** 2) < 1e-4 * np.sum(truth**2)


@pytest.mark.parametrize("n", [2_000, 61_440, 70_001, 140_000])
def test_pieces_give_the_transform_of_the_whole_recording(n):
    x = white((2, n), 20.0)
    thresholds = np.tile(np.array([0, 9, 6, 3, 1], np.float32), (2, 1))
    coefficients = pywt.wavedec(x, "sym8", mode="symmetric", level=5)
    limits = [np.float32(0), *thresholds[0, ::-1]]
    soft = [c - np.clip(c, -limit, limit) for c, limit in zip(coefficients, limits, strict=True)]
    expected = pywt.waverec(soft, "sym8", mode="symmetric")[:, :n]
    found = denoise(x, DenoisePlan("sym8", 5, thresholds))
    assert np.abs(found - expected)[:, 512:-512].max() < 1e-4
    assert np.abs(found - expected).max() < 30  # at the ends PyWavelets reflects coefficients, we samples


@pytest.mark.parametrize("wavelet", ["sym4", "sym6", "sym8", "db4", "db8", "coif3"])
@pytest.mark.parametrize("level", [1, 3, 8])
def test_without_a_limit_all_wavelets_take_everything_but_the_approximation(wavelet, level):
    x = white((1, 70_000), 20.0)
    parts = pywt.wavedec(x, wavelet, mode="symmetric", level=level)
    expected = pywt.waverec([parts[0], *(0 * part for part in parts[1:])], wavelet, mode="symmetric")
    found = denoise(x, DenoisePlan(wavelet, level, np.full((1, level), 1e9, np.float32)))
    assert np.abs(found - expected)[:, 5000:-5000].max() < 1e-3


@pytest.mark.parametrize("n", [10, 300, 1500])
def test_recordings_too_short_to_know_the_floor_pass(n):
    x = white((2, n), 5.0)
    np.testing.assert_array_equal(denoise(x), x)


@pytest.mark.parametrize(("sfreq", "h_freq"), [(100.0, None), (512.0, 50.0), (1000.0, 40.0), (4000.0, 40.0)])
def test_any_rate_and_band_gives_finite_thresholds(sfreq, h_freq):
    plan = plan_denoising(white((3, 40_000), 5.0), sfreq, h_freq, OPTIONS)
    assert np.isfinite(plan.thresholds).all()
    assert plan.thresholds.shape == (3, 5)


def test_a_constant_channel_and_switching_off_give_no_threshold():
    assert not plan_denoising(np.ones((2, 40_000), np.float32), SFREQ, 50.0, OPTIONS).thresholds.any()
    off = WaveletOptions(enabled=False)
    assert not plan_denoising(white((2, 40_000), 5.0), SFREQ, 50.0, off).thresholds.any()


def test_a_recording_of_another_length_is_refused():
    plan = DenoisePlan("sym8", 5, np.ones((1, 5), np.float32))
    with pytest.raises(SignalError, match="length"):
        list(denoise_blocks([np.ones((1, 5000), np.float32)], 6000, plan))


@settings(deadline=None, max_examples=15)
@given(st.lists(st.integers(0, 90_000), max_size=5), st.integers(2_000, 150_000))
def test_the_result_does_not_depend_on_how_samples_arrive(sizes, n):
    x = white((2, n), 20.0)
    plan = DenoisePlan("sym8", 5, np.array([[0, 9, 6, 3, 1], [4, 0, 0, 0, 0]], np.float32))
    assert denoise(x, plan, sizes).tobytes() == denoise(x, plan).tobytes()
