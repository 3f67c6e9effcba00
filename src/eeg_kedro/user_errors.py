"""Show what a user can mend as a sentence; keep the traceback for bugs."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from types import TracebackType

from eeg_kedro.errors import EegError, ParameterError

_PYDANTIC = re.compile(r"^(\S[^\n]*)\n  ([^\n]+) \[type=[^\n]*?input_value=(.*?), input_type=", re.MULTILINE)
Hook = Callable[[type[BaseException], BaseException, TracebackType | None], None]


def show_user_errors_plainly() -> None:
    """Install an exception hook that prints an `EegError`, also one that Kedro has wrapped, without its trace."""
    if not isinstance(sys.excepthook, _PlainHook):
        sys.excepthook = _PlainHook(sys.excepthook)


def tell_plainly(error: BaseException) -> str | None:
    """Give what a user can mend as one sentence, also where Kedro has wrapped it; None for a bug.

    Parameters
    ----------
    error : exception
        Whatever a run ended with.
    """
    mendable = _find(error) or _read_refusal(error)
    return None if mendable is None else f"{type(mendable).__name__}: {mendable}"


class _PlainHook:
    def __init__(self, otherwise: Hook) -> None:
        self._otherwise = otherwise

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sentence = tell_plainly(error)
        if sentence is None:
            self._otherwise(kind, error, trace)
        else:
            sys.stderr.write(f"\n{sentence}\n")


def _read_refusal(error: BaseException) -> ParameterError | None:
    """Say in a sentence which parameter Kedro refused, and why; it hands on Pydantic's report as one text."""
    if type(error).__name__ != "ParameterValidationError":
        return None
    found = []
    for block in re.split(r"\n- ", f"\n{error}")[1:]:
        named = re.match(r"Parameter '([^']+)'", block)
        for field, why, value in _PYDANTIC.findall(block):
            parameter = named[1] if named else ""
            name = parameter if field.startswith("Parameter ") else f"{parameter}.{field}"
            # a rule about several options: the value is all of them, which tells nothing
            found.append(f"{name}: {why}" if value.startswith("{") else f"{name}: {why} (found {value})")
    if not found:
        return None
    first = re.split(r"[.:]", found[0])[0]
    remedy = f"conf/base/parameters/{first}.yml lists every option with its unit and range"
    return ParameterError("a parameter has no possible value: " + "; ".join(found), remedy=remedy)


def _find(error: BaseException | None) -> EegError | None:
    met: list[BaseException] = []
    while error is not None and not isinstance(error, EegError):
        met.append(error)
        error = None if error.__cause__ in met else error.__cause__  # its own cause: nothing new behind it
    return error
