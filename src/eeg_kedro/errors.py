"""Errors a user can act on: each names the file, the value, what is allowed and what to do next."""

from __future__ import annotations

from typing import Any


class EegError(ValueError):
    """Something a user can mend; never a bug of ours.

    Parameters
    ----------
    what : str
        What was wrong, in one sentence without a full stop.
    file : str
        The file (relative to the corpus root) or the recording (``participant_run``) concerned.
    value : object
        The offending value as found.
    allowed : str
        What would have been accepted.
    remedy : str
        What to do next.
    """

    def __init__(
        self, what: str, *, file: str = "", value: Any = None, allowed: str = "", remedy: str = ""
    ) -> None:
        self.what, self.file, self.value, self.allowed, self.remedy = what, file, value, allowed, remedy
        super().__init__(what)

    def __reduce__(self) -> tuple[Any, ...]:
        # errors travel between processes: keyword-only arguments need help to unpickle
        return _rebuild, (type(self), self.what, self.file, self.value, self.allowed, self.remedy)

    @property
    def reason(self) -> str:
        """The sentence for the ``reason`` column of a report: what, value and allowed values."""
        found = "" if self.value is None else f" (found {self.value!r})"
        allowed = f"; allowed: {self.allowed}" if self.allowed else ""
        return f"{self.what}{found}{allowed}"

    def __str__(self) -> str:
        where = f"{self.file}: " if self.file else ""
        remedy = f". Remedy: {self.remedy}" if self.remedy else ""
        return f"{where}{self.reason}{remedy}"


def _rebuild(kind: type[EegError], what: str, file: str, value: Any, allowed: str, remedy: str) -> EegError:
    return kind(what, file=file, value=value, allowed=allowed, remedy=remedy)


class HeaderError(EegError):
    """A file header that cannot be read or repaired."""


class SignalError(EegError):
    """Samples that cannot be used: no EEG channel, a gap, an unusable rate or unit."""


class AnnotationError(EegError):
    """An annotation file that cannot be read without guessing."""


class UnknownLabelError(AnnotationError):
    """A label nobody declared; never taken for background."""


class AnnotationConflictError(AnnotationError):
    """Two annotation files of one recording that disagree; `file` is the one, `other_file` the other."""

    def __init__(self, what: str, *, other_file: str = "", **told: Any) -> None:
        super().__init__(what, **told)
        self.other_file = other_file

    def __reduce__(self) -> tuple[Any, ...]:
        return (*super().__reduce__(), {"other_file": self.other_file})


class LayoutError(EegError):
    """A folder that is not what the chosen layout expects."""


class ChangedFileError(EegError):
    """A source file that changed while it was read."""


class DiskFullError(EegError):
    """No room left below the data root."""


class ParameterError(EegError):
    """A parameter value that the data at hand cannot honour."""


class WindowError(EegError):
    """A window that cannot be read: its run is missing, its file is broken, or it reaches beyond the end."""


class StaleError(EegError):
    """Something made from data that are no longer as they were."""


class BusyError(EegError):
    """Something another process is writing at this moment."""


class NoSeizureError(EegError):
    """A set that must hold seizure windows and holds none."""


class SplitError(EegError):
    """A participant on two sides of a split."""


class TooManyFailedError(EegError):
    """More recordings failed than ``max_failed`` allows."""


class ElectrodeError(EegError):
    """An electrode without a known place, or a position file that cannot be read."""


class CheckpointError(EegError):
    """A checkpoint that is damaged, or that belongs to another configuration."""


class NonFiniteError(EegError):
    """A loss, a gradient, a sample or an embedding that is not a number."""


class CollapseError(EegError):
    """An embedding that has become one point, or nearly a line: training on makes it no better."""


class OverlapError(EegError):
    """A model about to be scored on somebody it was trained on."""


class ScoringError(EegError):
    """Events or predictions that cannot be scored: overlapping, of no duration, or of unknown length."""


class ArtifactError(EegError):
    """A table of ours that is damaged, or is not what its schema says."""
