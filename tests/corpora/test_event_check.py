import numpy as np
import pandas as pd
import pytest

from eeg_kedro.corpora.event_check import check_events
from eeg_kedro.errors import ArtifactError

HEAD = "onset\tduration\teventType\n"


@pytest.fixture
def survey(corpus):
    corpus.edf("a_1.edf", seconds=30)
    corpus.text("a_1_events.tsv", HEAD + "1.3\t5.7\tsz\n4\t6\tfnsz\n20\t3\tbckg\n")
    corpus.edf("b_1.edf", seconds=20)
    corpus.text("b_1_events.tsv", HEAD)
    return corpus.survey("flat")


def test_what_ingest_wrote_is_accepted(survey):
    check_events(survey.events, survey.inventory)


def test_events_without_a_signal_are_not_asked_about(survey):
    stranger = survey.events.head(1).assign(participant="z", has_signal=False, onset_sample=-1)
    check_events(pd.concat([survey.events, stranger]), survey.inventory)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda events: events.drop(index=0), "other seizures than were counted"),
        (lambda events: events.assign(kind="background"), "other seizures than were counted"),
        (lambda events: events.assign(participant="c"), "the inventory does not know"),
        (lambda events: events.assign(onset=events["onset"] + 5000), "seconds that are not their samples"),
        (
            lambda events: events.assign(n_samples=events["n_samples"] + 9),
            "seconds that are not their samples",
        ),
        (lambda events: events.assign(onset=np.nan), "seconds that are not their samples"),
    ],
)
def test_events_that_are_no_longer_those_that_were_counted_are_refused(survey, change, what):
    with pytest.raises(ArtifactError, match=what) as told:
        check_events(change(survey.events), survey.inventory)
    assert "_1" in told.value.value
