import numpy as np
import pandas as pd
import pytest

from eeg_kedro.training.masking import HIDDEN, VISIBLE
from eeg_kedro.training.plan_masks import PlanMasks
from tests.sampling.planned_runs import make_options


def make_rows(rejected=()):
    about = {"participant": "a", "run": "1", "start_sample": 0, "n_tokens": 40, "neighbourhood": 6}
    rows = pd.DataFrame([about | {"channel": name} for name in ("FZ", "CZ")])
    return rows.assign(rejected_tokens=[np.array(rejected, np.int32)] * 2)


def kinds(side="train", epoch=0, index=0, rejected=(), **changes):
    return PlanMasks(make_rows(rejected), side, make_options(**changes)).kinds(index, epoch)


def test_training_masks_change_with_epoch_and_seed_and_those_of_validation_with_the_seed_alone():
    assert not np.array_equal(kinds(epoch=0), kinds(epoch=1))
    assert not np.array_equal(kinds(seed=0), kinds(seed=1))
    assert np.array_equal(kinds("validation", epoch=0), kinds("validation", epoch=1))
    assert not np.array_equal(kinds("validation", seed=0), kinds("validation", seed=1))
    assert not np.array_equal(kinds("validation"), kinds("train"))


def test_a_mask_does_not_depend_on_which_row_the_sequence_has():
    rows = make_rows()
    turned = PlanMasks(rows.iloc[::-1], "train", make_options())
    assert np.array_equal(PlanMasks(rows, "train", make_options()).kinds(0, 3), turned.kinds(1, 3))


def test_mae_hides_all_that_is_masked():
    assert {*kinds(mask_ratio=0.5)} == {VISIBLE, HIDDEN}


@pytest.mark.parametrize("style", ["mae", "bert"])
def test_rejected_tokens_are_left_alone(style):
    found = kinds(rejected=[3, 4, 5], masking_style=style, mask_ratio=0.8)
    assert (found[3:6] == VISIBLE).all()
    assert (found != VISIBLE).sum() == round(0.8 * 37)


def test_neighbours_share_what_becomes_of_their_tokens_and_not_the_noise():
    masks = PlanMasks(make_rows(), "train", make_options(mask_sharing="neighbours", masking_style="bert"))
    assert np.array_equal(masks.kinds(0, 2), masks.kinds(1, 2))
    noise = [masks.noise(index, 2, (30, 20)) for index in (0, 1)]
    assert abs(np.corrcoef(noise[0].ravel(), noise[1].ravel())[0, 1]) < 0.15
    assert noise[0].std() == pytest.approx(1, abs=0.1)
