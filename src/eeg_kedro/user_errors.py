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


class _PlainHook:
    def __init__(self, otherwise: Hook) -> None:
        self._otherwise = otherwise

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        mendable = _find(error) or _read_refusal(error)
        if mendable is None:
            self._otherwise(kind, error, trace)
        else:
            sys.stderr.write(f"\n{type(mendable).__name__}: {mendable}\n")


def _read_refusal(error: BaseException) -> ParameterError | None:
    """Say in a sentence which parameter Kedro refused, and why; it hands on Pydantic's report as one text."""
    if type(error).__name__ != "ParameterValidationError":
        return None
    found = []
    for block in re.split(r"\n- ", f"\n{error}")[1:]:
        name = re.match(r"Parameter '([^']+)'", block)
        for field, why, value in _PYDANTIC.findall(block):
            parameter = name[1] if name else ""
            # a rule about several options: the value is all of them, which tells nothing
            whole = field.startswith("Parameter ")
            found.append(f"{parameter}: {why}" if whole else f"{parameter}.{field}: {why} (found {value})")
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
