import re

import edfio
import numpy as np
import pandas as pd
import pytest

from eeg_kedro.synthetic.recording import compose_recording
from eeg_kedro.synthetic.tusz_layout import LABELS, TCP_PAIRS, list_files, official_split

LAYOUT = "tusz"
PATH = re.compile(
    r"edf/(train|dev|eval)/([a-z]{8})/s\d{3}_\d{4}/(01_tcp_ar|02_tcp_le|03_tcp_ar_a)/\2_s\d{3}_t\d{3}\.(edf|csv|csv_bi)"
)


@pytest.fixture
def folder(root):
    return root / "tusz"


def files(folder, suffix):
    return sorted(folder.rglob(f"*{suffix}"))


def read_rows(path):
    return pd.read_csv(path, comment="#")


def test_names_are_those_of_the_corpus(folder):
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    assert names
    assert all(PATH.fullmatch(name) for name in names)


def test_three_montages_and_four_rates_are_there(folder):
    recordings = files(folder, ".edf")
    assert {path.parent.name for path in recordings} == {"01_tcp_ar", "02_tcp_le", "03_tcp_ar_a"}
    assert {edfio.read_edf(path).signals[0].sampling_frequency for path in recordings} == {250, 256, 400, 512}


@pytest.mark.parametrize(
    ("montage", "suffix", "ears"),
    [("01_tcp_ar", "REF", 2), ("02_tcp_le", "LE", 2), ("03_tcp_ar_a", "REF", 0)],
)
def test_labels_are_those_of_the_montage(folder, montage, suffix, ears):
    path = next(path for path in files(folder, ".edf") if path.parent.name == montage)
    labels = edfio.read_edf(path).labels
    electrodes = [label for label in labels if re.fullmatch(rf"EEG [A-Z]+\d?-{suffix}", label)]
    assert labels[0] == f"EEG FP1-{suffix}"
    assert sum(label.startswith(("EEG A1", "EEG A2")) for label in electrodes) == ears
    assert len(electrodes) >= 19


def test_exactly_one_run_comes_without_fz_and_pz(folder):
    labels = [" ".join(edfio.read_edf(path).labels) for path in files(folder, ".edf")]
    assert sum(" FZ-" not in text and " PZ-" not in text for text in labels) == 1


def test_samples_are_the_composed_ones_in_microvolts(folder, plans):
    plan = plans[0]
    edf = edfio.read_edf(next(folder.rglob(f"{plan.participant}_s001_t000.edf")))
    stored = np.array([signal.data for signal in edf.signals[: len(plan.ch_names)]])
    assert np.abs(stored - np.clip(compose_recording(plan), -3276.8, 3276.7)).max() < 0.051
    assert {signal.physical_dimension for signal in edf.signals[: len(plan.ch_names)]} == {"uV"}


def test_headers_hold_a_name_that_could_leak(folder):
    patients = [edfio.read_edf(path).patient for path in files(folder, ".edf")]
    assert all(len(patient.name) > 10 and patient.code.startswith("MRN-") for patient in patients)


def test_annotation_files_begin_with_the_comments_of_the_corpus(folder):
    path = files(folder, ".csv")[0]
    head = path.read_text().splitlines()[:6]
    assert head[0] == "# version = csv_v1.0.0"
    assert head[1:3] == [f"# bname = {path.stem}", "# duration = 60.0000 secs"]
    assert head[3].startswith("# montage_file = ")
    assert head[4:] == ["#", "channel,start_time,stop_time,label,confidence"]


def test_term_rows_hold_the_true_seizures(folder, plans):
    for plan in plans:
        rows = read_rows(next(folder.rglob(f"{plan.participant}_{plan.run.replace('-', '_')}.csv_bi")))
        seizures = rows[rows["label"] == "seiz"]
        assert set(rows["channel"]) == {"TERM"}
        assert seizures["start_time"].tolist() == pytest.approx([s.onset for s in plan.seizures])
        assert seizures["stop_time"].tolist() == pytest.approx([s.stop for s in plan.seizures])


def test_every_channel_is_covered_without_gap_or_overlap(folder):
    for path in [*files(folder, ".csv"), *files(folder, ".csv_bi")]:
        for _, rows in read_rows(path).groupby("channel"):
            assert rows["start_time"].iloc[0] == 0
            assert rows["stop_time"].iloc[-1] == 60
            assert np.array_equal(rows["start_time"][1:], rows["stop_time"][:-1])


def test_channel_rows_are_multi_class_and_begin_with_the_seizure(folder, plans):
    for plan in (plan for plan in plans if plan.seizures):
        rows = read_rows(next(folder.rglob(f"{plan.participant}_{plan.run.replace('-', '_')}.csv")))
        seizures = rows[rows["label"] != "bckg"]
        assert {*seizures["channel"]} <= {*TCP_PAIRS}
        assert {*seizures["label"]} == {LABELS[plan.person.syndrome]}
        assert seizures["start_time"].min() == pytest.approx(plan.seizures[0].onset)


def test_pairs_of_missing_electrodes_are_not_annotated(folder):
    path = next(path for path in files(folder, ".csv") if path.parent.name == "03_tcp_ar_a")
    assert not any("A1" in channel or "A2" in channel for channel in read_rows(path)["channel"])


@pytest.mark.parametrize("participants", [1, 2, 3, 4, 6, 20, 99])
def test_every_participant_has_a_split_and_small_parts_have_epilepsy(participants):
    splits = [official_split(number, participants) for number in range(participants)]
    assert {*splits} == {"train", "dev", "eval"} if participants > 2 else True
    assert all(splits.index(split) % 4 != 3 for split in {*splits})


def test_a_participant_has_one_split(plans):
    homes = {name.split("/")[2]: name.split("/")[1] for name in list_files(plans)}
    assert all(f"/{split}/{who}/" in " ".join(list_files(plans)) for who, split in homes.items())
    assert len({(n.split("/")[1], n.split("/")[2]) for n in list_files(plans)}) == len(homes)
