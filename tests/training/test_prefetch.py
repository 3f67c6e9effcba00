import threading

import pytest

from eeg_kedro.training.prefetch import one_ahead


def test_everything_comes_in_its_order():
    assert [*one_ahead(lambda x: x * x, range(20))] == [x * x for x in range(20)]
    assert [*one_ahead(str, [])] == []


def test_the_next_is_begun_while_the_current_is_in_use_and_no_more():
    begun = [threading.Event() for _ in range(4)]
    items = one_ahead(lambda i: begun[i].set() or i, range(4))
    assert next(items) == 0
    assert begun[1].wait(5)
    assert not begun[2].is_set()
    items.close()


def test_an_error_is_raised_where_its_result_would_have_been():
    items = one_ahead(lambda i: 1 // i, [2, 1, 0, 1])
    assert [next(items), next(items)] == [0, 1]
    with pytest.raises(ZeroDivisionError):
        next(items)


def test_whoever_stops_early_leaves_no_thread_behind():
    items = one_ahead(str, range(100))
    next(items)
    items.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("one-ahead")]
