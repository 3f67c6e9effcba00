import re

import edfio
import mne
import numpy as np
import pytest

from eeg_kedro.synthetic.recording import compose_recording

LAYOUT = "chbmit"


@pytest.fixture
def folder(root):
    return root / "chbmit"


def test_the_last_case_is_the_first_person_again(plans):
    people = {plan.participant: plan.person for plan in plans}
    assert [*people] == ["chb01", "chb02", "chb03", "chb21"]
    assert people["chb21"] == people["chb01"]


def test_channels_and_scale_are_those_of_the_real_header(folder, shared_data):
    real = edfio.read_edf(shared_data / "edf/chbmit_header_chb05_06_2s.edf")
    ours = edfio.read_edf(folder / "chb01/chb01_01.edf")
    assert ours.labels == real.labels
    assert [(s.physical_range, s.digital_range) for s in ours.signals] == [
        (s.physical_range, s.digital_range) for s in real.signals
    ]


def test_t8_p8_is_there_twice_and_equal(folder):
    edf = edfio.read_edf(folder / "chb01/chb01_01.edf")
    first, second = (signal.digital for signal in edf.signals if signal.label == "T8-P8")
    assert np.array_equal(first, second)


def test_every_second_case_has_dummy_channels_of_zeros(folder):
    dummies = [s for s in edfio.read_edf(folder / "chb02/chb02_01.edf").signals if s.label == "-"]
    assert len(dummies) == 5
    assert not any(s.digital.any() for s in dummies)


def test_a_pair_is_the_difference_of_its_electrodes(folder, plans):
    x = dict(zip(plans[0].ch_names, compose_recording(plans[0]), strict=True))
    stored = edfio.read_edf(folder / "chb01/chb01_01.edf").signals[1]
    assert stored.label == "F7-T7"
    assert np.abs(stored.data - np.clip(x["F7"] - x["T3"], -800, 800)).max() < 0.21


def test_mne_reads_the_file(folder):
    raw = mne.io.read_raw_edf(folder / "chb02/chb02_01.edf", verbose="error")
    assert raw.info["sfreq"] == 256
    assert raw.n_times == 60 * 256


def test_the_summary_holds_the_true_seizures_in_whole_seconds(folder, plans):
    for plan in plans:
        text = (folder / plan.participant / f"{plan.participant}-summary.txt").read_text()
        block = text.split(f"File Name: {plan.participant}_{plan.run}.edf")[1].split("File Name")[0]
        assert f"Number of Seizures in File: {len(plan.seizures)}\n" in block
        times = [int(t) for t in re.findall(r"Seizure (?:\d+ )?(?:Start|End) Time: (\d+) seconds", block)]
        assert times == [t for s in plan.seizures for t in (s.onset, s.stop)]


def test_the_summary_begins_like_a_real_one(folder, shared_data):
    real = (shared_data / "chbmit/chb01-summary.txt").read_text().splitlines()
    ours = (folder / "chb01/chb01-summary.txt").read_text().splitlines()
    assert ours[:29] == real[:29]
    real_block, our_block = ([re.sub(r"\d+", "N", line) for line in text[29:34]] for text in (real, ours))
    assert our_block[:4] == real_block[:4]


def test_records_list_every_file(folder):
    listed = (folder / "RECORDS").read_text().split()
    assert listed == sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.edf"))
    assert {*(folder / "RECORDS-WITH-SEIZURES").read_text().split()} <= {*listed}
