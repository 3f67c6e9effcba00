"""What a header says, reduced to what later steps need; patient and date fields end before this."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.recording import Candidate
from eeg_kedro.corpora.segments import Segment, choose_segments
from eeg_kedro.corpora.sidecar_json import read_sidecar
from eeg_kedro.io.csv_signals import read_csv_header
from eeg_kedro.io.edf_header import read_edf_header
from eeg_kedro.io.muse_csv import read_muse_header
from eeg_kedro.io.openbci_text import read_openbci_header
from eeg_kedro.io.parquet_signals import read_parquet_header
from eeg_kedro.io.physical_unit import microvolt_factor
from eeg_kedro.io.signal_sidecar import CsvHeader
from eeg_kedro.io.telling_text import is_reference
from eeg_kedro.signal.channels import ChannelPlan, plan_channels

UNKNOWN_LENGTH = 2**53  # samples; nothing annotated lies beyond


@dataclass(frozen=True)
class RecordingFacts:
    """A recording as its header describes it.

    Attributes
    ----------
    file_format : str
        ``edf``, ``bdf``, ``csv`` or ``parquet``.
    sfreq : float
        Rate of the kept channels in Hz.
    n_times : int
        Samples per kept channel.
    plan : ChannelPlan
        Which channels are kept, as indices into the source.
    unit_scales : tuple of float
        Microvolts per source unit, one per kept channel.
    aux_scales : tuple of float
        The same for the eye, heart and muscle channels of ``plan.aux``.
    repairs : tuple of str
        What the header reader and the channel plan had to mend or leave out.
    segments : tuple of Segment
        The parts of a file with gaps; empty for one without.
    segment : int
        Which of them this describes, from 1; 0: the whole file.
    first_sample : int
        Of this segment, among the stored samples.
    time_offset : float
        Seconds from the file's first sample to this segment's; times in annotation files count from the former.
    holds_texts : bool
        Whether there is an annotation signal of EDF+ or BDF+ inside.
    """

    file_format: str
    sfreq: float
    n_times: int
    plan: ChannelPlan
    unit_scales: tuple[float, ...]
    aux_scales: tuple[float, ...]
    repairs: tuple[str, ...]
    segments: tuple[Segment, ...] = ()
    segment: int = 0
    first_sample: int = 0
    time_offset: float = 0.0
    holds_texts: bool = False

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.n_times / self.sfreq


def read_facts(candidate: Candidate, options: IngestOptions) -> RecordingFacts:
    """Read the header of a recording.

    Raises
    ------
    HeaderError
        If the header cannot be read or repaired.
    SignalError
        If there is no usable EEG channel, or rate or unit of a signal table are not stated.
    """
    return READERS[candidate.file_format](candidate, options)


def absent_facts(candidate: Candidate) -> RecordingFacts:
    """Say what is known of a recording of which only annotations are there; rate 0: nothing states one."""
    sfreq = candidate.nominal_sfreq or 0.0
    length = candidate.nominal_duration
    n_times = UNKNOWN_LENGTH if length is None or not sfreq else round(length * sfreq)
    plan = ChannelPlan((), (), "unknown", "unknown", (), (), ())
    return RecordingFacts("", sfreq, n_times, plan, (), (), ())


def cut_segments(facts: RecordingFacts) -> list[RecordingFacts]:
    """Give the facts of each part of a file with gaps; a file without one is a single part, number 0."""
    if not facts.segments:
        return [facts]
    return [
        replace(
            facts,
            segment=part.number or place,
            first_sample=part.first_sample,
            n_times=part.n_times,
            time_offset=part.time_offset,
        )
        for place, part in enumerate(facts.segments, start=1)
    ]


def _edf_facts(candidate: Candidate, options: IngestOptions) -> RecordingFacts:
    header = read_edf_header(candidate.file)
    ordinary = [i for i, signal in enumerate(header.signals) if not signal.is_annotation]
    signals = [header.signals[i] for i in ordinary]
    plan = plan_channels(
        [signal.label for signal in signals],
        [signal.dimension for signal in signals],
        [header.sfreq(i) for i in ordinary],
        scale_is_constant=[signal.is_constant_scale for signal in signals],
        names=options.channel_names,
        temporal=options.temporal_names,
    )
    plan = replace(
        plan,
        picks=tuple(ordinary[pick] for pick in plan.picks),
        aux=tuple(replace(aux, pick=ordinary[aux.pick]) for aux in plan.aux),
    )
    sfreq, per_record = header.sfreq(plan.picks[0]), header.signals[plan.picks[0]].samples_per_record
    parts = [
        Segment(p.first_record * per_record, p.n_records * per_record, p.onset) for p in header.stretches
    ]
    segments, gaps = choose_segments(parts, sfreq, options.shortest_segment, candidate.file.relative)
    return RecordingFacts(
        file_format=header.kind[:3].lower(),
        sfreq=sfreq,
        n_times=header.n_times(plan.picks[0]),
        plan=plan,
        unit_scales=_scales([header.signals[pick].dimension for pick in plan.picks]),
        aux_scales=_scales([header.signals[aux.pick].dimension for aux in plan.aux]),
        repairs=(*header.repairs, *gaps, *plan.notes),
        segments=segments,
        holds_texts=len(ordinary) < len(header.signals),
    )


def _table_facts(candidate: Candidate, options: IngestOptions) -> RecordingFacts:
    stated = {"sfreq": options.csv_sfreq, "unit": options.csv_unit}
    sidecar = dict(candidate.stated) | {name: value for name, value in stated.items() if value is not None}
    if candidate.sidecar is not None:
        sidecar |= read_sidecar(candidate.sidecar)
    header = TABLE_HEADERS[candidate.file_format](candidate.file, sidecar)
    return _facts_of_table(candidate, header, sidecar, options)


def _headset_facts(candidate: Candidate, options: IngestOptions) -> RecordingFacts:
    """Read a table that states its own rate: the options fill in where it does not."""
    sidecar = dict(candidate.stated) | (read_sidecar(candidate.sidecar) if candidate.sidecar else {})
    header = HEADSETS[candidate.file_format](candidate.file, sidecar, options.csv_sfreq)
    return _facts_of_table(candidate, header, sidecar, options)


def _facts_of_table(
    candidate: Candidate, header: CsvHeader, sidecar: Mapping[str, object], options: IngestOptions
) -> RecordingFacts:
    names = list(header.ch_names)
    plan = plan_channels(
        names,
        [header.unit] * len(names),
        [header.sfreq] * len(names),
        names=options.channel_names,
        temporal=options.temporal_names,
    )
    if sidecar.get("reference") and plan.reference == "unknown":
        stated = sidecar["reference"]
        if is_reference(stated):
            plan = replace(plan, reference=str(stated))
        else:  # any text may be there
            plan = replace(plan, notes=(*plan.notes, "the reference that the sidecar states is none we know"))
    parts = [Segment(*part) for part in header.parts]
    segments, gaps = choose_segments(parts, header.sfreq, options.shortest_segment, candidate.file.relative)
    return RecordingFacts(
        file_format=candidate.file_format,
        sfreq=header.sfreq,
        n_times=header.n_times,
        plan=replace(plan, other=(*plan.other, *header.other)),
        unit_scales=_scales([header.unit] * len(plan.picks)),
        aux_scales=_scales([header.unit] * len(plan.aux)),
        repairs=(*header.repairs, *gaps, *plan.notes),
        segments=segments,
    )


def _scales(dimensions: Sequence[str]) -> tuple[float, ...]:
    # a blank dimension on an electrode was taken for microvolts by the plan, which says so
    factors = [microvolt_factor(dimension) for dimension in dimensions]
    return tuple(1.0 if factor is None else factor for factor in factors)


TABLE_HEADERS = {"csv": read_csv_header, "parquet": read_parquet_header}
HEADSETS = {"muse": read_muse_header, "openbci": read_openbci_header}
# file format -> what reads its header; a new format is one row here and one in io/samples.py
READERS: dict[str, Callable[[Candidate, IngestOptions], RecordingFacts]] = {
    "edf": _edf_facts,
    "bdf": _edf_facts,
    "csv": _table_facts,
    "parquet": _table_facts,
    "muse": _headset_facts,
    "openbci": _headset_facts,
}
