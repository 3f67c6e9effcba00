"""One log line every few seconds about work on many partitions."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)
LINE_SECONDS = 5.0


class Progress:
    """Count outcomes and say now and then how far the work is.

    Parameters
    ----------
    name : str
        What is being made, for the log line.
    expected, skipped : int
        All partitions, and those that were up to date.
    clock : callable
        Seconds that only grow.
    """

    def __init__(
        self, name: str, expected: int, skipped: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.name, self.expected, self.skipped = name, expected, skipped
        self.done = self.failed = 0
        self._clock = clock
        self._began = self._spoke = clock()

    @property
    def is_complete(self) -> bool:
        """Whether every expected partition is there."""
        return self.done + self.skipped == self.expected

    @property
    def seconds(self) -> float:
        """Seconds since the work began."""
        return self._clock() - self._began

    def count(self, state: str) -> None:
        """Count one outcome, ``done`` or ``failed``."""
        if state == "done":
            self.done += 1
        else:
            self.failed += 1

    def speak(self, *, at_once: bool = False) -> None:
        """Log the counts, at most every `LINE_SECONDS` unless `at_once`."""
        now = self._clock()
        if at_once or now - self._spoke >= LINE_SECONDS:
            self._spoke = now
            logger.info(self.line())

    def line(self) -> str:
        """Return the counts, the rate and the time left."""
        made = self.done + self.failed
        left = self.expected - self.skipped - made
        counts = (
            f"{self.name}: {self.done} done, {self.skipped} skipped, {self.failed} failed of {self.expected}"
        )
        if not made:
            return counts
        pace = max(self.seconds, 1e-9) / made
        return f"{counts}; {60 / pace:.1f} per minute; " + (
            f"{_duration(left * pace)} left" if left else f"took {_duration(self.seconds)}"
        )


def _duration(seconds: float) -> str:
    whole = round(seconds)
    hours, minutes = whole // 3600, whole % 3600 // 60
    return (
        f"{hours} h {minutes} min" if hours else f"{minutes} min {whole % 60} s" if minutes else f"{whole} s"
    )
