import errno
import hashlib
from dataclasses import replace

import pandas as pd
import pytest

from eeg_kedro.corpora.folder_listing import list_folder
from eeg_kedro.corpora.survey import IngestOptions, survey_corpus
from eeg_kedro.errors import DiskFullError
from eeg_kedro.synthetic.corpus import RECORD_NAME, WriteOutcome, plan_corpus
from eeg_kedro.synthetic.options import LAYOUTS, FabricateOptions

TINY = FabricateOptions(layouts=("bids",), participants=2, runs=1, minutes=1.0)


def digests(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_with_any_number_of_threads(tmp_path):
    for name, workers in (("a", 1), ("b", 3)):
        plan_corpus(TINY).write(tmp_path / name, workers)
    assert digests(tmp_path / "a") == digests(tmp_path / "b")


def test_another_seed_gives_other_samples():
    first, second = (plan_corpus(TINY.model_copy(update={"seed": seed})) for seed in (0, 1))
    assert first.plans[0] != second.plans[0]
    assert first.fingerprint != second.fingerprint


def test_a_larger_corpus_keeps_its_first_recordings():
    few, many = (plan_corpus(FabricateOptions(layouts=("csv",), participants=n, runs=2)) for n in (2, 5))
    assert few.plans == many.plans[:4]


def test_a_second_write_writes_nothing(tmp_path):
    corpus = plan_corpus(TINY)
    assert corpus.write(tmp_path) == WriteOutcome(len(corpus.files), 0, 0)
    before = digests(tmp_path)
    assert corpus.write(tmp_path) == WriteOutcome(0, len(corpus.files), 0)
    assert digests(tmp_path) == before


def test_a_missing_file_is_written_again_alone(tmp_path):
    corpus = plan_corpus(TINY)
    corpus.write(tmp_path)
    before = digests(tmp_path)
    next(tmp_path.rglob("*.edf")).unlink()
    assert corpus.write(tmp_path).written == 1
    assert digests(tmp_path) == before


def test_a_smaller_corpus_removes_what_is_ours_and_nothing_else(tmp_path):
    plan_corpus(TINY).write(tmp_path)
    foreign = tmp_path / "bids/sub-02/notes.txt"
    foreign.write_text("mine")
    smaller = plan_corpus(TINY.model_copy(update={"participants": 1}))
    assert smaller.write(tmp_path).removed == 3
    assert {*digests(tmp_path)} == {*smaller.files, RECORD_NAME, "bids/sub-02/notes.txt"}


def test_an_interrupted_write_is_finished_by_the_next_one(tmp_path):
    corpus = plan_corpus(TINY)

    def interrupt(path):
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    broken = replace(corpus, files=corpus.files | {"bids/sub-02/ses-01/eeg/x_eeg.edf": interrupt})
    with pytest.raises(KeyboardInterrupt):
        broken.write(tmp_path)
    corpus.write(tmp_path)
    corpus.write(tmp_path / "undisturbed")
    ours = {name: value for name, value in digests(tmp_path).items() if "undisturbed" not in name}
    assert ours == digests(tmp_path / "undisturbed")


def test_a_full_disk_is_named_with_a_remedy(tmp_path):
    def fill(path):
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(DiskFullError, match=r"EEG_KEDRO_DATA"):
        replace(plan_corpus(TINY), files={"a.edf": fill}).write(tmp_path)


def test_truth_stands_beside_the_corpora_and_not_inside(root):
    assert {path.parent for path in root.rglob("*.parquet")} == {root / "ground_truth"}
    assert {path.name for path in root.iterdir()} == {*LAYOUTS, "ground_truth", RECORD_NAME}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_ingest_finds_every_recording_and_every_true_seizure(root, layout):
    truth = pd.read_parquet(root / "ground_truth/recordings.parquet").query("layout == @layout")
    inventory = survey_corpus(list_folder(root / layout), "auto", IngestOptions()).inventory
    both = inventory.merge(truth, on=["participant", "run"], how="outer", suffixes=("", "_true"))
    assert len(both) == len(inventory) == len(truth) == 8
    assert both["n_seizures"].tolist() == both["n_seizures_true"].tolist()
    assert both["n_times"].tolist() == both["n_times_true"].tolist()
    assert both["seizure_seconds"].tolist() == pytest.approx(both["seizure_seconds_true"].tolist(), abs=0.02)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_enough_people_have_seizures_for_three_parts(layout):
    plans = plan_corpus(FabricateOptions(layouts=(layout,))).plans
    people = {plan.person.seed for plan in plans if plan.seizures}
    assert len(people) >= 4


def test_no_rate_means_no_seizure_anywhere():
    assert not any(plan.seizures for plan in plan_corpus(FabricateOptions(seizure_rate=0.0)).plans)
