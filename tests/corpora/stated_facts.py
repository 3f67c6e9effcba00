"""Facts of recordings that need no file, for tests of what becomes of annotations."""

from dataclasses import replace

from eeg_kedro.corpora.recording import Candidate
from eeg_kedro.corpora.recording_facts import absent_facts, cut_segments
from eeg_kedro.corpora.segments import Segment
from eeg_kedro.io.source_file import SourceFile

NOWHERE = SourceFile("/nowhere", "a_1.edf")


def facts_of(sfreq=256.0, seconds=10.0, segments=()):
    """Facts of a recording; of one with segments a list, given as (start, length) in seconds."""
    blank = absent_facts(Candidate(NOWHERE))
    parts = tuple(
        Segment(0, round(length * sfreq), start, number)
        for number, (start, length) in enumerate(segments, start=1)
    )
    facts = replace(blank, sfreq=sfreq, n_times=round(seconds * sfreq), segments=parts)
    return cut_segments(facts) if segments else facts
