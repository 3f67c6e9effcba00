"""The decomposition: what it finds in mixtures that are known, and what it does with bad input."""

from __future__ import annotations

import numpy as np
import pytest

from eeg_kedro.signal.ica import IcaOptions, fit_ica

OPTIONS = IcaOptions()


def mix(n_channels: int = 8, n_times: int = 40_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    mixing = rng.normal(0, 10, (n_channels, n_channels))
    return (mixing @ rng.laplace(0, 1, (n_channels, n_times))).astype(np.float32), mixing


def test_the_fields_of_mixed_sources_are_found():
    samples, mixing = mix()
    found = fit_ica(samples, 200.0, OPTIONS)
    assert found.converged
    cosine = np.abs((mixing / np.linalg.norm(mixing, axis=0)).T @ found.mixing) / np.linalg.norm(
        found.mixing, axis=0
    )
    assert np.all(cosine.max(axis=1) > 0.99)


def test_mixing_undoes_unmixing_within_the_space_of_the_samples():
    samples, _ = mix()
    samples -= samples.mean(axis=0)
    found = fit_ica(samples, 200.0, OPTIONS)
    assert found.rank == 7
    assert found.unmixing @ found.mixing == pytest.approx(np.eye(7), abs=1e-9)
    assert found.mixing @ found.unmixing @ samples == pytest.approx(samples, abs=1e-2)


def test_components_come_in_the_order_of_what_they_explain_with_a_positive_peak():
    found = fit_ica(mix()[0], 200.0, OPTIONS)
    assert np.all(np.diff((found.mixing**2).sum(axis=0)) <= 0)
    assert np.all(found.mixing.max(axis=0) >= -found.mixing.min(axis=0))


def test_the_same_samples_give_the_same_bytes():
    first, second = (fit_ica(mix()[0], 200.0, OPTIONS) for _ in range(2))
    assert first.unmixing.tobytes() == second.unmixing.tobytes()


def test_samples_used_do_not_grow_with_the_recording():
    found = fit_ica(mix(n_times=200_000)[0], 200.0, OPTIONS)
    assert found.n_samples <= 2 * OPTIONS.samples_per_square * 8**2


def test_a_dead_row_costs_a_rank_and_has_no_field():
    samples, _ = mix()
    samples[3] = 0.0
    found = fit_ica(samples, 200.0, OPTIONS)
    assert found.rank == 7
    assert np.abs(found.mixing[3]).max() < 1e-9


def test_three_channels_are_refused_with_a_note():
    found = fit_ica(mix(3)[0], 200.0, OPTIONS)
    assert found.n_components == 0
    assert found.unmixing.shape == (0, 3)
    assert "components need 4" in found.note


def test_ten_seconds_give_fewer_components_and_say_so():
    found = fit_ica(mix(19, 2000)[0], 200.0, OPTIONS)
    assert found.n_components == 10
    assert "short" in found.note


@pytest.mark.parametrize("samples", [np.zeros((8, 5000), np.float32), np.zeros((8, 0), np.float32)])
def test_nothing_to_learn_from_is_refused_with_a_note(samples):
    found = fit_ica(samples, 200.0, OPTIONS)
    assert found.n_components == 0
    assert "too little" in found.note or "components need 10" in found.note


def test_loud_stretches_and_what_is_no_number_are_not_learned_from():
    samples, _ = mix()
    quiet = fit_ica(samples, 200.0, OPTIONS)
    samples[2, 5000:9000] = 9400.0
    samples[4, 100:200] = np.nan
    loud = fit_ica(samples, 200.0, OPTIONS)
    assert loud.n_samples < quiet.n_samples
    assert "not learned from" in loud.note
    assert np.isfinite(loud.mixing).all()


def test_a_recording_that_is_loud_all_over_is_decomposed_all_the_same():
    samples, _ = mix()
    assert fit_ica(samples * 100, 200.0, OPTIONS).n_components == 8


def test_what_does_not_converge_says_so_without_a_warning():
    found = fit_ica(mix()[0], 200.0, IcaOptions(max_iter=2, tol=1e-6))
    assert not found.converged
    assert "not converged" in found.note
