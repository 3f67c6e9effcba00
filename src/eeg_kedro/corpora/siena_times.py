"""From Siena's clock times to seconds: midnight, two onsets, starts that contradict the file, and known typos."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from eeg_kedro.corpora.siena_typos import ABSENT_TYPOS, KNOWN_TYPOS
from eeg_kedro.errors import AnnotationError
from eeg_kedro.io.clock_time import DAY, Clock, read_clocks
from eeg_kedro.io.siena_text import ListedSeizure
from eeg_kedro.labels.annotations import Annotation

LONGEST = 3600.0  # s; the longest seizure of the corpus lasts two and a half minutes
# s; 18 of the 41 recordings go on for 20 s after the end that their list gives
TOLERANCE = 60.0
SAME_START = 2.0  # s


@dataclass(frozen=True)
class Registration:
    """When a recording began and ended, as times of the day (s).

    Attributes
    ----------
    start, end : float or None
        None where the list does not say.
    """

    start: float | None
    end: float | None

    @property
    def duration(self) -> float | None:
        """Length in seconds; below 24 h, for clocks tell no days."""
        if self.start is None or self.end is None:
            return None
        return (self.end - self.start) % DAY or None


class Timed(NamedTuple):
    """The seizures of one recording in seconds from its start, what was mended, and what should be known."""

    annotations: tuple[Annotation, ...]
    repairs: tuple[str, ...]
    remarks: tuple[str, ...]


class ClockReader:
    """Reads the clock times of one recording, and keeps what it had to mend.

    Parameters
    ----------
    recording : str
        As its file is called, without the suffix.
    source : str
        Name of the list, for messages.
    absent : bool
        Whether only the list is there.
    """

    def __init__(self, recording: str, source: str, *, absent: bool = False) -> None:
        self.recording, self.source = recording, source
        self.repairs: list[str] = []
        self.remarks: list[str] = []
        self._typos = {**KNOWN_TYPOS, **(ABSENT_TYPOS if absent else {})}

    def read(self, text: str, key: str, whose: str) -> Clock:
        """Read the one clock time of a line.

        Raises
        ------
        AnnotationError
            If there is none, or more than one and nothing says which counts.
        """
        about = f"{key} of {whose}"
        typo = self._typos.get((self.recording.upper(), key))
        if typo and " ".join(text.split()) == typo.written:
            self.tell(f"{about}: {typo.written} is a known typo for {typo.meant} ({typo.because})")
            text = typo.meant
        clocks = read_clocks(text)
        if len(clocks) > 1:
            return self._choose(clocks, about, text)
        if not clocks:
            raise self.error(f"{about} is no clock time", _digits(text))
        if clocks[0].mended:
            self.tell(f"{about}: {_digits(text)!r} is read as {clocks[0]}")
        if clocks[0].sign == "clinical":
            self.remarks.append(f"{about}: only the clinical onset is given")
        return clocks[0]

    def tell(self, what: str) -> None:
        """Keep a repair, once."""
        sentence = f"{self.source}: {what}"
        if sentence not in self.repairs:
            self.repairs.append(sentence)

    def error(
        self, what: str, value: str, remedy: str = "correct the lines of this recording"
    ) -> AnnotationError:
        """Make the error for this recording's part of the list."""
        return AnnotationError(
            f"{self.recording}: {what}",
            file=self.source,
            value=value,
            allowed="one time of the day such as 19.39.33 or 19:39:33 for each start and end, within the recording",
            remedy=remedy,
        )

    def _choose(self, clocks: Sequence[Clock], about: str, text: str) -> Clock:
        """Of several onsets the one marked as electric counts: the EEG is what is read here."""
        electric = [clock for clock in clocks if clock.sign == "electric"]
        if len(electric) != 1:
            raise self.error(f"{about} is given as {len(clocks)} times", _digits(text))
        times = " and ".join(str(clock) for clock in clocks)
        self.tell(f"{about}: of {times} the electric one is used, {electric[0]}")
        return electric[0]


def read_registration(listed: Sequence[ListedSeizure], reader: ClockReader) -> Registration:
    """Read when the recording began and ended.

    Raises
    ------
    AnnotationError
        If its blocks give different starts, or one that is no clock time.
    """
    starts = {
        reader.read(seizure.texts[key], key, "the recording").seconds
        for seizure in listed
        if (key := "registration start") in seizure.texts
    }
    if len(starts) > 1:
        found = " and ".join(str(Clock(start)) for start in sorted(starts))
        raise reader.error("registration start is given differently by two of its seizures", found)
    return Registration(starts.pop() if starts else None, _end(listed, reader))


def _end(listed: Sequence[ListedSeizure], reader: ClockReader) -> float | None:
    """Read when the recording ended; it only serves to check the start, so a flaw in it refuses nothing."""
    key = "registration end"
    texts = dict.fromkeys(seizure.texts[key] for seizure in listed if key in seizure.texts)
    try:
        ends = {reader.read(text, key, "the recording").seconds for text in texts}
    except AnnotationError as error:
        reader.remarks.append(f"{reader.source}: {error.reason}; not used")
        return None
    if len(ends) > 1:
        reader.remarks.append(f"{reader.source}: its seizures give different registration ends; none is used")
    return ends.pop() if len(ends) == 1 else None


def time_seizures(
    listed: Sequence[ListedSeizure], reader: ClockReader, length: float | None, header_start: float | None
) -> Timed:
    """Turn the seizures of one recording into seconds from its first sample.

    Parameters
    ----------
    listed : sequence of ListedSeizure
        All of one recording.
    reader : ClockReader
        Of this recording.
    length : float or None
        Of the recording in s; None where nobody knows.
    header_start : float or None
        The time of the day that the EDF file gives for its first sample (s).

    Raises
    ------
    AnnotationError
        If a time is missing or no clock time, if list and file give starts more than `TOLERANCE` apart and nothing
        confirms one of them, or if a seizure ends before it starts, lasts more than an hour, does not lie in the
        recording, or could lie on two days of it.
    """
    registration = read_registration(listed, reader)
    start = _choose_start(registration, reader, length, header_start)
    found: list[Annotation] = []
    for seizure in listed:
        onset, offset = _interval(seizure, start, length, reader)
        annotation = Annotation(onset, offset - onset, "seizure")
        if annotation in found:
            reader.tell(f"{seizure.name} repeats another one and counts once")
        else:
            found.append(annotation)
    return Timed(tuple(found), tuple(reader.repairs), tuple(reader.remarks))


def _choose_start(
    registration: Registration, reader: ClockReader, length: float | None, header_start: float | None
) -> float:
    """Choose the time of the first sample: the list's, unless file and list together contradict it.

    The list's start counts where the two differ by little (PN05-3: 10 s): which one is wrong is not known, and
    other readers use the list's. It is wrong where the file's own start and length lead to the end that the list
    gives, and the list's start does not (PN14-3: 3 h). Starts further apart of which the end confirms neither are
    an error: each would place the seizures elsewhere.
    """
    if registration.start is None:
        if header_start is None:
            raise reader.error("the list gives no registration start", "nothing")
        reader.tell("gives no registration start; the one of the file's header is used")
        return header_start
    off = abs(_signed(header_start - registration.start)) if header_start is not None else 0.0
    if header_start is None or off <= SAME_START:
        return registration.start
    listed, stated = Clock(registration.start), Clock(header_start)
    confirmed = _confirmed(registration, header_start, length)
    if confirmed == "file" and registration.end is not None:
        reader.tell(
            f"registration start {listed} cannot be: the file begins at {stated} and its length leads to the "
            f"registration end {Clock(registration.end)}; {stated} is used"
        )
        return header_start
    if off > TOLERANCE and confirmed != "list":
        raise reader.error(
            f"the list and the header of the file give starts {off:g} s apart, and no registration end confirms one",
            f"{listed} in the list, {stated} in the file",
            "correct the registration start of this recording, or give the registration end that its length leads to",
        )
    reader.remarks.append(
        f"{reader.source} and the file's header give starts {off:g} s apart; the list's is used"
    )
    return registration.start


def _confirmed(
    registration: Registration, header_start: float, length: float | None
) -> Literal["list", "file", ""]:
    """Say which of two starts leads to the registration end by the length of the file, if only one does."""
    if length is None or registration.start is None or registration.end is None:
        return ""
    by_list, by_file = (
        abs(_signed(start + length - registration.end)) <= TOLERANCE
        for start in (registration.start, header_start)
    )
    return "" if by_list == by_file else "list" if by_list else "file"


def _interval(
    seizure: ListedSeizure, start: float, length: float | None, reader: ClockReader
) -> tuple[float, float]:
    """Return onset and end of a seizure in seconds from the start of the recording."""
    if seizure.unread:
        lines = ", ".join(map(str, seizure.unread))
        raise reader.error(
            f"a time of {seizure.name} whose meaning is not known, in line", f"{lines} of the list"
        )
    missing = [key for key in ("seizure start", "seizure end") if key not in seizure.texts]
    if missing:
        raise reader.error(f"{seizure.name} has no {' and no '.join(missing)}", "nothing")
    first, last = (reader.read(seizure.texts[k], k, seizure.name) for k in ("seizure start", "seizure end"))
    onset, offset = (first.seconds - start) % DAY, (last.seconds - start) % DAY
    value = f"seizure {first} to {last}, recording from {Clock(start)}" + (
        f" for {length:g} s" if length is not None else ""
    )
    if offset <= onset:
        raise reader.error(f"{seizure.name} ends before it starts", value)
    if offset - onset > LONGEST:
        raise reader.error(f"{seizure.name} would last {offset - onset:g} s", value)
    if length is not None and (onset >= length or offset > length + TOLERANCE):
        raise reader.error(f"{seizure.name} does not lie in the recording", value)
    if length is not None and onset + DAY < length:
        raise reader.error(
            f"{seizure.name} could be on two days of the recording",
            value,
            "cut the recording into files of less than 24 h, or annotate it in seconds (BIDS events)",
        )
    return onset, offset


def _signed(seconds: float) -> float:
    """Return a difference of clock times between -12 h and 12 h."""
    return (seconds + DAY / 2) % DAY - DAY / 2


def _digits(text: str) -> str:
    """Return what of a line may be quoted: numbers and their separators; words may be anybody's."""
    return " ".join(re.sub(r"[^\d.:,]+", " ", text).split())[:80]
