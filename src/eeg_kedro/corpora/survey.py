"""The survey of a corpus: which recordings it holds, what was annotated, and what became of every file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import pandas as pd

from eeg_kedro.corpora.annotation_search import shown_name
from eeg_kedro.corpora.demographics import Demographics, describe_participants
from eeg_kedro.corpora.event_table import united_seizures
from eeg_kedro.corpora.folder_listing import FolderListing
from eeg_kedro.corpora.ingest_report import report_files
from eeg_kedro.corpora.layouts import LAYOUTS, choose_layout
from eeg_kedro.corpora.options import CorpusOptions, IngestOptions
from eeg_kedro.corpora.outcome import Outcome, refuse_namesakes, survey_recording
from eeg_kedro.corpora.recording import EVENT_COLUMNS, INVENTORY_COLUMNS, VOTE_COLUMNS, make_table
from eeg_kedro.corpora.same_stem import with_unread
from eeg_kedro.corpora.shared_codes import refuse_shared_codes

__all__ = ["CorpusOptions", "IngestOptions", "Survey", "survey_corpus"]

UNTOLD = Demographics()


class Survey(NamedTuple):
    """Tables about a corpus, each sorted, whatever order the disk gave the files in, and why it was read so."""

    inventory: pd.DataFrame
    events: pd.DataFrame
    report: pd.DataFrame
    votes: pd.DataFrame
    layout: str
    why: str

    @property
    def tables(self) -> tuple[pd.DataFrame, ...]:
        """Inventory, events, report and votes."""
        return self[:4]


def survey_corpus(
    listing: FolderListing,
    layout: str,
    options: IngestOptions,
    on_recording: Callable[[bool, int, int], None] | None = None,
) -> Survey:
    """Read every header and annotation file of a corpus; no samples.

    Parameters
    ----------
    listing : FolderListing
        The corpus.
    layout : str
        A layout's name, or ``auto``.
    options : IngestOptions
        How files become recordings and events.
    on_recording : callable, optional
        Told after each: whether it was refused, how many were read, and of how many.

    Returns
    -------
    Survey
        ``inventory`` has a row per usable recording, ``events`` per annotation, ``report`` per file found,
        ``votes`` per cut that experts voted on.

    Raises
    ------
    LayoutError
        If the folder is empty or not in the layout. Anything wrong with single files ends in the report.
    """
    name, why = choose_layout(listing, layout, options)
    listed = with_unread(LAYOUTS[name].list_candidates(listing, options), listing, options)
    candidates = sorted(listed, key=lambda c: c.file.relative)
    outcomes: list[Outcome] = []
    for count, candidate in enumerate(candidates, start=1):
        outcomes += survey_recording(candidate, name, options)
        if on_recording is not None:
            on_recording(bool(outcomes[-1].error), count, len(candidates))
    outcomes = refuse_namesakes(refuse_shared_codes(outcomes, name))
    root = str(listing.root)
    read_votes = LAYOUTS[name].read_votes
    votes, vote_files = read_votes(listing, options) if read_votes else ([], [])
    people = describe_participants(listing, name, outcomes, options)
    usable = [outcome for outcome in people.outcomes if outcome.facts and not outcome.error]
    return Survey(
        make_table(
            (
                _inventory_row(o, name, root, options)
                | people.known.get(o.candidate.file.relative, UNTOLD)._asdict()
                for o in usable
                if not o.candidate.absent
            ),
            INVENTORY_COLUMNS,
            ["participant", "run"],
        ),
        make_table(
            (row for o in usable for row in _event_rows(o, root)),
            EVENT_COLUMNS,
            ["participant", "run", "onset_sample", "n_samples", "channel", "label"],
        ),
        report_files(listing, name, people.outcomes, [*vote_files, *people.files]),
        make_table(votes, VOTE_COLUMNS, ["participant", "run", "sub_id"]),
        name,
        why,
    )


def _inventory_row(outcome: Outcome, layout: str, root: str, options: IngestOptions) -> dict[str, Any]:
    candidate, facts, labels = outcome.candidate, outcome.facts, outcome.labels
    assert facts is not None  # noqa: S101 - usable outcomes have facts
    n_seizures, seizure_samples = united_seizures(labels.events)
    return {
        **{name: getattr(candidate, name) for name in ("participant", "session", "run", "split")},
        # some disks, and some people, take upper and lower case for one
        "person": options.persons.get(candidate.participant, candidate.person).lower(),
        "layout": layout,
        "source": candidate.file.relative,
        "source_format": facts.file_format,
        "sfreq": facts.sfreq,
        "n_times": facts.n_times,
        "duration": facts.duration,
        "segment": facts.segment,
        "first_sample": facts.first_sample,
        "time_offset": facts.time_offset,
        "recorded_names": list(facts.plan.recorded_names),
        "ch_names": list(facts.plan.ch_names),
        "picks": list(facts.plan.picks),
        "unit_scales": list(facts.unit_scales),
        "aux_names": [aux.name for aux in facts.plan.aux],
        "aux_kinds": [aux.kind for aux in facts.plan.aux],
        "aux_picks": [aux.pick for aux in facts.plan.aux],
        "aux_scales": list(facts.aux_scales),
        "reference": facts.plan.reference,
        "montage": facts.plan.montage,
        "missing_channels": list(facts.plan.missing),
        "other_channels": [f"{label}: {reason}" for label, reason in facts.plan.other],
        "renamed_channels": [f"{label} -> {new}" for label, new in facts.plan.renamed],
        "annotated": not labels.partial
        and (labels.source is not None or options.unannotated == "background"),
        "annotation_source": shown_name(labels.source, root) if labels.source else "",
        "n_seizures": n_seizures,
        "seizure_seconds": seizure_samples / facts.sfreq,
    }


def _event_rows(outcome: Outcome, root: str) -> Iterable[dict[str, Any]]:
    labels = outcome.labels
    names = {"participant": outcome.candidate.participant, "run": outcome.candidate.run}
    source = {"source": shown_name(labels.source, root)} if labels.source else {}
    told = names | source | {"has_signal": not outcome.candidate.absent}
    return (told | event for event in labels.events)
