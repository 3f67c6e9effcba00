"""What a label means: seizure, background, or something else; never guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from eeg_kedro.errors import UnknownLabelError


class LabelKind(StrEnum):
    """What an annotated interval counts as."""

    SEIZURE = "seizure"
    BACKGROUND = "background"
    OTHER = "other"


# TUSZ (isip.piconepress.com): every class of its seizure annotations but bckg. Looking for `seiz` alone
# gave a published detector 250,000 windows without one seizure.
TUSZ_SEIZURES = (
    "seiz", "fnsz", "gnsz", "spsz", "cpsz", "absz", "tnsz", "cnsz", "tcsz", "atsz", "mysz", "nesz",
)  # fmt: skip
WORDS = MappingProxyType(
    dict.fromkeys(TUSZ_SEIZURES, LabelKind.SEIZURE)
    | {"seizure": LabelKind.SEIZURE, "sz": LabelKind.SEIZURE}
    | {"bckg": LabelKind.BACKGROUND, "background": LabelKind.BACKGROUND}
    | {"impd": LabelKind.OTHER}  # SeizeIT2: impedance check
    # IIIC and HMS: patterns of the ictal-interictal continuum that the experts did not call a seizure
    | dict.fromkeys(("lpd", "gpd", "lrda", "grda", "other"), LabelKind.OTHER)
)
# SzCORE writes the ILAE 2017 class behind sz: sz_foc_ia_m_tonic, sz-gen. These are the words of that hierarchy, as
# SzCORE and HED-SCORE spell them; any other word behind sz_ may be anybody's name, and must be declared
SEIZURE_WORDS = frozenset(
    re.findall(
        "[a-z0-9]+",
        """
        foc gen uo unk unc un f2b a ia ua m nm um aware impaired awareness preserved consciousness focal generalized
        generalised unknown unclassified onset to bilateral convulsive seizure seizures
        tonic clonic tonicclonic tonicmyio myoclonic myoclonus myotc myoatonic negative atonic astatic automatism
        automatisms hyperkinetic spasm spasms epileptic motor nonmotor non autonomic behavior behavioral behaviour
        behavioural arrest cognitive emotional sensory absence typical atypical eyelid myoclonia eyelidmyio
        subclinical electrographic status left right bilat temporal frontal parietal occipital central insular
        epilepticspasms eyelidmyoclonia
        """,
    )
)
ALLOWED = ", ".join([*WORDS, "sz_* of ILAE 2017"])
_LIKE_A_LABEL = re.compile(r"[^\W\d_]{1,21}\d{0,3}")
_FEW_DIGITS = re.compile(r"\d{1,3}")
# words other corpora and annotators use; they are no labels of ours, but may be shown to who has to declare them
FIELD_WORDS = frozenset(
    re.findall(
        "[a-z]+",
        """
        spike spikes sharp wave waves artf artifact artefact eyem musc chew shiv elec elpo eye blink movement muscle
        pled gped spsw slow sleep awake wake rem nrem
        stage eyes open closed noise preictal interictal postictal ictal normal
        abnormal event start end onset offset null calibration hyperventilation photic arousal
        """,
    )
)
NO_EXTRA: Mapping[str, str] = MappingProxyType({})


def label_kind(label: str, extra: Mapping[str, str] = NO_EXTRA) -> LabelKind:
    """Say what a label counts as; upper and lower case are one.

    Parameters
    ----------
    label : str
        As written in the annotation file.
    extra : mapping
        Labels of the user's own (``ingest.extra_labels``) and what they count as; they win over ours.

    Raises
    ------
    UnknownLabelError
        If nobody declared the label: taking it for background is how seizures get lost.
    """
    word = label.strip().lower()
    own = {name.strip().lower(): kind for name, kind in extra.items()}
    if word in own:
        return LabelKind(own[word])
    if word in WORDS:
        return WORDS[word]
    if _is_ilae_class(word):
        return LabelKind.SEIZURE
    shown = told_label(label)
    name = word if word and shown == label.strip() else "LABEL"
    raise UnknownLabelError(
        "unknown label",
        value=shown,
        allowed=ALLOWED,
        remedy=f"declare it: ingest.extra_labels: {{{name}: seizure | background | other}}",
    )


def told_label(label: str) -> str:
    """Return a label for an error as far as it may be shown; of what may be about a person, only its length.

    Shown is one word in lower case (``artf``), or a code of four capitals (``EYEM``, ``N2``), with three digits at
    most: what has to be declared. Capitalised or long words in capitals may be names, joined words may be full ones.
    """
    word = label.strip()
    harmless = _LIKE_A_LABEL.fullmatch(word) and (word == word.lower() or (word.isupper() and len(word) <= 4))
    harmless = harmless or _is_of_the_field(word)
    return word if harmless or not word else f"text of {len(word)} letters"


def _is_of_the_field(word: str) -> bool:
    """Say whether words joined by ``_`` or ``-`` are mostly of the field: ``eyem_musc``, ``Seizure1``, not names."""
    parts = re.split(r"[_-]", word.lower())
    bare = [re.sub(r"\d{1,3}$", "", part) for part in parts]
    known = [part in FIELD_WORDS or part in WORDS or part in SEIZURE_WORDS for part in bare if part]
    return len(word) <= 24 and all(parts) and bool(known) and all(known)


def _is_ilae_class(word: str) -> bool:
    first, *words = re.split(r"[_-]", word)
    return (
        first == "sz"
        and bool(words)
        and all(one in SEIZURE_WORDS or _FEW_DIGITS.fullmatch(one) for one in words)
    )
