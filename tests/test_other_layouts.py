"""The whole cleaning chain on files whose layouts the project does not survey yet, read by hand."""

import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from eeg_kedro.signal.cleaning import CleanOptions, clean_recording
from tests.array_source import ArraySource, inventory_row

AUX = ["EKG"]


def clean(samples, names, rate, montage="referential", aux_kinds=(), **options):
    source = ArraySource(np.asarray(samples, np.float32), rate)
    row = inventory_row(names, samples, rate, montage, aux_kinds=list(aux_kinds))
    signal = clean_recording(lambda: source, row, CleanOptions(**options))
    cleaned = np.concatenate([block.copy() for block in signal.blocks], axis=1)
    json.dumps(signal.metadata | {"quality": signal.closing()["quality"]}, allow_nan=False)
    assert cleaned.shape == (len(signal.ch_names), signal.n_times)
    assert np.isfinite(cleaned).all()
    return signal, cleaned


def iiic_files(shared_data):
    return sorted(shared_data.glob("iiic/train_eegs/*.parquet")) + sorted(
        shared_data.glob("iiic_irr/eegs_10s/*")
    )


def read_iiic(path):
    table = pq.read_table(path)
    names = [name.upper() for name in table.column_names if name not in AUX]
    columns = [*(name for name in table.column_names if name not in AUX), *AUX]
    return np.array([table[name].to_numpy() for name in columns]), names


def test_every_iiic_recording_comes_through_with_its_19_channels(shared_data):
    for path in iiic_files(shared_data):
        samples, names = read_iiic(path)
        signal, cleaned = clean(samples, names, 200.0, aux_kinds=["ecg"], sfreq=200.0)
        assert signal.ch_names == tuple(names), path.name
        assert np.median(np.abs(cleaned)) < 60, path.name


def test_electrodes_of_thousands_of_microvolts_are_bad_and_do_not_reach_their_neighbors(shared_data):
    samples, names = max(
        (read_iiic(path) for path in iiic_files(shared_data)), key=lambda f: np.abs(f[0][:19]).max()
    )
    assert np.abs(samples[:19]).max() > 9000
    signal, cleaned = clean(samples, names, 200.0, aux_kinds=["ecg"])
    worst = names[int(np.abs(samples[:19]).max(axis=1).argmax())]
    assert worst in signal.metadata["interpolated_channels"]
    assert np.abs(cleaned).max() < 1500


def test_openbci_offsets_of_60_mv_and_mains_of_400_uv_leave_eeg(shared_data):
    path = next((shared_data / "openbci").glob("*.txt"))
    samples = pd.read_csv(path, comment="%", skipinitialspace=True).iloc[:, 1:9].to_numpy(np.float32).T
    signal, cleaned = clean(samples, [f"EXG {i}" for i in range(8)], 250.0, "unknown")
    assert signal.metadata["line_freq"] == 60.0
    rms = cleaned[:, 2500:-2500].std(axis=1)
    assert (rms[rms > 0.1] < 200).all()
    assert "ICLabel needs a referential montage" in signal.metadata["ica"]["note"]


@pytest.mark.parametrize("name", ["eeg101_clean.csv", "eeg101_relax.csv"])
def test_muse_with_four_channels_and_an_offset_comes_through(shared_data, name):
    samples = pd.read_csv(shared_data / "muse" / name, header=None).to_numpy(np.float32).T
    signal, cleaned = clean(samples, ["TP9", "AF7", "AF8", "TP10"], 220.0)
    assert len(signal.ch_names) == 4
    assert np.abs(cleaned.mean()) < 1


def test_a_muse_file_of_one_row_per_second_has_no_room_for_filters_and_says_so(shared_data):
    table = pd.read_csv(shared_data / "muse/museS_mindmonitor_1.csv")
    raw = table[["RAW_TP9", "RAW_AF7", "RAW_AF8", "RAW_TP10"]].to_numpy(np.float32).T
    signal, _ = clean(raw, ["TP9", "AF7", "AF8", "TP10"], 1.0, sfreq=1.0, l_freq=None)
    assert "left out" in json.dumps(signal.metadata["filters"])
