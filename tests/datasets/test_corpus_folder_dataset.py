import pytest
from kedro.io import DatasetError

from eeg_kedro.datasets.corpus_folder_dataset import CorpusFolderDataset
from eeg_kedro.synthetic.corpus import plan_corpus
from eeg_kedro.synthetic.options import FabricateOptions

TINY = FabricateOptions(layouts=("bids",), participants=1, runs=1, minutes=1.0)


@pytest.fixture
def dataset(tmp_path):
    return CorpusFolderDataset(path=str(tmp_path / "fabricated"), layout="bids", max_workers=1)


def test_a_plan_saved_is_a_folder_listed(dataset, tmp_path):
    dataset.save(plan_corpus(TINY))
    listing = dataset.load()
    assert listing.root == tmp_path / "fabricated/bids"
    assert sum(name.endswith("_eeg.edf") for name in listing.files) == 1


def test_nothing_exists_before_the_first_save(dataset):
    assert not dataset.exists()
    with pytest.raises(DatasetError, match="run the pipeline fabricate"):
        dataset.load()


def test_a_corpus_exists_for_the_layouts_that_were_written(dataset, tmp_path):
    dataset.save(plan_corpus(TINY))
    assert dataset.exists()
    assert not CorpusFolderDataset(path=str(tmp_path / "fabricated"), layout="tusz").exists()
    assert CorpusFolderDataset(path=str(tmp_path / "fabricated")).exists()


def test_an_unfinished_corpus_does_not_exist(dataset, tmp_path):
    dataset.save(plan_corpus(TINY))
    record = tmp_path / "fabricated/.fabricated.json"
    record.write_text('{"fingerprint": "", "files": {"bids/README": -1}}')
    assert not dataset.exists()
