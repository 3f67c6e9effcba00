import logging

import pytest

from eeg_kedro.datasets.progress import Progress


@pytest.fixture
def clock():
    class Clock:
        now = 0.0

        def __call__(self):
            return self.now

    return Clock()


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.INFO, logger="eeg_kedro.datasets.progress")
    return lambda: [record.message for record in caplog.records]


def test_counts_rate_and_time_left_are_told(clock):
    progress = Progress("windows", 100, 40, clock)
    for state in ["done"] * 9 + ["failed"]:
        progress.count(state)
    clock.now = 60.0
    assert progress.line() == "windows: 9 done, 40 skipped, 1 failed of 100; 10.0 per minute; 5 min 0 s left"


def test_the_last_line_tells_how_long_it_took(clock):
    progress = Progress("windows", 1, 0, clock)
    progress.count("done")
    clock.now = 4000.0
    assert progress.line().endswith("took 1 h 6 min")


def test_nothing_to_do_has_no_rate(clock):
    assert Progress("windows", 3, 3, clock).line() == "windows: 0 done, 3 skipped, 0 failed of 3"


def test_it_speaks_every_five_seconds_at_most(clock, lines):
    progress = Progress("windows", 100, 0, clock)
    for second in range(12):
        clock.now = float(second)
        progress.speak()
    assert len(lines()) == 2


def test_it_speaks_at_once_when_told_to(clock, lines):
    Progress("windows", 0, 0, clock).speak(at_once=True)
    assert lines() == ["windows: 0 done, 0 skipped, 0 failed of 0"]


def test_it_is_complete_when_nothing_is_missing(clock):
    progress = Progress("windows", 2, 1, clock)
    assert not progress.is_complete
    progress.count("done")
    assert progress.is_complete
