"""The next batch is made while the current one is trained on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")


def one_ahead(make: Callable[[Given], Made], arguments: Iterable[Given]) -> Iterator[Made]:
    """Yield ``make(argument)`` of all arguments in their order, each begun when its forerunner is handed out.

    A thread is enough, because decompression and copies let go of the interpreter, and it spares the tensors the way
    through shared memory. What ``make`` raises is raised where its result would have been.

    Parameters
    ----------
    make : callable
        Must not depend on what happens between two of its calls: it runs early.
    arguments : iterable
        What it is called with.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="one-ahead") as thread:
        current: Future[Made] | None = None
        for argument in arguments:
            following = thread.submit(make, argument)
            if current is not None:
                yield current.result()
            current = following
        if current is not None:
            yield current.result()
