import zipfile

import numpy as np
import pandas as pd
import pytest

from eeg_kedro.errors import LayoutError
from eeg_kedro.sampling.categories import NPZ_TYPES, CategorizeOptions
from eeg_kedro.sampling.npz_cache import scan_npz_cache

OPTIONS = CategorizeOptions(source="npz_cache", window_seconds=1, stride_seconds=0.5, npz_sfreq=16)
LABELS = np.zeros((4, 16), np.int8)
LABELS[1, 3:] = 1
LABELS[2] = 1


def write(folder, name, labels=LABELS, windows=None, save=np.savez_compressed, **more):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {"windows": np.zeros((len(labels), 3, 16), np.float32) if windows is None else windows}
    save(path, **arrays, labels=labels, **more)
    return path


def scan(folder, options=OPTIONS):
    return scan_npz_cache(
        folder, sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.*")), options
    )


def test_labels_per_sample_give_the_three_categories(tmp_path):
    write(tmp_path, "aaaaaaac_s001_t000_windows.npz")
    manifest = scan(tmp_path).manifest
    assert manifest["category"].tolist() == ["no_seizure", "partial_seizure", "full_seizure", "no_seizure"]
    assert manifest["seizure_samples"].tolist() == [0, 13, 16, 0]
    assert manifest["onset"].tolist() == [0.0, 0.5, 1.0, 1.5]
    assert manifest[["participant", "run", "n_channels"]].drop_duplicates().values.tolist() == [
        ["aaaaaaac", "s001-t000", 3]
    ]
    assert {name: str(kind) for name, kind in manifest.dtypes.items()} == NPZ_TYPES


def test_one_label_per_window_is_none_or_full(tmp_path):
    write(tmp_path, "a_1_windows.npz", labels=np.array([0, 1, 0]))
    assert scan(tmp_path).manifest["seizure_samples"].tolist() == [0, 16, 0]


def test_the_windows_themselves_are_never_read(tmp_path):
    path = write(tmp_path, "a_1_windows.npz", windows=np.full((4, 3000, 16), 7, "f4"), save=np.savez)
    data = path.read_bytes()
    values = np.full(4 * 3000 * 16, 7, "f4").tobytes()
    assert data.count(values) == 1
    # a wrong check sum would be noticed by whoever reads the array to its end
    path.write_bytes(data.replace(values, values[::-1]))
    with pytest.raises(zipfile.BadZipFile):
        np.load(path)["windows"]
    assert len(scan(tmp_path).manifest) == 4


def broken(folder, kind):
    name = "b_1_windows.npz"
    if kind == "no npz":
        (folder / name).write_bytes(b"not a zip")
    elif kind == "cut short":
        path = write(folder, name)
        path.write_bytes(path.read_bytes()[:200])
    elif kind == "no labels":
        np.savez(folder / name, windows=np.zeros((4, 3, 16)))
    else:
        wrong = {
            "pickles": {"labels": np.array([{}, {}], object)},
            "pickled windows": {"windows": np.full(4, None, object)},
            "other length": {"labels": np.zeros((4, 9))},
            "other number": {"labels": np.zeros((4, 16)), "windows": np.zeros((5, 3, 16))},
            "NaN": {"labels": np.full((4, 16), np.nan)},
            "negative": {"labels": -LABELS},
            "text": {"labels": np.full((4, 16), "sz")},
            "shares": {"labels": np.array([0, 0.4])},
            "flat": {"windows": np.zeros(4)},
        }[kind]
        write(folder, name, **wrong)


KINDS = (
    "no npz,cut short,no labels,pickles,pickled windows,other length,other number,NaN,negative,text,shares"
)


@pytest.mark.parametrize("kind", [*KINDS.split(","), "flat"])
def test_a_broken_file_is_refused_with_reason_and_remedy_and_the_others_are_taken(tmp_path, kind):
    write(tmp_path, "a_1_windows.npz")
    broken(tmp_path, kind)
    found = scan(tmp_path)
    assert found.refused["path"].tolist() == ["b_1_windows.npz"]
    assert (found.refused[["reason", "remedy"]] != "").all(axis=None)
    assert set(found.manifest["participant"]) == {"a"}


def test_names_without_participant_and_run_are_refused(tmp_path):
    write(tmp_path, "a_1_windows.npz")
    write(tmp_path, "_1_windows.npz")
    assert "does not tell" in scan(tmp_path).refused["reason"].item()


def test_a_name_without_a_run_is_a_participant_with_one_run(tmp_path):
    write(tmp_path, "chb01_windows.npz")
    assert {*scan(tmp_path).manifest["run"]} == {"1"}


def test_two_files_of_one_name_are_both_refused_naming_each_other(tmp_path):
    for name in ("train/a_1_windows.npz", "dev/a_1_windows.npz", "c_1_windows.npz"):
        write(tmp_path, name)
    refused = scan(tmp_path).refused
    assert refused["path"].tolist() == ["dev/a_1_windows.npz", "train/a_1_windows.npz"]
    assert "train/a_1" in refused["reason"].iat[0]


def test_a_folder_without_windows_files_is_a_layout_error(tmp_path):
    write(tmp_path, "a.npz")
    with pytest.raises(LayoutError, match=r"categorize\.npz_root"):
        scan(tmp_path)


def test_only_broken_files_is_an_error_with_the_first_reason(tmp_path):
    broken(tmp_path, "no labels")
    with pytest.raises(LayoutError, match="an array is missing"):
        scan(tmp_path)


def test_an_empty_file_gives_no_window_and_no_error(tmp_path):
    write(tmp_path, "a_1_windows.npz")
    write(tmp_path, "b_1_windows.npz", labels=np.zeros((0, 16)))
    found = scan(tmp_path)
    assert (len(found.manifest), len(found.refused)) == (4, 0)
    assert isinstance(found.recordings, pd.DataFrame)
