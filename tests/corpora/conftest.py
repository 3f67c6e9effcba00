import edfio
import numpy as np
import pytest

from eeg_kedro.corpora.folder_listing import list_folder
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.survey import survey_corpus

NAMES = ("EEG FP1-REF", "EEG F3-REF", "EEG C3-REF", "EEG O2-REF")


def _edf(path, seconds=10, names=NAMES, sfreq=256, **header):
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.random.default_rng(0).normal(0, 20, (len(names), seconds * sfreq))
    signals = [
        edfio.EdfSignal(row, sfreq, label=name, physical_dimension="uV")
        for row, name in zip(samples, names, strict=True)
    ]
    edfio.Edf(signals, **header).write(path)
    return path


class Corpus:
    """A folder to fill, and what the survey says about it."""

    def __init__(self, root):
        self.root = root

    def edf(self, relative, **options):
        return _edf(self.root / relative, **options)

    def text(self, relative, content):
        path = self.root / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return path

    def survey(self, layout="auto", **options):
        return survey_corpus(list_folder(self.root), layout, IngestOptions(**options))

    def row(self, survey, path):
        """Return the report row of one file."""
        (row,) = survey.report[survey.report["path"] == path].to_dict("records")
        return row


@pytest.fixture
def corpus(tmp_path):
    (tmp_path / "corpus").mkdir()
    return Corpus(tmp_path / "corpus")
