import pandas as pd
import pytest
from kedro.io import DataCatalog
from kedro.validation import DataValidationError

from eeg_kedro.corpora.recording import EVENT_COLUMNS, make_table
from eeg_kedro.errors import ArtifactError
from eeg_kedro.schemas.intermediate import EVENTS
from eeg_kedro.schemas.table_schema import TableSchema, distinct, not_above, same_length
from eeg_kedro.user_errors import tell_plainly

EVENT = {
    "participant": "a",
    "run": "1",
    "onset": 1.0,
    "duration": 2.0,
    "onset_sample": 256,
    "n_samples": 512,
    "label": "sz",
    "kind": "seizure",
    "channel": "",
    "confidence": float("nan"),
    "source": "a_1.tsv",
    "has_signal": True,
}


@pytest.fixture
def events():
    return make_table([EVENT, EVENT | {"onset": 9.0}], EVENT_COLUMNS, ["onset"])


@pytest.fixture
def catalog(tmp_path):
    path = (tmp_path / "02_intermediate" / "events.parquet").as_posix()
    kind, schema = "eeg_kedro.datasets.TableDataset", "eeg_kedro.schemas.intermediate.EVENTS"
    return DataCatalog.from_config({"int_events": {"type": kind, "filepath": path, "validator": schema}})


def test_a_good_table_passes_unchanged_and_is_not_copied(events):
    assert EVENTS.validate(events) is events


def test_an_empty_table_passes():
    EVENTS.validate(make_table([], EVENT_COLUMNS, ["onset"]))


def test_an_absent_table_passes():
    assert EVENTS.validate(None) is None


@pytest.mark.parametrize(
    "damage",
    [
        {"duration": -1.0},
        {"duration": float("nan")},
        {"onset": float("inf")},
        {"run": "1\n"},
        {"kind": "sezure"},
        {"participant": "Jane Doe"},
        {"onset_sample": 1.5},
        {"has_signal": None},
        {"label": None},
    ],
)
def test_a_damaged_artifact_is_refused_at_load_with_the_column_named(events, catalog, tmp_path, damage):
    (column,) = damage
    whole = events.astype({column: object})
    whole.loc[1, column] = damage[column]
    (tmp_path / "02_intermediate").mkdir()
    whole.to_parquet(tmp_path / "02_intermediate" / "events.parquet")
    with pytest.raises(DataValidationError) as told:
        catalog.load("int_events")
    assert "int_events: the table is not what its schema says" in tell_plainly(told.value)
    assert f"column {column}: " in tell_plainly(told.value)


def test_a_lost_column_is_named(events, catalog, tmp_path):
    (tmp_path / "02_intermediate").mkdir()
    events.drop(columns="label").to_parquet(tmp_path / "02_intermediate" / "events.parquet")
    with pytest.raises(DataValidationError) as told:
        catalog.load("int_events")
    assert "column label: missing" in tell_plainly(told.value)


def test_a_truncated_file_is_refused_in_a_sentence(events, catalog, tmp_path):
    catalog.save("int_events", events)
    path = tmp_path / "02_intermediate" / "events.parquet"
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(Exception, match=r"events\.parquet") as told:
        catalog.load("int_events")
    assert tell_plainly(told.value).startswith("ArtifactError: events.parquet: the table cannot be read")


def test_what_does_not_fit_is_not_saved(events, catalog, tmp_path):
    with pytest.raises(DataValidationError) as told:
        catalog.save("int_events", events.assign(duration=-1.0))
    assert "column duration" in tell_plainly(told.value)
    assert not (tmp_path / "02_intermediate" / "events.parquet").exists()


def test_lists_of_different_lengths_are_seen():
    schema = TableSchema("table", {"a": "object", "b": "object"}, relations=[same_length("a", "b")])
    schema.validate(pd.DataFrame({"a": [[1], []], "b": [["x"], []]}))
    with pytest.raises(ArtifactError, match="one length in a, b"):
        schema.validate(pd.DataFrame({"a": [[1], [2]], "b": [["x"], []]}))


def test_more_seizure_than_window_is_seen():
    schema = TableSchema("table", {"part": "int64", "whole": "int64"}, relations=[not_above("part", "whole")])
    with pytest.raises(ArtifactError, match="part not above whole"):
        schema.validate(pd.DataFrame({"part": [1, 3], "whole": [1, 2]}))


def test_one_name_for_two_rows_is_seen():
    schema = TableSchema("table", {"run": "str"}, unique=["run"])
    with pytest.raises(ArtifactError, match="run"):
        schema.validate(pd.DataFrame({"run": ["1", "1"]}).astype("str"))


def test_what_was_not_measured_may_be_missing_only_where_it_is_said():
    schema = TableSchema("table", {"a": "float64", "b": "float64"}, missing=("a",))
    schema.validate(pd.DataFrame({"a": [float("nan")], "b": [1.0]}))
    with pytest.raises(ArtifactError, match="column b: not_nullable"):
        schema.validate(pd.DataFrame({"a": [1.0], "b": [float("nan")]}))


def test_rows_with_one_index_are_told_apart(events):
    with pytest.raises(ArtifactError, match="column duration"):
        EVENTS.validate(events.assign(duration=-1.0).set_index(pd.Index([7, 7])))


def test_what_is_no_table_is_refused():
    with pytest.raises(ArtifactError, match=r"not a table \(found 'dict'\)"):
        EVENTS.validate({})


def test_a_channel_that_is_there_twice_is_seen():
    schema = TableSchema("table", {"a": "object"}, relations=[distinct("a")])
    schema.validate(pd.DataFrame({"a": [["x", "y"], []]}))
    with pytest.raises(ArtifactError, match="different values in a"):
        schema.validate(pd.DataFrame({"a": [["x", "x"]]}))
