import time

import pytest
from pydantic import ValidationError

from eeg_kedro.datasets.executors import ExecutorOptions, open_pool


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "spark"}, {"max_workers": 0}, {"kind": "loky", "address": "tcp://a:1"}, {"workers": 2}],
)
def test_options_that_mean_nothing_are_refused(wrong):
    with pytest.raises(ValidationError):
        ExecutorOptions(**wrong)


def test_no_more_workers_are_started_than_there_are_jobs():
    with open_pool(ExecutorOptions(kind="threads", max_workers=8), 3) as pool:
        assert pool.slots() == 3


def test_leaving_on_an_error_cancels_what_has_not_begun():
    futures = []
    options = ExecutorOptions(kind="threads", max_workers=1)
    with pytest.raises(IndexError), open_pool(options, 9) as pool:
        _fill_and_fail(pool, futures)
    assert futures[-1].cancelled()


def _fill_and_fail(pool, futures):
    futures.extend(pool.executor.submit(time.sleep, 0.05) for _ in range(9))
    raise IndexError


def test_serial_work_is_done_when_it_is_handed_over():
    with open_pool(ExecutorOptions(), 1) as pool:
        assert pool.executor.submit(max, 1, 2).result(timeout=0) == 2


def test_a_loky_worker_ignores_ctrl_c_and_has_one_thread():
    with open_pool(ExecutorOptions(kind="loky", max_workers=1), 1) as pool:
        assert pool.executor.submit(_manners).result() == (True, "1")


def _manners():
    import os
    import signal

    return signal.getsignal(signal.SIGINT) is signal.SIG_IGN, os.environ["OMP_NUM_THREADS"]
