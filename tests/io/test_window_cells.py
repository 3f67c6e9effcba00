import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from eeg_kedro.io.window_cells import decode_cells, decode_seconds, encode_cells, encode_seconds


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 5), st.integers(0, 40))))
def test_cells_come_back_as_they_were(cells):
    back = decode_cells(encode_cells(cells), len(cells))
    assert back.dtype == np.uint8
    assert np.array_equal(back, cells)


@given(hnp.arrays(np.float32, st.integers(0, 40), elements=st.floats(-1e6, 1e6, width=32)))
def test_seconds_come_back_as_they_were(values):
    assert np.array_equal(decode_seconds(encode_seconds(values)), values)


def test_numbers_in_a_list_are_taken_too():
    assert decode_seconds(encode_seconds([0.5, 1.0])).tolist() == [0.5, 1.0]


def test_no_text_is_no_cells():
    assert decode_cells("", 3).shape == (3, 0)
    assert decode_seconds("").size == 0


def test_a_day_of_quiet_cells_is_short():
    assert len(encode_cells(np.zeros((21, 86_400), np.uint8))) < 1000


def test_cells_may_be_changed_after_reading():
    decode_cells(encode_cells(np.zeros((2, 3), np.uint8)), 2)[0, 0] = 1
