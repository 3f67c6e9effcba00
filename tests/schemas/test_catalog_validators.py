"""Every table of layers 02 to 07 is held against a schema; only those that nobody builds on are not."""

from pathlib import Path

import yaml
from kedro.utils import load_obj

from eeg_kedro.schemas.table_schema import TableSchema

CATALOG = Path(__file__).parents[2] / "conf" / "base" / "catalog"
# one file per recording; yours to write; hundreds of float columns; a vector per window; small, read by people only
FREE = {
    "feat_spectrograms",
    "input_hard_negatives",
    "feat_window_features",
    "output_embeddings",
    "output_participant_predictions",
}


def _tables():
    for file in sorted(CATALOG.glob("0[2-7]_*.yml")):
        for name, entry in yaml.safe_load(file.read_text()).items():
            kind = entry.get("dataset", entry).get("type", "")
            if kind.endswith("TableDataset"):
                yield name, entry.get("validator")


def test_every_table_has_a_schema_or_is_known_to_have_none():
    assert {name for name, schema in _tables() if schema is None} <= FREE


def test_every_schema_that_is_named_exists():
    for name, schema in _tables():
        if schema is not None:
            found = load_obj(schema)
            assert isinstance(found, TableSchema)
            assert found.name == name
