"""What comes out of recordings that hardly are any: always a signal and a reason, or a typed error."""

import json

import numpy as np
import pytest

from eeg_kedro.errors import SignalError
from eeg_kedro.signal.cleaning import CleanOptions, clean_recording
from eeg_kedro.signal.electrodes import STANDARD_19
from tests.array_source import ArraySource, inventory_row

NAMES = list(STANDARD_19)
PAIRS = [
    "FP1-F7",
    "F7-T3",
    "T3-T5",
    "T5-O1",
    "FP2-F8",
    "F8-T4",
    "T4-T6",
    "T6-O2",
    "FP1-F3",
    "F3-C3",
    "C3-P3",
    "P3-O1",
]


def brain(n_channels=19, seconds=60, sfreq=256, seed=0):
    """Mixed slow sources, so that channels resemble their neighbors."""
    rng = np.random.default_rng(seed)
    sources = np.cumsum(rng.standard_normal((6, int(seconds * sfreq))), axis=1)
    sources -= np.linspace(0, 1, sources.shape[1]) * sources[:, -1:]
    mixed = rng.standard_normal((n_channels, 6)) @ sources
    return (20 * mixed / mixed.std() + rng.standard_normal(mixed.shape)).astype(np.float32)


def clean(samples, names=NAMES, sfreq=256, montage="referential", **options):
    row = inventory_row(names, samples, sfreq, montage)
    signal = clean_recording(lambda: ArraySource(samples, sfreq), row, CleanOptions(**options))
    cleaned = np.concatenate([block.copy() for block in signal.blocks], axis=1)
    assert np.isfinite(cleaned).all()
    json.dumps(signal.metadata | {"quality": signal.closing()["quality"]}, allow_nan=False)
    return signal, cleaned


def note(signal, step):
    return next(s["note"] for s in signal.metadata["steps"] if s["step"] == step)


@pytest.mark.parametrize("n_channels", [1, 2, 3])
def test_with_fewer_than_four_channels_nothing_is_compared_and_that_is_said(n_channels):
    signal, _ = clean(brain(n_channels), NAMES[:n_channels])
    assert len(signal.ch_names) == n_channels
    assert "not compared" in note(signal, "bad_channels")
    assert "4" in signal.metadata["ica"]["note"]


def test_all_channels_dead_is_an_error_that_names_the_recording_and_the_remedy():
    with pytest.raises(SignalError, match="p_r: no channel carries a signal") as error:
        clean(np.zeros((19, 5000), np.float32))
    assert "flat_uv" in error.value.remedy


def test_all_channels_noise_are_doubtful_and_still_there():
    rng = np.random.default_rng(0)
    signal, _ = clean((300 * rng.standard_normal((19, 15_000))).astype(np.float32))
    assert len(signal.ch_names) == 19
    assert signal.closing is not None


@pytest.mark.parametrize("seconds", [0.5, 1, 4, 10])
def test_recordings_of_seconds_come_through(seconds):
    signal, cleaned = clean(brain(seconds=seconds))
    assert cleaned.shape == (19, round(seconds * 256))
    assert note(signal, "ica")


def test_channels_without_a_position_are_never_interpolated():
    samples = brain()
    samples[3] = 400 * np.random.default_rng(1).standard_normal(samples.shape[1])
    names = [*NAMES[:3], "X1", *NAMES[4:]]
    signal, _ = clean(samples, names, montage="unknown")
    assert signal.metadata["interpolated_channels"] == []
    assert "X1" in [bad["name"] for bad in signal.metadata["bad_channels"]]
    assert "X1" in signal.ch_names
    assert "X1" in note(signal, "interpolation")


def test_an_ica_that_does_not_converge_says_so():
    signal, _ = clean(brain(seconds=120), ica={"max_iter": 1})
    assert signal.metadata["ica"]["converged"] is False
    assert "converge" in json.dumps(signal.metadata["ica"]["note"])


def test_stretches_without_numbers_are_bridged_and_their_seconds_are_marked():
    samples = brain()
    samples[4, 2560:5120] = np.nan
    signal, _ = clean(samples, bad_channels={"missing_share": 0.5})
    quality = signal.closing()["quality"]
    assert quality["found_share"]["gap"] == pytest.approx(10 / 60 / 19, rel=0.15)


def test_bipolar_recordings_skip_iclabel_and_say_why():
    signal, _ = clean(brain(12), PAIRS, montage="bipolar")
    assert "ICLabel" in note(signal, "ica") + signal.metadata["ica"]["note"]
    assert signal.metadata["reference"] == "REF"


def test_a_rate_below_100_hz_is_cleaned_within_its_band():
    signal, _ = clean(brain(sfreq=64), sfreq=64)
    assert signal.metadata["filters"]["h_freq"] is None or signal.metadata["filters"]["h_freq"] < 50
    assert signal.metadata["line_freq"] is None


def test_results_do_not_depend_on_how_blocks_arrive():
    samples = brain()

    class Choppy(ArraySource):
        def blocks(self, n_block):
            yield from super().blocks(777)

    row = inventory_row(NAMES, samples, 256)
    both = [
        clean_recording(lambda s=s: s(samples, 256.0), row, CleanOptions()) for s in (ArraySource, Choppy)
    ]
    whole = [np.concatenate([b.copy() for b in signal.blocks], axis=1) for signal in both]
    assert np.array_equal(*whole)
    assert both[0].closing()["quality"] == both[1].closing()["quality"]


def test_a_gap_in_an_eog_channel_costs_nothing_but_the_channel():
    samples = brain()
    eog = samples[:1] * 5
    eog[0, 3000:4000] = np.nan
    row = inventory_row(NAMES, samples, 256, aux_names=["EOG"], aux_kinds=["eog"])
    source = ArraySource(np.concatenate([samples, eog]), 256.0)
    signal = clean_recording(lambda: source, row, CleanOptions())
    assert np.isfinite(np.concatenate([block.copy() for block in signal.blocks], axis=1)).all()
    assert signal.metadata["aux_channels"] == ["EOG (eog)"]


@pytest.mark.parametrize(
    ("notch", "found"), [(50, [50.0]), ([50, 100], [50.0, 100.0]), (None, []), ("auto", [])]
)
def test_a_notch_may_be_a_number_a_list_none_or_found(notch, found):
    signal, _ = clean(brain(), notch=notch, h_freq=None)
    assert signal.metadata["filters"]["notch_freqs"] == found


def test_a_word_as_notch_is_refused_with_what_is_possible():
    with pytest.raises(ValueError, match="auto, null, a frequency in Hz or a list"):
        CleanOptions(notch="fifty")


def test_channels_that_are_kept_or_left_out_cost_score_and_are_said():
    samples = brain(12)
    whole, _ = clean(samples, PAIRS, montage="bipolar")
    samples[3] = 400 * np.random.default_rng(1).standard_normal(samples.shape[1])
    samples[5] = 0
    signal, _ = clean(samples, PAIRS, montage="bipolar")
    assert signal.metadata["masked_channels"] == ["F8-T4"]
    assert [doubt.split(":")[0] for doubt in signal.metadata["doubts"]] == [
        "left out, they carry no signal",
        "kept although bad, nothing can replace them",
    ]
    both = [one.closing()["quality"]["score"] for one in (signal, whole)]
    assert both[0] == pytest.approx(both[1] * 10 / 12, abs=0.02)


def test_millivolts_taken_for_microvolts_raise_a_doubt():
    signal, _ = clean(1000 * brain())
    assert any("check the unit" in doubt for doubt in signal.metadata["doubts"])


@pytest.mark.parametrize(
    ("changes", "known"), [({"h_freq": 40.0}, True), ({"h_freq": None}, True), ({"h_freq": 20.0}, False)]
)
def test_white_noise_has_no_signal_whatever_the_low_pass_leaves_of_it(changes, known):
    noise = (20 * np.random.default_rng(0).standard_normal((19, 15_000))).astype(np.float32)
    off = {"enabled": False}
    signal, _ = clean(noise, bad_channels=off, ica=off, wavelet=off, pops=off, **changes)
    quality = signal.closing()["quality"]
    assert (quality["snr_db"] is not None) == known
    assert not known or quality["score"] < 0.35
