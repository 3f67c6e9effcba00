import pandas as pd
import pytest

from eeg_kedro.corpora.folder_listing import list_folder
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.survey import survey_corpus
from eeg_kedro.synthetic.corpus import plan_corpus
from eeg_kedro.synthetic.options import FabricateOptions

LAYOUTS = ("tusz", "chbmit", "bids", "csv")


@pytest.fixture(scope="session")
def fabricated(tmp_path_factory):
    """Small corpora in every layout, with their ground truth: tests that need no data of anybody's."""
    root = tmp_path_factory.mktemp("fabricated")
    options = FabricateOptions(participants=3, runs=1, minutes=2.0, seizure_rate=30.0, seed=3)
    plan_corpus(options).write(root)
    return root


@pytest.fixture
def truth(fabricated):
    return pd.read_parquet(fabricated / "ground_truth/recordings.parquet").set_index(
        ["layout", "participant", "run"]
    )


@pytest.fixture
def survey(fabricated):
    return lambda layout, name="auto": survey_corpus(list_folder(fabricated / layout), name, IngestOptions())
