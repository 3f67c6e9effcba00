import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

from eeg_kedro.errors import NonFiniteError, ParameterError
from eeg_kedro.scoring.embedding_quality import (
    QUALITY_METRICS,
    knn_scores,
    label_probe_scores,
    measure_embeddings,
    participant_probe,
)


def windows(n_people=5, n=30, size=8, seed=0, shift=1.0, offset=1.0):
    """Make embeddings that shift with the label and with the participant."""
    random = np.random.default_rng(seed)
    people = np.repeat([f"{seed}-{i}" for i in range(n_people)], n)
    labels = np.tile(np.arange(n) % 2, n_people)
    where = np.repeat(offset * random.standard_normal((n_people, size)), n, axis=0)
    embeddings = where + random.standard_normal((n_people * n, size)) + shift * labels[:, None]
    return embeddings.astype(np.float32), labels, people


SEEN, UNSEEN = windows(seed=1), windows(seed=2)


def test_the_share_of_neighbours_is_that_of_scikit_learn():
    peer = KNeighborsClassifier(20, metric="cosine", algorithm="brute").fit(*SEEN[:2])
    np.testing.assert_allclose(
        knn_scores(UNSEEN[0], *SEEN[:2], 20), peer.predict_proba(UNSEEN[0])[:, 1], atol=1e-7
    )


def test_neighbours_are_the_same_in_blocks(monkeypatch):
    whole = knn_scores(UNSEEN[0], *SEEN[:2], 20)
    monkeypatch.setattr("eeg_kedro.scoring.embedding_quality._BLOCK", 1000)
    np.testing.assert_array_equal(knn_scores(UNSEEN[0], *SEEN[:2], 20), whole)


def test_fewer_windows_than_neighbours_are_all_taken():
    np.testing.assert_allclose(knn_scores(UNSEEN[0], SEEN[0][:4], np.array([1, 0, 0, 0]), 20), 0.25)


def test_both_aurocs_are_those_of_scikit_learn():
    values = measure_embeddings(*UNSEEN, SEEN, seed=0)
    near = (
        KNeighborsClassifier(20, metric="cosine", algorithm="brute").fit(*SEEN[:2]).predict_proba(UNSEEN[0])
    )
    scaler = StandardScaler().fit(SEEN[0])
    probe = LogisticRegression(max_iter=1000).fit(scaler.transform(SEEN[0]), SEEN[1])
    probed = probe.decision_function(scaler.transform(UNSEEN[0]))
    assert values["label_knn_auroc"] == pytest.approx(roc_auc_score(UNSEEN[1], near[:, 1]), abs=1e-9)
    assert values["label_probe_auroc"] == pytest.approx(roc_auc_score(UNSEEN[1], probed), abs=1e-3)
    assert values["label_probe_auroc"] > 0.8


def test_the_probe_of_participants_learns_from_the_first_half_and_names_the_second():
    embeddings, _, people = UNSEEN
    early = np.concatenate([np.arange(30 * i, 30 * i + 15) for i in range(5)])
    late = early + 15
    peer = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto", priors=[0.2] * 5)
    expected = (peer.fit(embeddings[early], people[early]).predict(embeddings[late]) == people[late]).mean()
    accuracy, chance = participant_probe(embeddings, people)
    assert (accuracy, chance) == (pytest.approx(expected), pytest.approx(0.2))


def test_the_probe_of_participants_tells_identity_from_none():
    strong, none = windows(offset=10), windows(offset=0, n=200)
    assert participant_probe(strong[0], strong[2])[0] > 0.98
    assert participant_probe(none[0], none[2])[0] == pytest.approx(0.2, abs=0.06)


def test_participants_with_few_windows_are_left_out_and_all_count_alike():
    embeddings, _, people = windows(3, offset=20)
    kept = np.r_[0:30, 30:60, 60:63]
    assert participant_probe(embeddings[kept], people[kept]) == (1.0, 0.5)


def test_measurements_are_the_same_again_and_all_are_there():
    first, second = (measure_embeddings(*UNSEEN, SEEN, seed=3) for _ in "12")
    assert first == second
    assert tuple(first) == QUALITY_METRICS
    assert np.isfinite([*first.values()]).all()


def undefined(values):
    return {name for name, value in values.items() if np.isnan(value)}


ABOUT_LABELS = {"label_knn_auroc", "label_probe_auroc"}
ABOUT_PERSONS = {"participant_probe_accuracy", "participant_probe_chance"}


def test_without_a_reference_labels_are_not_measured():
    assert undefined(measure_embeddings(*UNSEEN, None, seed=0)) == ABOUT_LABELS


@pytest.mark.parametrize("side", ["unseen", "reference"])
def test_with_one_class_labels_are_not_measured(side):
    seen, unseen = windows(seed=1), windows(seed=2)
    (unseen if side == "unseen" else seen)[1][:] = 0
    assert undefined(measure_embeddings(*unseen, seen, seed=0)) == ABOUT_LABELS


def test_with_one_participant_persons_are_not_measured():
    assert undefined(measure_embeddings(*windows(1), SEEN, seed=0)) == ABOUT_PERSONS | {"alignment"}


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_a_few_windows_are_measured_as_far_as_they_go(n):
    values = measure_embeddings(*(part[:n] for part in UNSEEN), SEEN, seed=0)
    assert undefined(values) >= ABOUT_PERSONS
    assert (undefined(values) == {*QUALITY_METRICS}) == (n == 0)


def test_one_point_is_measured_too():
    point = np.ones_like(UNSEEN[0]), *UNSEEN[1:]
    values = measure_embeddings(*point, (np.ones_like(SEEN[0]), *SEEN[1:]), seed=0)
    assert values["effective_rank"] == values["mean_distance"] == values["uniformity"] == 0
    assert values["label_knn_auroc"] == values["label_probe_auroc"] == 0.5
    assert undefined(values) == ABOUT_PERSONS


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("side", ["unseen", "reference"])
def test_embeddings_that_are_not_finite_are_counted(bad, side):
    seen, unseen = windows(seed=1), windows(seed=2)
    (unseen if side == "unseen" else seen)[0][[3, 7], 0] = bad
    with pytest.raises(NonFiniteError, match=f"{side}.*2 of 150"):
        measure_embeddings(*unseen, seen, seed=0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda x, y, p: (x, y[:-1], p), "do not belong together"),
        (lambda x, y, p: (x[0], y, p), "do not belong together"),
        (lambda x, y, p: (x, y + 1, p), "neither 0 nor 1"),
        (lambda x, y, p: (x[:, :3], y, p), "differ in size"),
    ],
)
def test_what_does_not_belong_together_is_refused(change, said):
    with pytest.raises(ParameterError, match=said):
        measure_embeddings(*change(*UNSEEN), SEEN, seed=0)


def test_no_neighbour_is_refused():
    with pytest.raises(ParameterError, match="k is below 1"):
        measure_embeddings(*UNSEEN, SEEN, seed=0, k=0)


def test_the_probe_of_labels_takes_any_scale():
    scores = [label_probe_scores(UNSEEN[0] * scale, SEEN[0] * scale, SEEN[1]) for scale in (1e-6, 1e6)]
    np.testing.assert_allclose(*scores, rtol=1e-2, atol=1e-2)
