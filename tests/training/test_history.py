import pandas as pd

from eeg_kedro.training.history import TYPES, list_history, metric_history
from tests.training.tiny_task import STEPS, TinyTask, train


def test_a_row_per_epoch_and_a_column_per_metric():
    table = list_history(train(TinyTask())[-1].checkpoint)
    assert [*table.columns] == [*TYPES, "validation_zero_loss"]
    assert (table["epoch"].tolist(), table["step"].tolist()) == ([0, 1], [STEPS, 2 * STEPS])
    assert table.dtypes.astype(str).to_dict() == {**TYPES, "validation_zero_loss": "float64"}


def test_before_the_first_epoch_is_done_the_table_is_empty():
    table = list_history(train(TinyTask(), save_steps=1)[0].checkpoint)
    assert len(table) == 0
    assert table.dtypes.astype(str).to_dict() == TYPES
    assert metric_history(table) == {}


def test_curves_are_lists_of_epoch_and_value():
    table = pd.DataFrame({"epoch": [3, 4], "step": [8, 9], "lr": [0.5, 0.25], "is_best": [True, False]})
    assert metric_history(table) == {"lr": [{"step": 3, "value": 0.5}, {"step": 4, "value": 0.25}]}
