"""Siena's seizure lists: ``Seizures-list-PN00.txt``, typed by hand, one block of lines for each seizure.

Lines are told apart by what they begin with, not by their place: PN01 names file and registration once before its
two seizures, PN12 does not repeat the registration of a second seizure, and some leave the word seizure out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from eeg_kedro.errors import AnnotationError
from eeg_kedro.io.annotation_text import read_text, split_lines
from eeg_kedro.io.source_file import SourceFile

FILE = re.compile(r"file ?name ?[:;=]? ?(.+)", re.IGNORECASE)
TIME = re.compile(
    r"(?:(?P<owner>registration|recording|seizure)(?: n?[.]? ?\d+)? ?)?(?P<edge>start|end) ?time"
    r"(?: ?of(?: the)? (?P<of>registration|recording|seizure))? ?[:;=]? ?(?P<value>.*)",
    re.IGNORECASE,
)
TITLE = re.compile(r"seizure ?(?:number|nr|n|#)?[.°]? ?:? ?([0-9]{1,6})\b", re.IGNORECASE)
RATE = re.compile(
    r"(?:data )?sampling (?:rate|frequency) ?[:;=]? ?([1-9][0-9]{0,4}(?:[.,][0-9]{1,6})?) ?hz", re.IGNORECASE
)
# the name of a recording: PN00-1.edf, PNO6_2, PN10-7.8.9; a participant alone (PN00) is none
MENTION = re.compile(r"PN[0-9O]{2} ?[-_][0-9O]*(?:[.,_-][0-9O]+)*(?:\.edf)?", re.IGNORECASE)
# words that can only mean that a name follows: File_name: PN00-2.edf, File PN00-2.edf
LEADS = re.compile(r".*(?:[file]{4}|name|record).*|edf|of|the|nr?|no", re.IGNORECASE)
BETWEEN = re.compile(r"[ .:;=_-]+")
OPENS = re.compile(r"file ?_?-?(?:name)?(?![a-z0-9])|.*\.edf", re.IGNORECASE)
# something like a clock time, in a line that nothing else explains
CLOCK_LIKE = re.compile(r"(?<!\d)\d{1,2} ?[.:] ?\d{1,2} ?[.:] ?\d{1,2}(?!\d)")
MOST_WORDS = 5  # before a name, in a line that gives a name and nothing else
MOST = 1000  # seizures; the longest list of the corpus has ten
FIELDS = ("registration start", "registration end", "seizure start", "seizure end")


@dataclass(frozen=True)
class ListedSeizure:
    """One seizure as it was typed; no time was interpreted.

    Attributes
    ----------
    file : str
        Name of the recording as typed.
    number : str
        Of the seizure, from its title; empty without one.
    texts : dict
        The value of each of ``FIELDS`` that was given for it.
    unread : tuple of int
        Numbers of lines that hold a time nobody knows the meaning of.
    """

    file: str
    number: str
    texts: dict[str, str]
    unread: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"seizure {self.number}" if self.number else "a seizure without a number"


@dataclass(frozen=True)
class SeizureList:
    """What one list says.

    Attributes
    ----------
    source : str
        Its name, for errors.
    sfreq : float or None
        Rate of the participant's recordings in Hz, where it is stated.
    seizures : tuple of ListedSeizure
        In the order of the list.
    guessed : dict
        ``{name: number of the line}`` of names in lines that are no 'File name: ...' and must be meant so.
    """

    source: str
    sfreq: float | None
    seizures: tuple[ListedSeizure, ...]
    guessed: dict[str, int] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The recordings as typed, each once."""
        return tuple(dict.fromkeys(seizure.file for seizure in self.seizures))


@dataclass
class _Reader:
    """Where a pass over the lines is: in which recording, in which seizure."""

    source: str
    file: str = ""
    registration: dict[str, str] = field(default_factory=dict)
    number: str | None = None  # None: no title since the last seizure
    times: dict[str, str] = field(default_factory=dict)
    unread: list[int] = field(default_factory=list)
    seizures: list[ListedSeizure] = field(default_factory=list)
    guessed: dict[str, int] = field(default_factory=dict)

    @property
    def begun(self) -> bool:
        """Whether a block was begun; what stands above the first one is a heading."""
        return bool(self.file or self.number or self.seizures)

    def title(self, number: str) -> None:
        if self.number != number or self.times:  # a title that is there twice opens one seizure
            self.close()
        self.number = number

    def name(self, file: str) -> None:
        if self.times or (self.unread and self.number is None):
            self.close()
        if file != self.file:
            self.file, self.registration = file, {}

    def mention(self, line: str, number: int) -> None:
        """Take a line that speaks of a recording and is no 'File name: ...' for one, or for the end of a block.

        Whatever else such a line is, what follows it may no longer belong to the recording before.
        """
        if {match.group().lower() for match in MENTION.finditer(line)} == {self.file.lower()}:
            return
        name = _only_name(line)
        self.name(name)
        if name:
            self.guessed.setdefault(name, number)

    def time(self, key: str, value: str) -> None:
        if key.startswith("registration"):
            if self.times:
                self.close()
            self.registration = {**self.registration, key: value}
            return
        if key in self.times or (key == "seizure start" and self.times):
            self.close()
        self.times = {**self.times, key: value}

    def close(self) -> None:
        """End a seizure; what was said of the recording holds for the next one too."""
        if self.number is None and not self.times and not self.unread:
            return
        if not self.file:
            raise AnnotationError(
                "a seizure of no recording",
                file=self.source,
                value=f"seizure {self.number}" if self.number else "a seizure without a number",
                allowed="a line such as 'File name: PN00-1.edf' before the times",
                remedy="fetch the list of this participant again, or add the line",
            )
        if len(self.seizures) == MOST:
            raise AnnotationError(
                "more seizures than a list of one participant holds",
                file=self.source,
                allowed=f"{MOST} at most",
                remedy="fetch the list of this participant again",
            )
        texts = self.registration | self.times
        self.seizures.append(ListedSeizure(self.file, self.number or "", texts, tuple(self.unread)))
        self.number, self.times, self.unread = None, {}, []


def _only_name(line: str) -> str:
    """Return the recording that a line names and does nothing else; empty if it may mean something else."""
    match = MENTION.search(line)
    if match is None or line[match.end() :].strip(" .:;,"):
        return ""
    words = [word for word in BETWEEN.split(line[: match.start()], MOST_WORDS + 1) if word]
    return match.group() if len(words) <= MOST_WORDS and all(map(LEADS.fullmatch, words)) else ""


def read_seizure_list(file: SourceFile) -> SeizureList:
    """Read a list; what is wrong with the times of one recording is for that recording to say.

    Raises
    ------
    AnnotationError
        If the text cannot be read, names no recording, or has times of a seizure of no recording.
    """
    reader = _Reader(file.relative)
    sfreq: float | None = None
    for number, raw in split_lines(read_text(file), file):
        line = " ".join(raw.split())
        if match := TIME.match(line):
            owner = (match["owner"] or match["of"] or "seizure").lower().replace("recording", "registration")
            reader.time(f"{owner} {match['edge'].lower()}", match["value"])
        elif match := FILE.match(line):
            reader.name(match[1])
        elif match := TITLE.match(line):
            reader.title(match[1])
            if MENTION.search(line):
                reader.mention(line, number)
        elif match := RATE.match(line):
            sfreq = float(match[1].replace(",", "."))
        else:
            has_time = reader.begun and CLOCK_LIKE.search(line)
            if MENTION.search(line) or OPENS.match(line):
                reader.mention(line, number)
            if has_time:
                reader.unread.append(number)
    reader.close()
    if not reader.seizures:
        raise AnnotationError(
            "names no seizure of a recording",
            file=file.relative,
            allowed="blocks with 'File name: PN00-1.edf', 'Registration start time: 19.39.33', "
            "'Seizure start time: 19.58.36', 'Seizure end time: 19.59.46'",
            remedy="fetch the list of this participant again",
        )
    return SeizureList(file.relative, sfreq, _whole_registrations(reader.seizures), reader.guessed)


def _whole_registrations(seizures: list[ListedSeizure]) -> tuple[ListedSeizure, ...]:
    """Give a seizure what its recording's other blocks say of the registration, where it says nothing itself."""
    known: dict[str, dict[str, str]] = {}
    for seizure in seizures:
        said = {key: text for key, text in seizure.texts.items() if key.startswith("registration")}
        known[seizure.file] = said | known.get(seizure.file, {})
    return tuple(replace(seizure, texts=known[seizure.file] | seizure.texts) for seizure in seizures)
