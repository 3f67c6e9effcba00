import json

import numpy as np
import pandas as pd
import pytest

from eeg_kedro.errors import ParameterError
from eeg_kedro.signal.chains import HMS_CHAINS, plan_chains
from eeg_kedro.signal.electrodes import DOUBLE_BANANA, NEW_NAMES, STANDARD_19
from eeg_kedro.signal.spectrograms import FLOOR_UV2, SpectrogramOptions, chain_spectrogram, column_names

POWER = SpectrogramOptions(scale="power")


def noise(names, n_times=8000, seed=0):
    return np.random.default_rng(seed).standard_normal((len(names), n_times)).astype(np.float32)


def test_the_columns_are_those_of_the_hms_files(shared_data):
    facts = json.loads((shared_data / "iiic/hms_format_facts.json").read_text())
    made = chain_spectrogram(noise(STANDARD_19), 200.0, STANDARD_19, POWER)
    assert ["time", *column_names(made.chains, made.freqs)] == facts["spectrogram_columns"]


@pytest.mark.parametrize("sample", [11, 13, 16])
def test_published_spectrograms_are_reproduced_from_their_eeg(shared_data, sample):
    eeg = pd.read_parquet(shared_data / f"iiic_irr/eegs_10s/2000{sample}.parquet")
    published = pd.read_parquet(shared_data / f"iiic_irr/spectrograms/3000{sample}.parquet").set_index("time")
    names = tuple(name.upper() for name in eeg.columns)
    made = chain_spectrogram(eeg.to_numpy(np.float32).T, 200.0, names, POWER)
    rows = published.loc[made.times + 295, column_names(made.chains, made.freqs)].to_numpy()
    ratio_db = 10 * np.log10(made.power.reshape(400, -1).T / rows)
    assert np.sqrt(np.mean(ratio_db**2)) < 0.1


@pytest.mark.parametrize("sfreq", [128.0, 200.0, 250.0, 256.0, 512.0])
def test_every_rate_gets_the_same_frequencies_and_power(sfreq):
    times = np.arange(int(40 * sfreq)) / sfreq
    wave = np.zeros((19, times.size), np.float32)
    wave[STANDARD_19.index("FP1")] = 20 * np.sin(2 * np.pi * 50 * 0.1953125 * times)
    made = chain_spectrogram(wave, sfreq, STANDARD_19, POWER)
    assert made.freqs.size == 100
    assert made.freqs[np.argmax(made.power[0, :, 3])] == pytest.approx(50 * 0.1953125, abs=0.4)
    # one of four pairs carries 200 uV^2, half of it at positive frequencies
    assert made.power[0, :, 3].sum() * 0.1953125 == pytest.approx(25, rel=0.02)


def test_only_whole_frames_are_given_and_times_are_their_middles():
    made = chain_spectrogram(noise(STANDARD_19, 200 * 11), 200.0, STANDARD_19, POWER)
    assert made.times.tolist() == [2.0, 4.0, 6.0, 8.0]
    assert chain_spectrogram(noise(STANDARD_19, 700), 200.0, STANDARD_19, POWER).power.shape == (4, 100, 0)


def test_old_and_new_names_of_electrodes_are_one():
    new = tuple(NEW_NAMES.get(name, name) for name in STANDARD_19)
    old, renamed = (
        chain_spectrogram(noise(STANDARD_19), 200.0, names, POWER) for names in (STANDARD_19, new)
    )
    np.testing.assert_array_equal(old.power, renamed.power)
    assert renamed.missing == {}


def test_bipolar_recordings_give_their_own_pairs_in_either_direction():
    pairs = ("F7-FP1", "F7-T7", "T7-P7", "P7-O1")
    x = noise(STANDARD_19)
    row = STANDARD_19.index
    made = np.stack([x[row("F7")] - x[row("FP1")], x[row("F7")] - x[row("T3")],
                     x[row("T3")] - x[row("T5")], x[row("T5")] - x[row("O1")]])  # fmt: skip
    found = chain_spectrogram(made, 200.0, pairs, POWER)
    assert found.chains == ("LL",)
    expected = chain_spectrogram(x, 200.0, STANDARD_19, POWER).power[:1]
    np.testing.assert_allclose(found.power, expected, rtol=1e-5)


def test_missing_electrodes_leave_the_mean_of_the_other_pairs_and_are_named():
    names = tuple(name for name in STANDARD_19 if name not in ("T5", "F4"))
    chains = {chain.name: chain for chain in plan_chains(names, "hms_chains")}
    assert chains["LL"].missing == ("T3-T5", "T5-O1")
    assert len(chains["LL"].pairs) == 2
    assert chains["RP"].missing == ("FP2-F4", "F4-C4")


def test_a_chain_without_any_pair_is_absent_and_named():
    names = ("FP1", "F3", "C3", "P3", "O1")
    made = chain_spectrogram(noise(names), 200.0, names, POWER)
    assert made.chains == ("LP",)
    assert made.missing["RL"] == HMS_CHAINS["RL"]


@pytest.mark.parametrize(("montage", "chains"), [("double_banana", DOUBLE_BANANA), ("channels", STANDARD_19)])
def test_other_montages_have_one_chain_per_trace(montage, chains):
    made = chain_spectrogram(noise(STANDARD_19), 200.0, STANDARD_19, SpectrogramOptions(montage=montage))
    assert made.chains == tuple(chains)


def test_log_scale_is_decibel_of_power_and_silence_has_a_floor():
    x = noise(STANDARD_19)
    log, power = (
        chain_spectrogram(x, 200.0, STANDARD_19, SpectrogramOptions(scale=s)).power for s in ("log", "power")
    )
    np.testing.assert_allclose(log, 10 * np.log10(power), atol=1e-4)
    silent = chain_spectrogram(x * 0, 200.0, STANDARD_19, SpectrogramOptions())
    np.testing.assert_allclose(silent.power, 10 * np.log10(FLOOR_UV2))


def test_one_sided_density_is_twice_the_two_sided():
    x = noise(STANDARD_19)
    one = chain_spectrogram(x, 200.0, STANDARD_19, SpectrogramOptions(scale="power", density="one_sided"))
    np.testing.assert_array_equal(one.power, 2 * chain_spectrogram(x, 200.0, STANDARD_19, POWER).power)


@pytest.mark.parametrize("method", ["multitaper", "stft"])
def test_the_fft_grid_gives_the_same_powers(method):
    x = noise(STANDARD_19)
    options = {"scale": "power", "method": method}
    given = chain_spectrogram(x, 200.0, STANDARD_19, SpectrogramOptions(freq_step=0.25, **options))
    free = chain_spectrogram(x, 200.0, STANDARD_19, SpectrogramOptions(freq_step=None, **options))
    np.testing.assert_allclose(given.freqs, free.freqs)
    np.testing.assert_allclose(given.power, free.power, rtol=1e-3, atol=1e-6)


def test_a_rate_below_the_band_is_refused_and_one_below_its_end_cuts_it():
    with pytest.raises(ParameterError, match="no frequency"):
        chain_spectrogram(noise(STANDARD_19), 0.9, STANDARD_19, POWER)
    assert chain_spectrogram(noise(STANDARD_19), 32.0, STANDARD_19, POWER).freqs[-1] < 16
