import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.signal.excerpt import plan_spans, read_excerpt
from eeg_kedro.signal.filters import design_filter, filter_resample
from tests.array_source import ArraySource


def as_is(blocks, first):
    return blocks


@given(st.integers(1, 10**9), st.floats(1, 20_000), st.integers(1, 300), st.floats(1, 1440))
def test_spans_lie_in_order_inside_the_recording_and_within_the_budget(n_times, sfreq, n_channels, minutes):
    spans = plan_spans(n_times, sfreq, n_channels, minutes)
    assert all(0 <= start < stop <= n_times for start, stop in spans)
    assert all(a[1] <= b[0] + 1 for a, b in itertools.pairwise(spans))
    held = sum(stop - start for start, stop in spans)
    assert held <= max(minutes * 60 * sfreq, 1)
    assert held * n_channels * 4 <= 96 << 20 or held == 1


@pytest.mark.parametrize("rates", [(250, 250), (512, 256), (400, 200), (500, 250)])
def test_an_excerpt_is_the_same_as_filtering_the_whole_and_cutting(rates):
    rng = np.random.default_rng(0)
    source = ArraySource(rng.standard_normal((3, 300 * rates[0])).astype(np.float32), rates[0])
    design = design_filter(*rates, 1.0, 100.0, (60.0,))
    spans = [(0, 20 * rates[0]), (101 * rates[0] + 3, 131 * rates[0] + 3), (280 * rates[0], 300 * rates[0])]
    aligned = [(start - start % design.down, stop - start % design.down) for start, stop in spans]
    whole = filter_resample(source.samples, design)
    cut = [whole[:, a * design.up // design.down : b * design.up // design.down] for a, b in aligned]
    found = read_excerpt(source, aligned, design, as_is)
    np.testing.assert_allclose(found, np.concatenate(cut, axis=1), atol=1e-4)


def test_a_short_recording_is_read_whole():
    source = ArraySource(np.random.default_rng(0).standard_normal((2, 5000)).astype(np.float32), 250.0)
    design = design_filter(250, 250, 1.0, 100.0)
    spans = plan_spans(5000, 250.0, 2, 60.0)
    assert spans == [(0, 5000)]
    assert np.array_equal(read_excerpt(source, spans, design, as_is), filter_resample(source.samples, design))
