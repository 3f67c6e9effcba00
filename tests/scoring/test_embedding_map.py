import numpy as np
import pandas as pd
import pytest

from eeg_kedro.errors import NonFiniteError
from eeg_kedro.scoring import embedding_map
from eeg_kedro.scoring.embedding_map import MAP_TYPES, choose_participants, map_embeddings
from eeg_kedro.scoring.map_options import MapOptions
from eeg_kedro.scoring.planar_maps import map_by_pca


@pytest.fixture(autouse=True)
def without_umap(monkeypatch):
    """Take PCA for UMAP: tests of the table need no ten seconds of compilation."""
    monkeypatch.setattr(embedding_map, "map_by_umap", lambda points, options: map_by_pca(points))


def embeddings(**counts):
    """Make so many windows of each participant, every other one with a seizure."""
    rows = [(name, float(place)) for name, n in counts.items() for place in range(n)]
    table = pd.DataFrame(rows, columns=["participant", "onset"])
    label = (table["onset"] % 2).astype("int64")
    vectors = np.random.default_rng(0).standard_normal((len(rows), 6)).astype(np.float32)
    return table.assign(run="1", duration=60.0, role="test", label=label, embedding=[*vectors]).assign(
        category=label.map({0: "no_seizure", 1: "full_seizure"})
    )


def options(**changes):
    return MapOptions(**{"fewest_points": 4, **changes})


def test_the_table_has_its_columns_and_types():
    table = map_embeddings(embeddings(a=12), options())
    assert table.dtypes.astype(str).to_dict() == MAP_TYPES
    assert set(table["panel"]) == {"all", "a"}
    assert table.groupby(["panel", "method"]).size().eq(12).all()


def test_no_window_is_an_empty_table_of_the_same_types():
    table = map_embeddings(embeddings().astype({"participant": "str"}), options())
    assert table.empty
    assert table.dtypes.astype(str).to_dict() == MAP_TYPES


def test_samples_are_of_the_stated_number_without_repetition():
    table = map_embeddings(embeddings(a=30, b=20), options(most_points=25, most_points_each=7, seed=3))
    everybody = table[(table["panel"] == "all") & (table["method"] == "pca")]
    assert not everybody.duplicated(["participant", "onset"]).any()
    assert everybody[["n_shown", "n_total", "seed"]].drop_duplicates().to_numpy().tolist() == [[25, 50, 3]]
    assert set(table.loc[table["panel"] == "a", "n_total"]) == {30}
    assert (table[table["panel"] == "a"].groupby("method").size() == 7).all()


def test_a_sample_depends_on_the_seed_and_on_nobody_else():
    def shown(table, seed):
        made = map_embeddings(table, options(most_points_each=5, seed=seed))
        return [*made.loc[made["panel"] == "b", "onset"]]

    alone, with_others = embeddings(b=40), embeddings(a=9, b=40, c=12)
    assert shown(alone, 0) == shown(with_others, 0)
    assert shown(alone, 0) != shown(alone, 1)


def test_fewer_than_four_windows_have_no_map():
    assert map_embeddings(embeddings(a=3), options()).empty
    assert set(map_embeddings(embeddings(a=3, b=4), options())["panel"]) == {"all", "b"}


def test_unseen_participants_with_both_labels_come_first():
    table = embeddings(a=50, b=8, c=9, d=60)
    table.loc[table["participant"] == "a", "role"] = "train"
    table.loc[table["participant"] == "d", "label"] = 0
    assert choose_participants(table, options(most_participants=2)) == ["b", "c"]
    assert choose_participants(table, options(most_participants=3)) == ["a", "b", "c"]
    assert choose_participants(table, options(fewest_points=9, most_participants=1)) == ["c"]
    assert choose_participants(table, options(most_participants=0)) == []


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_an_embedding_that_is_no_number_is_named(bad):
    table = embeddings(a=8)
    table.at[5, "embedding"] = np.array([0, bad, 0, 0, 0, 0], np.float32)
    with pytest.raises(NonFiniteError, match="1 of 8") as caught:
        map_embeddings(table, options())
    assert caught.value.file == "a_1"
    assert "5 s" in str(caught.value)


def test_embeddings_of_two_lengths_are_refused():
    table = embeddings(a=8)
    table.at[0, "embedding"] = np.zeros(3, np.float32)
    with pytest.raises(NonFiniteError, match="differ in length"):
        map_embeddings(table, options())


def test_cosine_looks_at_directions_only():
    table = embeddings(a=10)
    longer = table.assign(embedding=[(place + 1) * one for place, one in enumerate(table["embedding"])])
    near, far = (map_embeddings(one, options())[["x", "y"]].to_numpy() for one in (table, longer))
    assert near == pytest.approx(far, abs=1e-5)
    assert not np.allclose(near, map_embeddings(longer, options(metric="euclidean"))[["x", "y"]].to_numpy())


def test_a_window_nobody_annotated_has_an_empty_category():
    table = embeddings(a=6)
    table.loc[2, "category"] = None
    assert (map_embeddings(table, options())["category"] == "").sum() == 4  # two methods, two panels


def test_outcomes_are_those_of_the_windows_shown():
    curve = np.r_[np.zeros(500), np.ones(500)]
    said = {"model": "pretrained", "seed": 0, "participant": "a", "run": "1", "probability": curve}
    points = {"model": "pretrained", "seed": 0, "target": "event_f1", "threshold": 0.5}
    table = embeddings(a=6, b=6)
    table.loc[0, "onset"] = 600.0
    made = map_embeddings(table, options(), pd.DataFrame([said]), pd.DataFrame([points]))
    own = made[(made["panel"] == "all") & (made["method"] == "pca")]
    assert [*own["outcome"].iloc[:2]] == ["false alarm", "missed"]
    assert set(own.loc[own["participant"] == "b", "outcome"]) == {""}
