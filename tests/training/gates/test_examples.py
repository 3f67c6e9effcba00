import numpy as np
import pytest
import torch

from eeg_kedro.training.gates.examples import COLUMNS, SPECTRAL_COLUMNS, tabulate_examples
from eeg_kedro.training.token_batch import TokenBatch
from tests.training.gates.sequence_source import SFREQ, L, T, make_options, make_plan

PLAN = make_plan(("validation",), n_runs=1).assign(start_sample=640, center=2.0, spread=10.0)


@pytest.fixture
def make():
    """Make a table of three channels; masked are tokens 3 and 4 of a sequence of ``n_tokens``."""

    def make(n_tokens=T, masked=(3, 4), invalid=(), **changes):
        targets = torch.from_numpy(np.random.default_rng(0).standard_normal((3, n_tokens, L), np.float32))
        flags = torch.zeros(3, n_tokens, dtype=torch.bool)
        hidden, valid = flags.clone(), ~flags
        hidden[:, list(masked)], valid[:, list(invalid)] = True, False
        inputs = torch.where(hidden[..., None], 0, targets)
        batch = TokenBatch(inputs, targets, valid, hidden, hidden, torch.zeros(3, 3), torch.tensor([0, 2, 3]))
        return tabulate_examples(batch, targets, targets + 1, PLAN, make_options(**changes)), targets

    return make


def test_samples_are_back_in_microvolts(make):
    table, targets = make()
    own = table[table["channel"] == "O1"]
    expected = 10 * targets[1].numpy().reshape(-1) + 2
    assert np.allclose(own["original_uv"], expected, atol=1e-4)
    assert np.allclose(own["reconstructed_uv"], expected + 10, atol=1e-4)


def test_time_is_that_of_the_recording(make):
    table, _ = make()
    assert tuple(table.columns) == COLUMNS
    own = table[table["channel"] == "C3"]["time_s"].to_numpy()
    assert own[0] == 640 / SFREQ
    assert np.allclose(np.diff(own), 1 / SFREQ)


def test_what_was_hidden_or_invalid_was_not_given(make):
    table, targets = make(invalid=(7,))
    given = table[table["channel"] == "C3"]["given_uv"].to_numpy().reshape(T, L)
    assert np.flatnonzero(np.isnan(given).any(axis=1)).tolist() == [3, 4, 7]
    assert np.allclose(given[0], 10 * targets[0, 0].numpy() + 2, atol=1e-4)
    masked = table[table["channel"] == "C3"]["masked"].to_numpy().reshape(T, L)
    assert np.flatnonzero(masked.all(axis=1)).tolist() == [3, 4]


def test_about_20_seconds_with_masked_tokens_are_shown(make):
    table, _ = make(n_tokens=200, masked=(100, 101, 102))
    own = table[table["channel"] == "C3"]
    assert len(own) == 40 * L  # tokens of half a second
    assert own["masked"].sum() > 0


def test_seconds_that_are_not_valid_are_avoided(make):
    table, _ = make(n_tokens=200, masked=(10, 150), invalid=range(100))
    own = table[table["channel"] == "C3"]
    assert own["time_s"].min() >= (640 + 100 * L) / SFREQ
    assert own["masked"].sum() == L


def test_long_tokens_still_show_their_neighbors(make):
    batch_of_long = make_options(token_length=4096)
    assert batch_of_long.token_length / SFREQ > 100  # seconds: far more than a page
    table, _ = make(n_tokens=3, masked=(1,))
    assert len(table) == 3 * 3 * L


def test_spectra_are_of_a_masked_token_over_hertz(make):
    table, _ = make(target="spectral", masked=(5,))
    assert tuple(table.columns) == SPECTRAL_COLUMNS
    assert table["time_s"].unique().tolist() == [(640 + 5 * L) / SFREQ]
    assert table["frequency_hz"].iloc[1] == SFREQ / L
