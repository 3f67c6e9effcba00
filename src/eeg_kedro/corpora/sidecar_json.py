"""The sidecar of a signal table: a small JSON object that states rate and unit."""

from __future__ import annotations

import json
from typing import Any

from eeg_kedro.errors import AnnotationError, SignalError
from eeg_kedro.io.annotation_text import read_text
from eeg_kedro.io.source_file import SourceFile


def read_sidecar(file: SourceFile) -> dict[str, Any]:
    """Read a sidecar.

    Raises
    ------
    SignalError
        If it is not a JSON object.
    """
    try:
        content = json.loads(read_text(file))
    # brackets without end are a RecursionError, a number of thousands of digits is a ValueError of its own
    except (ValueError, RecursionError, AnnotationError) as error:
        raise _not_a_sidecar(file, str(error)) from error
    if not isinstance(content, dict):
        raise _not_a_sidecar(file, type(content).__name__)
    return content


def states_rate(file: SourceFile) -> bool:
    """Say whether a file is a sidecar that states a sampling rate."""
    try:
        return "sfreq" in read_sidecar(file)
    except SignalError:
        return False


def _not_a_sidecar(file: SourceFile, found: str) -> SignalError:
    return SignalError(
        f"sidecar {file.relative} is no JSON object",
        file=file.relative,
        value=found[:80],
        allowed='{"sfreq": 256, "unit": "uV"}',
        remedy="mend the sidecar",
    )
