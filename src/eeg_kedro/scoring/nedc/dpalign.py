"""NEDC DPALIGN: the labels in their order, whatever their times."""

from __future__ import annotations

from eeg_kedro.scoring.events import RunEvents, demand_same_run
from eeg_kedro.scoring.nedc.background import background_of, merge_touching
from eeg_kedro.scoring.nedc.nedc_counts import NedcCounts


def score_dpalign(reference: RunEvents, hypothesis: RunEvents) -> NedcCounts:
    """Align the two sequences of labels at the least cost (deletion, insertion, substitution 1 each) and count.

    Seizure and background take turns, so the shorter sequence lies whole in the longer one and nothing needs to
    be searched: as many hits as the shorter one has of a label, and the difference missed or falsely alarmed.
    Only where both are of one even length and begin with different labels do two alignments cost the same;
    then the one with fewer seizures found is taken, which the description leaves open.

    Raises
    ------
    ScoringError
        If the two are not of the same length.
    """
    demand_same_run(reference, hypothesis)
    there, found = merge_touching(reference), merge_touching(hypothesis)
    quiet_there, quiet_found = background_of(there), background_of(found)
    tp, tn = min(len(there), len(found)), min(len(quiet_there), len(quiet_found))
    as_long = len(there) + len(quiet_there) == len(found) + len(quiet_found)
    if as_long and _begins(there) != _begins(found) and len(there) == len(found):
        tp -= 1
    return NedcCounts(float(tp), float(len(found) - tp), float(len(there)), reference.duration, float(tn))


def _begins(events: RunEvents) -> bool:
    """Tell whether the recording begins with an event."""
    return len(events) > 0 and events.starts[0] == 0
