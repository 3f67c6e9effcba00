"""Show what a user can mend as a sentence; keep the traceback for bugs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType

from eeg_kedro.errors import EegError

Hook = Callable[[type[BaseException], BaseException, TracebackType | None], None]


def show_user_errors_plainly() -> None:
    """Install an exception hook that prints an `EegError`, also one that Kedro has wrapped, without its trace."""
    if not isinstance(sys.excepthook, _PlainHook):
        sys.excepthook = _PlainHook(sys.excepthook)


class _PlainHook:
    def __init__(self, otherwise: Hook) -> None:
        self._otherwise = otherwise

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        mendable = _find(error)
        if mendable is None:
            self._otherwise(kind, error, trace)
        else:
            sys.stderr.write(f"\n{type(mendable).__name__}: {mendable}\n")


def _find(error: BaseException | None) -> EegError | None:
    while error is not None and not isinstance(error, EegError):
        error = error.__cause__
    return error
