"""Pairs out of electrodes: what is stored must be what the cleaned electrodes say, and nothing else."""

import numpy as np
import pytest

from eeg_kedro.errors import SignalError
from eeg_kedro.signal.artefacts import BIT
from eeg_kedro.signal.cleaning import CleanOptions, clean_recording
from eeg_kedro.signal.derivation import derive_like, spell_pairs
from eeg_kedro.signal.electrodes import DOUBLE_BANANA, STANDARD_19
from tests.array_source import ArraySource, inventory_row
from tests.signal.test_cleaning_truth import make

OFF = {"enabled": False}
LINEAR = {"wavelet": OFF}
NEW = [{"T3": "T7", "T4": "T8", "T5": "P7", "T6": "P8"}.get(name, name) for name in STANDARD_19]


@pytest.fixture(scope="module")
def recording():
    """Blinks, pops and muscle over a brain; nineteen electrodes and ears."""
    plan, samples, _ = make(3, seconds=60, seizures=())
    return list(plan.ch_names), samples


def clean(recording, row=None, **options):
    names, samples = recording
    about = inventory_row(names, samples, 256) | (row or {})
    signal = clean_recording(lambda: ArraySource(samples.copy()), about, CleanOptions(**options))
    return signal, np.concatenate([block.copy() for block in signal.blocks], axis=1)


def pairs(recording, row=None, **options):
    return clean(recording, row, montage="longitudinal_bipolar", **options)


def difference(signal, cleaned, pair):
    plus, minus = (signal.ch_names.index(end) for end in pair.split("-"))
    return cleaned[plus] - cleaned[minus]


def without(recording, *lost):
    names, samples = recording
    kept = [i for i, name in enumerate(names) if name not in lost]
    return [names[i] for i in kept], samples[kept]


def note(signal, step="montage"):
    return next(one for one in signal.metadata["steps"] if one["step"] == step)


def test_a_pair_is_the_difference_of_the_two_cleaned_electrodes(recording):
    single, electrodes = clean(recording, **LINEAR)
    signal, stored = pairs(recording, **LINEAR)
    assert signal.ch_names == DOUBLE_BANANA
    assert single.metadata["ica"]["variance_removed"] > 0.01
    expected = [difference(single, electrodes, pair) for pair in DOUBLE_BANANA]
    np.testing.assert_allclose(stored, expected, atol=1e-3)


def test_a_pair_with_a_bad_electrode_is_made_of_what_its_neighbors_say_and_flagged(recording):
    names, samples = recording
    spoiled = samples.copy()
    spoiled[names.index("C3")] = 400 * np.random.default_rng(0).standard_normal(samples.shape[1])
    single, electrodes = clean((names, spoiled), **LINEAR)
    signal, stored = pairs((names, spoiled), **LINEAR)
    with_c3 = [pair for pair in DOUBLE_BANANA if "C3" in pair.split("-")]
    assert signal.metadata["interpolated_channels"] == with_c3
    assert [bad["name"] for bad in signal.metadata["bad_channels"]] == with_c3
    assert signal.metadata["bad_channels"][0]["reason"].startswith("C3: ")
    for pair in with_c3:
        expected = difference(single, electrodes, pair)
        np.testing.assert_allclose(stored[signal.ch_names.index(pair)], expected, atol=1e-3)


def test_the_reference_cancels(recording):
    names, samples = recording
    rng = np.random.default_rng(1)
    other = samples + 50 * np.cumsum(rng.standard_normal(samples.shape[1])).astype(np.float32) / 100
    still = LINEAR | {"ica": OFF, "bad_channels": OFF, "pops": OFF}
    _, first = pairs((names, samples), **still)
    for reference in ("average", "as_recorded"):
        _, second = pairs((names, other), reference=reference, **still)
        np.testing.assert_allclose(second, first, atol=2e-3)


def test_what_is_said_of_the_reference_names_both(recording):
    signal, _ = pairs(recording)
    assert (signal.metadata["montage"], signal.metadata["reference"]) == (
        "bipolar",
        "longitudinal bipolar from average",
    )
    assert note(signal)["done"]
    assert note(signal)["note"].startswith("18 of 18 pairs")


def test_electrodes_in_no_pair_are_not_stored_and_named(recording):
    signal, _ = pairs(recording)
    assert note(signal)["note"].endswith("in no pair, not stored: A1, A2")


def test_a_missing_electrode_costs_its_pairs_and_the_reason_is_said(recording):
    signal, _ = pairs(without(recording, "FZ", "T3"))
    lost = ["F7-T3", "T3-T5", "FZ-CZ"]
    assert sorted(signal.metadata["missing_channels"]) == sorted(lost)
    assert signal.ch_names == tuple(pair for pair in DOUBLE_BANANA if pair not in lost)
    assert "FZ-CZ left out, FZ was not recorded" in note(signal)["note"]


def test_a_dead_electrode_that_nothing_replaces_masks_its_pairs(recording):
    names, samples = recording
    dead = samples.copy()
    dead[names.index("O1")] = 0
    signal, _ = pairs((names, dead), interpolate=False)
    assert signal.metadata["masked_channels"] == ["T5-O1", "P3-O1"]
    assert signal.metadata["missing_channels"] == []
    assert "O1 carries no signal" in note(signal)["note"]
    whole, _ = pairs(recording, interpolate=False)
    scores = [one.closing()["quality"]["score"] for one in (signal, whole)]
    assert scores[0] < scores[1]


def test_a_dead_electrode_that_is_interpolated_keeps_its_pairs(recording):
    names, samples = recording
    dead = samples.copy()
    dead[names.index("O1")] = 0
    signal, stored = pairs((names, dead))
    assert signal.ch_names == DOUBLE_BANANA
    assert signal.metadata["interpolated_channels"] == ["T5-O1", "P3-O1"]
    assert stored[signal.ch_names.index("P3-O1")].std() > 1


def test_the_verdicts_speak_of_the_pairs_and_the_electrodes_are_kept_beside(recording):
    signal, _ = pairs(recording)
    assert [entry["name"] for entry in signal.metadata["channels"]] == list(DOUBLE_BANANA)
    assert [entry["name"] for entry in signal.metadata["electrodes"]] == recording[0]
    assert "electrodes" not in clean(recording)[0].metadata


def test_a_pop_of_an_electrode_is_marked_in_all_its_pairs(recording):
    names, samples = recording
    popped = samples.copy()
    at = np.arange(30 * 256, samples.shape[1])
    popped[names.index("C3"), at] += 600 * np.exp(-(at - at[0]) / 512)
    signal, _ = pairs((names, popped))
    cells = signal.closing()["cells_before"]
    marked = [pair for pair, row in zip(signal.ch_names, cells[:, 30], strict=True) if row & BIT["pop"]]
    assert {"F3-C3", "C3-P3"} <= {*marked}
    assert "FZ-CZ" not in marked
    assert cells.shape == signal.closing()["cells_after"].shape == (18, 60)


@pytest.mark.parametrize(("names", "pair"), [(STANDARD_19, "F7-T3"), (NEW, "F7-T7")])
def test_pairs_are_named_as_the_recording_names_its_temporal_electrodes(names, pair):
    assert pair in spell_pairs(names)
    assert {part for name in spell_pairs(names) for part in name.split("-")} == {*names}


def test_where_the_namings_are_mixed_each_electrode_keeps_its_own():
    assert {"F7-T3", "T3-P7", "P7-O1", "F8-T8"} <= {*spell_pairs(["T3", "P7", "T8", "F7"])}


@pytest.mark.parametrize("montage", ["bipolar", "unknown"])
def test_what_is_no_referential_recording_is_stored_as_it_is_and_that_is_said(recording, montage):
    _, samples = recording
    own = [f"C{i}-P{i}" for i in range(12)][::-1]
    row = {"montage": montage, "reference": montage}
    signal, _ = pairs((own, samples[:12]), row)
    assert signal.ch_names == tuple(own)
    assert (signal.metadata["montage"], signal.metadata["reference"]) == (montage, montage)
    assert not note(signal)["done"]
    assert "stored as" in note(signal)["note"]


def test_no_pair_at_all_is_an_error_that_names_the_recording(recording):
    lone = without(recording, *(name for name in recording[0] if name not in ("FP1", "C3", "O2", "T4")))
    with pytest.raises(SignalError, match=r"p_r: no pair of the longitudinal bipolar montage") as error:
        pairs(lone, bad_channels=OFF)
    assert "as_recorded" in error.value.remedy


def test_electrodes_against_different_references_have_no_average_and_no_difference(recording):
    names, samples = without(recording, "A1", "A2")
    ends = ["A1" if name[-1] in "13579Z" else "A2" for name in names]
    ends[names.index("CZ")] = "A2"
    row = {"recorded_names": [f"{name}-{end}" for name, end in zip(names, ends, strict=True)]}
    signal, _ = pairs((names, samples), row | {"reference": "A1/A2"})
    assert signal.metadata["reference"] == "longitudinal bipolar from A1/A2"
    assert "an average needs one reference" in signal.metadata["reference_note"]
    assert signal.metadata["missing_channels"] == ["FZ-CZ", "CZ-PZ"]
    assert "FZ against A1, CZ against A2" in note(signal)["note"]


def test_recorded_samples_can_be_shown_as_the_pairs_that_are_stored(recording):
    names, samples = recording
    shown, values = derive_like(samples, names, DOUBLE_BANANA[:2])
    assert shown == DOUBLE_BANANA[:2]
    np.testing.assert_array_equal(values[0], samples[names.index("FP1")] - samples[names.index("F7")])
    same, unchanged = derive_like(samples, names, names)
    assert (same, unchanged is samples) == (tuple(names), True)
