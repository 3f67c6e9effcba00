"""NEDC's scoring methods for the seizure label (nedc_eeg_eval v6), written from their description.

Shah, Golmohammadi, Obeid and Picone, "Objective evaluation metrics for automatic classification of EEG
events" (2021). What is between seizures is background, which is a label of its own; false alarms are those of
the seizure label only. Written from rules, not from NEDC's code, whose licence forbids to pass it on.

What pins the rules down: the numbers NEDC itself gave for two pairs of files (``tests/scoring/nedc``) fix hits,
misses, false alarms, background hits and rates of all four methods where one detection meets one seizure, the
fractions of TAES, one interval met by several detections, and the length and rate of an epoch. Known from the
description only: in TAES a detection over several seizures and the greatest false alarm of a pair, the guard of
OVLP, the inclusive stop of EPOCH, and in DPALIGN which of two alignments of equal cost is taken.
"""

from eeg_kedro.scoring.nedc.dpalign import score_dpalign
from eeg_kedro.scoring.nedc.epoch import score_epoch
from eeg_kedro.scoring.nedc.nedc_counts import NedcCounts, kappa
from eeg_kedro.scoring.nedc.ovlp import score_ovlp
from eeg_kedro.scoring.nedc.taes import score_taes

__all__ = ["NedcCounts", "kappa", "score_dpalign", "score_epoch", "score_ovlp", "score_taes"]
