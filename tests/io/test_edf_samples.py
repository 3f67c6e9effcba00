import json
import os
import subprocess
import sys
import warnings

import edfio
import mne
import numpy as np
import pytest

from eeg_kedro.errors import ChangedFileError, SignalError
from eeg_kedro.io import edf_records
from eeg_kedro.io.edf_header import AnnotationOnlyError, read_edf_header
from eeg_kedro.io.edf_samples import EdfSamples, read_edf
from eeg_kedro.io.physical_unit import microvolt_factor
from eeg_kedro.io.source_file import SourceFile

REAL = ["chbmit_header_chb05_06_2s.edf", "eeg_microstates_rest30ch.edf", "mne_duplicate_channel_labels.edf",
        "mne_test.edf", "mne_test_bdf_stim_channel.bdf", "mne_test_edf_stim_channel.edf",
        "mne_test_uneven_samp.edf", "pyedflib_test_generator.edf", "pyedflib_test_subsecond.edf",
        "siena_header_PN00-5_2s.edf", "sleepedf_short_psg.edf", "szcore_unipolar.edf"]  # fmt: skip


def voltages(header):
    return [i for i, s in enumerate(header.signals) if not s.is_annotation and microvolt_factor(s.dimension)]


def physical(file, index):
    """Samples in the file's own unit according to edfio, by header index."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reader = edfio.read_bdf if file.relative.endswith("bdf") else edfio.read_edf
        return reader(file.path)._signals[index].data


def test_no_real_file_is_forgotten(shared_data):
    facts = json.loads((shared_data / "edf/facts.json").read_text())["files"]
    assert sorted([*REAL, "sleepedf_SC4001EC-Hypnogram.edf"]) == sorted(facts)


@pytest.mark.parametrize("name", REAL)
def test_real_samples_agree_with_the_facts(shared_data, real_file, name):
    facts = json.loads((shared_data / "edf/facts.json").read_text())["files"]
    fact = facts[name]["header_and_numpy"]["first_signal"]
    labels = [signal.label for signal in read_edf_header(real_file(f"edf/{name}")).signals]
    signal = read_edf(real_file(f"edf/{name}"), [labels.index(fact["label"])])[0].astype(np.float64)
    signal /= microvolt_factor(fact["unit"])
    assert signal.size == fact["samples"]
    found = [signal.mean(), signal.std(), signal.min(), signal.max()]
    assert found == pytest.approx([fact[key] for key in ("mean", "std", "min", "max")], abs=2e-4)


@pytest.mark.parametrize("name", REAL)
def test_every_voltage_of_real_files_agrees_with_edfio(real_file, name):
    file = real_file(f"edf/{name}")
    header = read_edf_header(file)
    for index in voltages(header):
        oracle = physical(file, index) * microvolt_factor(header.signals[index].dimension)
        tolerance = 2e-7 * np.abs(oracle).max()
        np.testing.assert_allclose(read_edf(file, [index])[0], oracle, rtol=2e-7, atol=tolerance)


@pytest.mark.parametrize("name", ["eeg_microstates_rest30ch.edf", "szcore_unipolar.edf"])
def test_real_samples_agree_with_mne(real_file, name):
    file = real_file(f"edf/{name}")
    raw = mne.io.read_raw_edf(file.path, preload=True, verbose="error")
    ours = read_edf(file, range(len(raw.ch_names)))
    np.testing.assert_allclose(ours, raw.get_data() * 1e6, rtol=1e-5, atol=1e-4)


def test_a_hypnogram_cannot_be_read(real_file):
    with pytest.raises(AnnotationOnlyError):
        read_edf(real_file("edf/sleepedf_SC4001EC-Hypnogram.edf"), [0])


@pytest.mark.parametrize("n_block", [1, 100, 256, 700, 2560, 9999])
def test_blocks_of_any_size_are_the_whole_signal(edf_file, n_block):
    file = edf_file()
    blocks = list(EdfSamples(file, (1, 0)).blocks(n_block))
    assert all(block.shape == (2, n_block) for block in blocks[:-1])
    assert np.array_equal(np.concatenate(blocks, axis=1), read_edf(file, [1, 0]))


@pytest.mark.parametrize(
    "name", ["eeg_microstates_rest30ch.edf", "mne_test_bdf_stim_channel.bdf", "mne_test_uneven_samp.edf"]
)
def test_long_records_give_the_same_numbers(real_file, monkeypatch, name):
    file = real_file(f"edf/{name}")
    picks = [index for index in range(2) if read_edf_header(file).sfreq(index) >= 100]
    whole = read_edf(file, picks)
    monkeypatch.setattr(edf_records, "LONG_RECORD", 1)
    monkeypatch.setattr(edf_records, "SPAN_SAMPLES", 1111)
    assert np.array_equal(read_edf(file, picks), whole)
    assert np.array_equal(np.concatenate(list(EdfSamples(file, picks).blocks(777)), axis=1), whole)


@pytest.mark.parametrize("duration", [0.1, 1, 2.5, 30])
def test_any_record_duration_is_read(tmp_path, duration):
    data = np.random.default_rng(1).normal(0, 20, (2, 60 * 200)).clip(-99, 99)
    signals = [edfio.EdfSignal(row, 200, physical_range=(-99, 99), physical_dimension="uV") for row in data]
    edfio.Edf(signals, data_record_duration=duration).write(tmp_path / "r.edf")
    samples = EdfSamples(SourceFile(str(tmp_path), "r.edf"), (0, 1))
    assert (samples.sfreq, samples.n_times) == (200.0, 12000)
    np.testing.assert_allclose(samples.read(), data, atol=198 / 65535)


def test_both_signs_of_24_bit_samples_are_right(tmp_path):
    data = np.tile([-800.0, -0.5, 0.5, 800.0], 256)
    signal = edfio.BdfSignal(data, 256, physical_range=(-800, 800), physical_dimension="mV")
    edfio.Bdf([signal]).write(tmp_path / "r.bdf")
    file = SourceFile(str(tmp_path), "r.bdf")
    np.testing.assert_allclose(read_edf(file, [0])[0], data * 1e3, atol=0.1)
    assert EdfSamples(file, [0]).extent().limits == pytest.approx(np.array([[-8e5, 8e5]]))


def test_a_negative_gain_turns_the_signal_over(edf_file):
    upright = read_edf(edf_file(), [0])
    turned = EdfSamples(edf_file(signal_fields=[(2 * 104, b"200     "), (2 * 112, b"-200    ")]), [0])
    np.testing.assert_allclose(turned.read(), -upright, atol=1e-4)
    assert turned.extent().limits[0] == pytest.approx([turned.read().min(), turned.read().max()])


@pytest.mark.parametrize("name", REAL)
def test_extent_is_that_of_the_samples(real_file, name):
    file = real_file(f"edf/{name}")
    header = read_edf_header(file)
    picks = [index for index in voltages(header) if header.sfreq(index) == header.sfreq(voltages(header)[0])]
    whole = read_edf(file, picks)
    limits, n_nonfinite = EdfSamples(file, picks).extent()
    expected = np.stack([whole.min(axis=1), whole.max(axis=1)], axis=1)
    np.testing.assert_allclose(limits, expected, rtol=1e-6, atol=1e-4)
    assert not n_nonfinite.any()


def test_fingerprint_is_the_hash_of_the_file(edf_file):
    file = edf_file()
    assert EdfSamples(file, [0]).fingerprint() == file.sha256()


def test_annotations_and_other_units_are_refused(real_file):
    with pytest.raises(SignalError, match="'EDF Annotations' is not a voltage"):
        read_edf(real_file("edf/szcore_unipolar.edf"), [19])
    with pytest.raises(SignalError, match="'Temp rectal' is not a voltage"):
        read_edf(real_file("edf/sleepedf_short_psg.edf"), [5])


def test_mixed_rates_and_absent_signals_are_refused(real_file):
    with pytest.raises(SignalError, match="different rates"):
        read_edf(real_file("edf/mne_test_uneven_samp.edf"), [0, 1])
    with pytest.raises(SignalError, match="does not have"):
        read_edf(real_file("edf/mne_test_uneven_samp.edf"), [2])


def test_a_signal_without_scale_is_refused(edf_file):
    with pytest.raises(SignalError, match="no scale"):
        read_edf(edf_file(signal_fields=[(2 * 104, b"200     ")]), [0])


def test_a_file_that_is_touched_while_it_is_read_is_noticed(edf_file):
    file = edf_file()
    blocks = EdfSamples(file, [0]).blocks(1000)
    next(blocks)
    os.utime(file.path, ns=(1, 1))
    with pytest.raises(ChangedFileError):
        list(blocks)


def test_a_file_that_is_cut_while_it_is_read_is_noticed(edf_file):
    file = edf_file()
    blocks = EdfSamples(file, [0]).blocks(1000)
    next(blocks)
    os.truncate(file.path, 2000)
    with pytest.raises(ChangedFileError, match="shorter"):
        list(blocks)


MEMORY = """
import resource, sys
from eeg_kedro.io.edf_samples import EdfSamples
from eeg_kedro.io.source_file import SourceFile
source = EdfSamples(SourceFile(sys.argv[1], "long.edf"), range(20))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
source.extent(), source.fingerprint(), sum(1 for _ in source.blocks(32768))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("seconds", [1, 60, 1800])
def test_memory_does_not_grow_with_recording_or_record(tmp_path, seconds):
    n_samples = 256 * seconds
    signal = edfio.EdfSignal(np.zeros(n_samples), 256, physical_range=(-9, 9), physical_dimension="uV")
    edfio.Edf([signal] * 20, data_record_duration=seconds).write(tmp_path / "one.edf")
    raw = (tmp_path / "one.edf").read_bytes()
    header, record = raw[: 21 * 256], raw[21 * 256 :]
    (tmp_path / "long.edf").write_bytes(
        header[:236] + b"-1      " + header[244:] + record * (7200 // seconds)
    )
    ran = subprocess.run(
        [sys.executable, "-c", MEMORY, str(tmp_path)], capture_output=True, text=True, check=True, timeout=60
    )
    assert int(ran.stdout) < 25_000  # kB; the file has 74 MB
