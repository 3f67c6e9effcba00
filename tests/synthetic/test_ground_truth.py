import pandas as pd
import pytest

from eeg_kedro.synthetic.ground_truth import EVENT_COLUMNS


@pytest.fixture
def events(root):
    return pd.read_parquet(root / "ground_truth/events.parquet")


def test_every_planned_thing_has_a_row(corpus, events):
    assert (events["kind"] == "seizure").sum() == sum(len(plan.seizures) for plan in corpus.plans)
    assert (events["kind"] == "blink").sum() == sum(
        e.kind == "blink" for plan in corpus.plans for e in plan.happened
    )
    assert (events["kind"] == "bad_channel").sum() == sum(bool(plan.fault) for plan in corpus.plans)
    assert tuple(events.columns) == EVENT_COLUMNS


def test_states_cover_each_recording_once(events):
    states = events[events["kind"] == "state"]
    assert (states.groupby(["layout", "participant", "run"])["duration"].sum() == 60).all()


def test_everything_ends_within_its_recording(events):
    assert (events["onset"] >= 0).all()
    assert (events["onset"] + events["duration"] <= 60).all()
