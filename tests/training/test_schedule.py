import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.training.loop_options import LoopOptions
from eeg_kedro.training.schedule import learning_rate, warmup_steps


def rates(total, **options):
    loop = LoopOptions(lr=0.4, **options)
    return [learning_rate(step, total, loop) for step in range(total)]


def test_it_rises_in_equal_steps_and_falls_along_half_a_cosine():
    found = rates(10, warmup_share=0.2, final_lr_share=0.0)
    cosine = [0.2 * (1 + math.cos(math.pi * i / 8)) for i in range(8)]
    assert found == pytest.approx([0.2, 0.4, *cosine])


def test_without_a_rise_it_begins_at_the_top():
    assert rates(4, warmup_share=0.0)[0] == 0.4


def test_it_ends_near_the_lowest_share():
    assert rates(10_000, final_lr_share=0.1)[-1] == pytest.approx(0.04, rel=1e-3)


@given(total=st.integers(1, 300), warmup=st.floats(0, 0.99), lowest=st.floats(0, 1))
def test_it_never_leaves_its_range_and_has_one_peak(total, warmup, lowest):
    found = rates(total, warmup_share=warmup, final_lr_share=lowest)
    peak = warmup_steps(total, warmup)
    assert all(0 < rate <= 0.4 * (1 + 1e-12) for rate in found)
    assert found[:peak] == sorted(found[:peak])
    assert found[peak:] == sorted(found[peak:], reverse=True)
