"""Which components are no brain: what ICLabel and a few rules say, and what is removed in the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from eeg_kedro.signal.component_measures import AuxKind, Evidence, gather_evidence, slow_copy
from eeg_kedro.signal.electrodes import EARS
from eeg_kedro.signal.ica import Ica, IcaOptions, Matrix
from eeg_kedro.signal.iclabel import CLASSES, iclabel_refusal, label_components
from eeg_kedro.signal.rhythm_guard import keep_rhythms

Samples = NDArray[np.float32]
L_FREQ = 1.0  # Hz, of the samples components are found on
IN_BURSTS = ("eye",)  # removed during bursts only; muscle may be tense for hours, a heart never rests
CENTERED = 1e-3  # share of the amplitude that the mean of an average reference may have


@dataclass(frozen=True)
class Component:
    """One component: what it is, why that is believed, what is done with it.

    Attributes
    ----------
    index : int
        Its place among the components.
    label : str
        A class of ICLabel, or ``unknown`` where ICLabel is not valid and no rule applies.
    probability : float
        ICLabel's for this label, 0-1; 0 where ICLabel is not valid.
    probabilities : dict
        ICLabel's for each of its classes; empty where it is not valid.
    eog_correlation : float
        Largest |r| with an EOG channel, or with the electrodes around the eyes.
    ecg_correlation : float
        Largest |r| with an ECG channel.
    variance_share : float
        Share of the samples' variance that it explains; shares need not add up to one.
    removed : bool
        Whether it is taken out.
    why : str
        Why it is removed, or why it stays although something speaks against it; empty otherwise.
    """

    index: int
    label: str
    probability: float
    probabilities: dict[str, float]
    eog_correlation: float
    ecg_correlation: float
    variance_share: float
    removed: bool
    why: str


@dataclass(frozen=True)
class ComponentVerdicts:
    """What is known of all components of a recording, and how to remove those that are no brain.

    Attributes
    ----------
    components : tuple of Component
        In the order of the decomposition.
    variance_removed : float
        Share of the samples' variance in the removed components; those that are removed during bursts take less.
    flag : str
        Why a person should look at it; empty if there is no reason.
    notes : tuple of str
        What was not possible, and what was spared.
    """

    components: tuple[Component, ...]
    variance_removed: float = 0.0
    flag: str = ""
    notes: tuple[str, ...] = ()

    @property
    def removed(self) -> tuple[int, ...]:
        """Indices of the components to take away."""
        return tuple(component.index for component in self.components if component.removed)


def judge_components(
    ica: Ica,
    referenced: Samples,
    sfreq: float,
    names: Sequence[str],
    montage: str,
    aux: Samples,
    aux_kinds: tuple[AuxKind, ...],
    options: IcaOptions,
) -> ComponentVerdicts:
    """Name components and choose which to remove.

    Parameters
    ----------
    ica : Ica
        Components of ``referenced``.
    referenced : ndarray of float32, shape (n_channels, n_times)
        Good channels, 1-100 Hz, against their average where there is one, microvolts.
    sfreq : float
        Hz.
    names : sequence of str
        Channels.
    montage : str
        ``referential``, ``bipolar`` or ``unknown``.
    aux : ndarray of float32, shape (n_aux, n_times)
        Channels that show eyes, heart or muscles; may be empty.
    aux_kinds : tuple of {'eog', 'ecg', 'emg'}
        What each row of ``aux`` shows.
    options : IcaOptions
        What is removed, and from where on.

    Returns
    -------
    ComponentVerdicts
        One per component; empty, with a note, where there are none.
    """
    notes = [ica.note] if ica.note else []
    if not ica.n_components:
        return ComponentVerdicts((), notes=tuple(notes))
    refusal = _iclabel_refusal(referenced, sfreq, names, montage, options)
    named = None if refusal else label_components(referenced, sfreq, names, ica)
    notes += [refusal] if refusal else []
    slow, slow_rate = slow_copy(referenced, sfreq)
    evidence = gather_evidence(ica, referenced, sfreq, slow, slow_rate, names, aux, aux_kinds)
    components = [_form_opinion(i, evidence, named, options, ica.converged) for i in range(ica.n_components)]
    always = [c.index for c in components if c.removed and not (options.bursts and c.label in IN_BURSTS)]
    for kept in keep_rhythms(slow, slow_rate, ica, always, options.max_rhythm_loss):
        what = f"{kept.loss_db:.1f} dB of a rhythm on {names[kept.channel]}"
        components[kept.index] = replace(
            components[kept.index], removed=False, why=f"kept, its removal would cost {what}"
        )
    removed = [component.index for component in components if component.removed]
    share = _variance_removed(evidence.covariance, ica, removed)
    flag = ""
    if share > options.max_variance_removed:
        flag = f"removed components hold {share:.0%} of the variance, the limit is {options.max_variance_removed:.0%}"
    return ComponentVerdicts(tuple(components), share, flag, tuple(notes))


def _iclabel_refusal(
    referenced: Samples, sfreq: float, names: Sequence[str], montage: str, options: IcaOptions
) -> str:
    if options.label == "rules":
        return "ICLabel switched off"
    scalp = [i for i, name in enumerate(names) if name not in EARS]
    thin = referenced[:, :: max(1, referenced.shape[1] // 1000)]
    if montage == "referential" and np.abs(thin[scalp].mean(axis=0)).max() > CENTERED * np.abs(thin).max():
        return "ICLabel needs an average reference"
    return iclabel_refusal(names, montage, sfreq, L_FREQ)


def _form_opinion(
    i: int, evidence: Evidence, named: NDArray[np.float64] | None, options: IcaOptions, converged: bool
) -> Component:
    """Say what a component is and whether it would be removed, were it not for rhythms."""
    probabilities = {} if named is None else dict(zip(CLASSES, map(float, named[i]), strict=True))
    label = max(probabilities, key=probabilities.__getitem__) if probabilities else "unknown"
    by_network = label in options.remove and probabilities[label] >= options.probability
    rules = [] if options.label == "iclabel" else _apply_rules(i, evidence, label, options)
    if rules and not by_network:
        label = rules[0][0]
    reasons = [f"ICLabel {probabilities[label]:.2f}"] if by_network else []
    reasons += [reason for _, reason in rules]
    # what an unfinished decomposition says needs a second witness
    removed = bool(by_network or rules) if converged else bool(by_network and rules)
    doubt = "" if removed or not reasons else "kept, the decomposition has not converged; "
    brain = probabilities.get("brain", 0.0)
    # an EOG channel and the forehead see the brain, too; an ECG channel sees the heart only
    if rules and rules[0][0] != "heart" and brain >= options.probability:
        removed, doubt = False, f"kept, ICLabel says brain {brain:.2f}; "
    return Component(
        index=i,
        label=label,
        probability=probabilities.get(label, 0.0),
        probabilities=probabilities,
        eog_correlation=float(evidence.eog[i]),
        ecg_correlation=float(evidence.ecg[i]),
        variance_share=float(evidence.share[i]),
        removed=removed,
        why=f"{doubt}{label}: {', '.join(reasons)}" if reasons else "",
    )


def _apply_rules(i: int, evidence: Evidence, label: str, options: IcaOptions) -> list[tuple[str, str]]:
    """Give the kinds that rules see in a component, and why; muscle only where ICLabel does not disagree."""
    eog, ecg, slope = float(evidence.eog[i]), float(evidence.ecg[i]), float(evidence.slope[i])
    found = []
    if eog >= options.eog_correlation and evidence.by_channel[i]:
        found.append(("eye", f"|r| {eog:.2f} with an EOG channel"))
    elif eog >= options.eog_correlation and evidence.around_eyes[i]:
        found.append(("eye", f"|r| {eog:.2f} with the electrodes around the eyes"))
    if ecg >= options.ecg_correlation:
        found.append(("heart", f"|r| {ecg:.2f} with an ECG channel"))
    if slope >= options.muscle_slope and label in ("muscle", "unknown"):
        found.append(("muscle", f"log-log slope {slope:+.2f}"))
    return [(kind, reason) for kind, reason in found if kind in options.remove]


def _variance_removed(covariance: Matrix, ica: Ica, removed: Sequence[int]) -> float:
    part = ica.mixing[:, removed] @ ica.unmixing[removed]
    total = float(np.trace(covariance))
    return float(np.trace(part @ covariance @ part.T)) / total if total > 0 else 0.0
