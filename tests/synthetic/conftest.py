import pytest

from eeg_kedro.synthetic.corpus import plan_corpus
from eeg_kedro.synthetic.options import FabricateOptions

SMALL = FabricateOptions(participants=4, runs=2, minutes=1.0, seizure_rate=30.0)


@pytest.fixture(scope="session")
def corpus():
    return plan_corpus(SMALL)


@pytest.fixture(scope="session")
def root(corpus, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fabricated")
    corpus.write(folder)
    return folder


@pytest.fixture
def plans(corpus, request):
    return [plan for plan in corpus.plans if plan.layout == request.module.LAYOUT]
