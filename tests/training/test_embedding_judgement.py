import numpy as np
import pandas as pd
import pytest

from eeg_kedro.errors import NonFiniteError
from eeg_kedro.scoring.embedding_quality import measure_embeddings
from eeg_kedro.training.embedding_judgement import COLUMNS, judge

ROLE = {"a": "train", "b": "train", "c": "validation", "d": "validation", "e": "test", "f": "test"}


def make_embeddings(roles=ROLE, n=30, shift=3.0):
    """Points of six people: seizures lie apart along the first of four axes."""
    rng = np.random.default_rng(0)
    rows = [
        (
            who,
            "1",
            float(i),
            role,
            i % 2,
            (rng.standard_normal(4) + shift * np.eye(4)[0] * (i % 2)).astype("f4"),
        )
        for who, role in roles.items()
        for i in range(n)
    ]
    return pd.DataFrame(rows, columns=["participant", "run", "onset", "role", "label", "embedding"])


def value(table, metric, role):
    return table.set_index(["metric", "role"]).loc[(metric, role), "value"]


def test_validation_and_test_are_told_apart_and_training_is_the_reference():
    table = make_embeddings()
    found = judge(table, 0)
    assert [*found] == [*COLUMNS]
    sides = {
        role: (np.stack(rows["embedding"]), rows["label"].to_numpy(), rows["participant"].tolist())
        for role, rows in table.groupby("role")
    }
    for role in ("validation", "test"):
        expected = measure_embeddings(*sides[role], sides["train"], 0)
        assert value(found, "label_knn_auroc", role) == pytest.approx(expected["label_knn_auroc"])
    assert set(found["n"]) == {60}
    assert found.groupby("role").size().to_dict() == {"test": 7, "validation": 7}


def test_the_order_of_the_rows_makes_no_difference():
    table = make_embeddings()
    pd.testing.assert_frame_equal(judge(table.sample(frac=1, random_state=2), 0), judge(table, 0))


def test_a_person_can_read_it():
    words = judge(make_embeddings(), 0).set_index(["role", "metric"])["words"]["test"]
    assert words["label_knn_auroc"].endswith("% of pairs (50 % is guessing)")
    assert "(guessing: 50 %)" in words["participant_probe_accuracy"]
    assert "of 4 directions" in words["effective_rank"]


def test_a_role_without_windows_has_no_rows():
    found = judge(make_embeddings({"a": "train", "c": "validation"}), 0)
    assert set(found["role"]) == {"validation"}
    assert judge(make_embeddings({"a": "train"}), 0).empty


def test_what_is_not_defined_is_no_number_and_says_so():
    one_person = judge(make_embeddings({"a": "train", "c": "validation"}), 0).set_index("metric")
    assert np.isnan(one_person.loc["participant_probe_accuracy", "value"])
    assert one_person.loc["participant_probe_accuracy", "words"].startswith("not defined here")
    nobody_trained = judge(make_embeddings({"c": "validation", "d": "validation"}), 0).set_index("metric")
    assert np.isnan(nobody_trained.loc["label_knn_auroc", "value"])
    assert np.isfinite(nobody_trained.loc["effective_rank", "value"])
    no_seizure = judge(make_embeddings().assign(label=0), 0)
    assert np.isnan(value(no_seizure, "label_probe_auroc", "test"))


def test_an_embedding_that_is_no_number_is_refused():
    table = make_embeddings()
    table.at[70, "embedding"] = np.full(4, np.nan, np.float32)
    with pytest.raises(NonFiniteError, match="1 of 60"):
        judge(table, 0)
