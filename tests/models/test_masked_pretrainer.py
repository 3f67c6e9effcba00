import pytest
import torch

from eeg_kedro.losses.masked_reconstruction import masked_error
from eeg_kedro.losses.trivial_predictors import trivial_predictions
from eeg_kedro.models.encoder_options import EncoderOptions
from eeg_kedro.models.masked_pretrainer import build_pretrainer

SMALL = EncoderOptions(d_model=16, n_layers=2, d_state=8, headdim=8)


@pytest.fixture(autouse=True)
def one_thread():
    """Compute small steps in one thread: two wait for each other longer than they work."""
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(n_threads)


def oscillations(n_items, seed):
    """Make items of 12 tokens of 8 samples: one rhythm of random frequency and phase each."""
    random = torch.Generator().manual_seed(seed)
    rate, phase = torch.rand(2, n_items, 1, generator=random)
    samples = torch.sin((0.5 + 0.3 * rate) * torch.arange(96) + 6.3 * phase).view(n_items, 12, 8)
    masked = torch.rand(n_items, 12, generator=random) < 0.3
    return samples, torch.zeros(n_items, 3), torch.ones_like(masked), masked


def test_a_seed_gives_the_weights_and_leaves_the_global_state_alone():
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    first, again, other = (build_pretrainer(SMALL, 8, 8, seed) for seed in (1, 1, 2))
    assert torch.equal(torch.rand(1), expected)
    assert all(map(torch.equal, first.state_dict().values(), again.state_dict().values()))
    assert not torch.equal(first.head.weight, other.head.weight)


def test_predictions_have_the_width_of_the_target_and_come_from_what_is_encoded():
    model = build_pretrainer(SMALL, 8, 5, seed=0)
    batch = oscillations(2, seed=0)
    assert model(*batch).shape == (2, 12, 5)
    assert model.encode(*batch).shape == (2, 12, 16)
    torch.testing.assert_close(model(*batch), model.head(model.encode(*batch)))


def test_a_rhythm_is_learned_better_than_any_trivial_predictor_on_unseen_items():
    model = build_pretrainer(SMALL, 8, 8, seed=0)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for step in range(50):
        batch = oscillations(16, seed=step)
        total, count = masked_error(model(*batch), batch[0], batch[3])
        optimizer.zero_grad()
        (total / count).backward()
        optimizer.step()
    batch = oscillations(64, seed=10**6)
    trivial = trivial_predictions(batch[0], batch[3], batch[2], "raw").values()
    found, *others = (masked_error(said, batch[0], batch[3])[0] for said in (model(*batch), *trivial))
    assert found < 0.6 * min(others)


def test_the_masked_tokens_alone_are_predicted_as_among_all():
    model = build_pretrainer(SMALL, 8, 5, seed=0)
    batch = oscillations(3, seed=0)
    alone = model.predict_masked(*batch, batch[3])
    torch.testing.assert_close(alone, model(*batch)[batch[3]])
