import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from eeg_kedro.scoring.calibration import expected_calibration_error
from eeg_kedro.scoring.threshold_free import (
    Seconds,
    auprc,
    auroc,
    measure_each,
    measure_together,
    redraw_together,
)

PAIRS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.3, 0.8, 1.0]), st.booleans()), min_size=2, max_size=60
)


def people(n=5, size=400, seed=0):
    rng = np.random.default_rng(seed)
    truths = [rng.random(size) < 0.1 for _ in range(n)]
    return [Seconds(np.clip(rng.normal(0.3 + 0.3 * truth, 0.15), 0, 1), truth) for truth in truths]


def pooled(everybody):
    return np.concatenate([one.truth for one in everybody]), np.concatenate(
        [one.probability for one in everybody]
    )


@given(PAIRS)
def test_areas_are_those_of_scikit_learn(pairs):
    values, truth = np.array([p for p, _ in pairs]), np.array([t for _, t in pairs])
    if truth.all() or not truth.any():
        assert np.isnan(auroc(values, truth))
        assert np.isnan(auprc(values, truth)) == (not truth.any())
        return
    assert auroc(values, truth) == pytest.approx(roc_auc_score(truth, values))
    assert auprc(values, truth) == pytest.approx(average_precision_score(truth, values))


def test_all_seconds_together_are_scored_as_scikit_learn_would():
    everybody = people()
    truth, values = pooled(everybody)
    measured = measure_together(everybody, 10)
    assert measured["auroc"] == pytest.approx(roc_auc_score(truth, values))
    assert measured["auprc"] == pytest.approx(average_precision_score(truth, values))
    assert measured["ece"] == pytest.approx(expected_calibration_error(values, truth, 10))
    assert measured["brier"] == pytest.approx(brier_score_loss(truth, values))


def test_everybody_once_is_the_figure_itself():
    everybody = people()
    together = measure_together(everybody, 10)
    redrawn = redraw_together(everybody, np.ones((1, 5)), 10, together)
    for name, value in together.items():
        assert redrawn[name][0] == pytest.approx(value)


@pytest.mark.parametrize("times", [(2, 0, 1, 1, 1), (0, 0, 5, 0, 0), (1, 3, 0, 1, 0)])
def test_a_draw_is_what_drawing_the_seconds_would_give(times):
    everybody = people(size=3000)
    repeated = [one for one, n in zip(everybody, times, strict=True) for _ in range(n)]
    exact, once = measure_together(repeated, 10), measure_together(everybody, 10)
    redrawn = redraw_together(everybody, np.array([times], float), 10, once)
    assert redrawn["brier"][0] == pytest.approx(exact["brier"])
    assert redrawn["ece"][0] == pytest.approx(exact["ece"])
    assert redrawn["auroc"][0] == pytest.approx(exact["auroc"], abs=1e-3)
    assert redrawn["auprc"][0] == pytest.approx(exact["auprc"], abs=5e-3)


def test_a_participant_without_seizure_has_a_brier_score_only():
    calm = Seconds(np.full(50, 0.2), np.zeros(50, bool))
    each = measure_each([calm, *people(1)], 10)
    assert np.isnan(each["auroc"][0])
    assert np.isnan(each["auprc"][0])
    assert each["brier"][0] == pytest.approx(0.04)
    assert each["ece"][0] == pytest.approx(0.2)
    assert np.isfinite(each["auroc"][1])


def test_a_constant_prediction_ranks_nothing():
    truth = np.array([True, False, False, False])
    assert auroc(np.full(4, 0.3), truth) == 0.5
    assert auprc(np.full(4, 0.3), truth) == 0.25
