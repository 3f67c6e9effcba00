import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.io.sample_blocks import cut_blocks, cut_spans, measure_extent


@given(st.lists(st.integers(0, 30), max_size=12), st.integers(1, 25))
def test_blocks_hold_every_sample_once_and_in_order(lengths, n_block):
    signal = np.arange(2 * sum(lengths), dtype=np.float32).reshape(2, -1)
    pieces = np.split(signal, np.cumsum(lengths)[:-1] if lengths else [], axis=1)
    blocks = list(cut_blocks(pieces, n_block))
    assert all(block.shape[1] == n_block for block in blocks[:-1])
    assert np.array_equal(np.concatenate(blocks, axis=1) if blocks else signal[:, :0], signal)
    assert not blocks or 0 < blocks[-1].shape[1] <= n_block


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 200), st.integers(1, 90)), max_size=6),
)
def test_spans_are_slices_of_the_stream_however_it_is_cut(lengths, wanted):
    signal = np.arange(2 * sum(lengths), dtype=np.float32).reshape(2, -1)
    spans = sorted((start, start + n) for start, n in wanted if start < signal.shape[1])
    found = list(cut_spans(np.split(signal, np.cumsum(lengths)[:-1], axis=1), spans))
    assert sorted(part.tolist() for part in found) == sorted(signal[:, a:b].tolist() for a, b in spans)


def test_extent_leaves_non_finite_samples_out_and_counts_them():
    block = np.array([[1, np.nan, -2], [np.inf, 5, 4], [np.nan] * 3], np.float32)
    limits, n_nonfinite = measure_extent([block, block], 3)
    assert limits[:2].tolist() == [[-2, 1], [4, 5]]
    assert np.isnan(limits[2]).all()
    assert n_nonfinite.tolist() == [2, 2, 6]
