"""Which components go: eyes do, seizures do not, and nothing goes without a word."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from eeg_kedro.signal.component_labels import ComponentVerdicts, judge_components
from eeg_kedro.signal.filters import design_filter, filter_resample
from eeg_kedro.signal.ica import Ica, IcaOptions, fit_ica
from tests.signal.synthetic_excerpts import NAMES, SFREQ, Excerpt, make_excerpt

OPTIONS = IcaOptions()
FOREHEAD = [NAMES.index("FP1"), NAMES.index("FP2")]


@lru_cache(maxsize=8)
def cleaned(seed: int) -> tuple[Excerpt, Ica, ComponentVerdicts, np.ndarray]:
    excerpt = make_excerpt(seed)
    ica = fit_ica(excerpt.samples, SFREQ, OPTIONS)
    verdicts = judge(ica, excerpt.samples)
    return excerpt, ica, verdicts, rest_matrix(ica, verdicts)


def judge(ica: Ica, samples: np.ndarray, **given) -> ComponentVerdicts:
    told = {"sfreq": SFREQ, "names": NAMES, "montage": "referential", "aux": samples[:0], "aux_kinds": ()}
    return judge_components(ica, samples, **(told | {"options": OPTIONS} | given))


def rest_matrix(ica: Ica, verdicts: ComponentVerdicts) -> np.ndarray:
    gone = list(verdicts.removed)
    return np.eye(len(ica.mixing)) - ica.mixing[:, gone] @ ica.unmixing[gone]


@pytest.mark.parametrize("seed", [3, 5, 8, 10])
def test_blinks_lose_more_than_twenty_decibels(seed):
    excerpt, _, _, rest = cleaned(seed)
    before, after = (np.mean(x[FOREHEAD] ** 2) for x in (excerpt.blinks, rest @ excerpt.blinks))
    assert 10 * np.log10(after / before) < -20


def test_every_removed_component_says_why_and_has_a_kind_that_may_be_removed():
    for component in cleaned(5)[2].components:
        assert not component.removed or component.why.startswith(component.label)
        assert not component.removed or component.label in OPTIONS.remove


def test_the_variance_removed_is_that_of_what_is_taken_out():
    excerpt, _, verdicts, rest = cleaned(5)
    taken = excerpt.samples - rest @ excerpt.samples
    assert verdicts.variance_removed == pytest.approx(
        np.mean(taken**2) / np.mean(excerpt.samples**2), rel=0.05
    )


def test_more_variance_than_allowed_raises_a_flag():
    excerpt, ica, _, _ = cleaned(5)
    verdicts = judge(ica, excerpt.samples, options=IcaOptions(max_variance_removed=0.01))
    assert "the limit is 1%" in verdicts.flag
    assert verdicts.removed


def test_a_component_that_is_a_seizure_stays_whatever_the_rules_say():
    excerpt, ica, _, _ = cleaned(4)
    onset = round(excerpt.plan.seizures[0].onset * SFREQ)
    sources = ica.unmixing @ excerpt.seizures[:, onset : onset + 6 * SFREQ]
    ictal = int(((sources**2).sum(axis=1) * (ica.mixing**2).sum(axis=0)).argmax())
    trace = (ica.unmixing[ictal] @ excerpt.samples).astype(np.float32)[None]
    always = OPTIONS.model_copy(update={"bursts": False})
    verdicts = judge(ica, excerpt.samples, aux=trace, aux_kinds=("eog",), options=always)
    assert not verdicts.components[ictal].removed
    assert "kept" in verdicts.components[ictal].why


def test_an_eog_channel_finds_the_eyes_without_iclabel():
    excerpt, ica, _, _ = cleaned(3)
    aux = excerpt.blinks[[NAMES.index("FP1")]]
    verdicts = judge(ica, excerpt.samples, aux=aux, aux_kinds=("eog",), options=IcaOptions(label="rules"))
    assert any("EOG channel" in c.why for c in verdicts.components if c.removed)
    assert "ICLabel switched off" in verdicts.notes


def plant_heart() -> tuple[np.ndarray, np.ndarray]:
    excerpt = cleaned(3)[0]
    beat = np.zeros(excerpt.samples.shape[1], np.float32)
    beat[:: round(0.8 * SFREQ)] = 1.0
    beat = np.convolve(beat, np.hanning(24), "same").astype(np.float32)
    field = np.random.default_rng(0).normal(0, 15, len(NAMES)).astype(np.float32)
    field -= field[:19].mean()
    return excerpt.samples + field[:, None] * beat, 500 * beat[None]


def test_an_ecg_channel_finds_the_heart():
    samples, ecg = plant_heart()
    verdicts = judge(fit_ica(samples, SFREQ, OPTIONS), samples, aux=ecg, aux_kinds=("ecg",))
    assert any(c.label == "heart" and c.removed for c in verdicts.components)


def test_an_ecg_electrode_without_contact_finds_no_heart():
    samples = cleaned(3)[0].samples
    hum = np.sin(2 * np.pi * 17 * np.arange(samples.shape[1]) / SFREQ).astype(np.float32)
    samples = samples + np.linspace(-20, 20, len(NAMES), dtype=np.float32)[:, None] * hum
    verdicts = judge(fit_ica(samples, SFREQ, OPTIONS), samples, aux=500 * hum[None], aux_kinds=("ecg",))
    assert not any(c.label == "heart" for c in verdicts.components)


def test_an_unfinished_decomposition_needs_two_witnesses():
    excerpt, ica, _, _ = cleaned(5)
    unfinished = Ica(ica.unmixing, ica.mixing, 1, False, ica.rank, ica.n_samples, "not converged")
    verdicts = judge(unfinished, excerpt.samples)
    assert all("ICLabel" in c.why and "|r|" in c.why for c in verdicts.components if c.removed)
    assert not judge(unfinished, excerpt.samples, options=IcaOptions(label="rules")).removed


def test_bipolar_pairs_lose_their_blinks_without_iclabel():
    excerpt = cleaned(5)[0]
    pairs = ("FP1-F7", "F7-T3", "T3-T5", "FP1-F3", "F3-C3", "FP2-F8", "F8-T4", "FP2-F4", "F4-C4", "C4-P4")
    ends = [[NAMES.index(end) for end in pair.split("-")] for pair in pairs]
    samples = np.stack([excerpt.samples[a] - excerpt.samples[b] for a, b in ends])
    blinks = np.stack([excerpt.blinks[a] - excerpt.blinks[b] for a, b in ends])
    ica = fit_ica(samples, SFREQ, OPTIONS)
    verdicts = judge(ica, samples, names=pairs, montage="bipolar")
    left = rest_matrix(ica, verdicts) @ blinks
    assert "ICLabel needs a referential montage, this one is bipolar" in verdicts.notes
    assert np.mean(left[0] ** 2) < 0.1 * np.mean(blinks[0] ** 2)


def test_no_components_give_no_verdicts_and_the_note():
    samples = np.zeros((3, 5000), np.float32)
    verdicts = judge(fit_ica(samples, SFREQ, OPTIONS), samples, names=("FP1", "FP2", "CZ"))
    assert verdicts.removed == ()
    assert verdicts.components == ()
    assert verdicts.notes == ("3 good channels, components need 4",)


def test_without_an_average_reference_iclabel_is_not_asked():
    excerpt, ica, _, _ = cleaned(5)
    verdicts = judge(ica, excerpt.samples + 20 * excerpt.samples[:1])
    assert "ICLabel needs an average reference" in verdicts.notes


@pytest.mark.parametrize("sfreq", [64.0, 90.0])
def test_sampling_below_100_hz_leaves_the_rules(sfreq):
    samples = filter_resample(cleaned(5)[0].samples, design_filter(SFREQ, sfreq, 1.0, 0.4 * sfreq, ()))
    verdicts = judge(fit_ica(samples, sfreq, OPTIONS), samples, sfreq=sfreq)
    assert any(c.label == "eye" and c.removed for c in verdicts.components)


def test_ten_seconds_are_judged_without_an_error():
    samples = cleaned(5)[0].samples[:, : 10 * SFREQ]
    verdicts = judge(fit_ica(samples, SFREQ, OPTIONS), samples)
    assert verdicts.components
    assert any("short" in note for note in verdicts.notes)
