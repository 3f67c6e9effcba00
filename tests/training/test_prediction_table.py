import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from eeg_kedro.errors import WindowError
from eeg_kedro.sampling.windows.window_reader import WindowReader
from eeg_kedro.training.baselines.fitted import FittedBaseline
from eeg_kedro.training.baselines.options import BaselineOptions
from eeg_kedro.training.predicting import RunPrediction
from eeg_kedro.training.prediction_table import (
    TYPES,
    PredictingModel,
    fit_seconds,
    judge_with_baseline,
    list_runs,
    tabulate,
)
from tests.training.finetune_corpus import ROLES, write_people
from tests.written_windows import NAMES

MODEL = PredictingModel("pretrained", "m_finetuned_s0", 0, 0.3, 0.01)
SPLIT = pd.DataFrame({"participant": [*ROLES], "role": [*ROLES.values()]})


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    return WindowReader(write_people(tmp_path_factory.mktemp("people")), ch_names=NAMES)


def make_runs(*durations):
    rows = [("c", str(number), "test", duration) for number, duration in enumerate(durations)]
    return pd.DataFrame(rows, columns=["participant", "run", "role", "duration"])


def said(runs, *probabilities, note=""):
    keys = zip(runs["participant"], runs["run"], strict=True)
    values = [np.asarray(probability, np.float32) for probability in probabilities]
    return [RunPrediction(key, value, note) for key, value in zip(keys, values, strict=True)]


def test_only_people_nobody_trained_on_are_predicted(reader):
    runs = list_runs(SPLIT, None, reader)
    assert [*zip(runs["participant"], runs["run"], runs["role"], strict=True)] == [
        ("c", "1", "validation"), ("c", "2", "validation"), ("d", "1", "test"),
    ]  # fmt: skip
    assert runs["duration"].tolist() == [1433 / 50, 1.0, 199 / 50]


def test_the_inventory_knows_the_exact_length_and_runs_without_windows(reader):
    inventory = pd.DataFrame({"participant": ["c", "d", "a"], "run": ["1", "7", "1"], "duration": 28.664})
    runs = list_runs(SPLIT, inventory, reader).set_index(["participant", "run"])
    assert runs.loc[("c", "1"), "duration"] == runs.loc[("d", "7"), "duration"] == 28.664
    assert len(runs) == 4


def test_each_run_is_a_row_with_a_number_per_second():
    runs, told = make_runs(2.5), []
    table = tabulate(MODEL, said(runs, [0.1, 0.2, 0.3]), runs, told.append)
    assert [*table] == [*TYPES]
    (row,) = table.to_dict("records")
    assert row["probability"].tolist() == pytest.approx([0.1, 0.2, 0.3])
    assert (row["model"], row["seed"], row["prior_true"], row["note"]) == ("pretrained", 0, 0.01, "")
    assert len(told) == 1


def test_the_column_of_probabilities_is_a_list_of_float32():
    runs = make_runs(2.0, 1.0)
    lost = RunPrediction(("c", "1"), np.zeros(0, np.float32), "why")
    table = tabulate(MODEL, [*said(runs.iloc[:1], [0.1, 0.2]), lost], runs, lambda _: None)
    assert str(pa.array(table["probability"]).type) == "list<item: float>"
    assert table["note"].tolist() == ["", "why"]


@pytest.mark.parametrize(
    ("n_seconds", "duration", "wanted"), [(10, 10.0, 10), (11, 10.0, 10), (10, 10.004, 11), (1, 0.3, 1)]
)
def test_seconds_are_as_many_as_the_recording_has(n_seconds, duration, wanted):
    found = fit_seconds(np.arange(n_seconds, dtype=np.float32), duration, ("a", "1"))
    assert found.size == wanted
    assert found[-1] == min(wanted, n_seconds) - 1


def test_windows_of_another_length_are_no_prediction():
    with pytest.raises(WindowError, match=r"a_1: .*12 s of windows, 10 s in the inventory"):
        fit_seconds(np.zeros(12, np.float32), 10.0, ("a", "1"))
    runs = make_runs(10.0)
    (row,) = tabulate(MODEL, said(runs, np.zeros(12)), runs, lambda _: None).to_dict("records")
    assert (row["probability"].size, "not as long" in row["note"]) == (0, True)


def test_a_constant_is_no_matter_of_priors_and_a_lost_run_is_a_note(reader):
    fitted = FittedBaseline("always_on", BaselineOptions(), 0.3, 9, None)
    found, lost = judge_with_baseline(fitted, reader, [("c", "1"), ("x", "1")], NAMES, 0.01)
    assert found.probability.tolist() == [1.0] * 29
    assert (lost.probability.size, "no windows of this run" in lost.note) == (0, True)
