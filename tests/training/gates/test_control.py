import pytest
import torch

from eeg_kedro.models.masked_pretrainer import MaskedPretrainer
from eeg_kedro.training.gates import control
from eeg_kedro.training.gates.control import train_control
from tests.training.gates.sequence_source import SFREQ, ArrayBatches, make_options, make_plan, make_waves


@pytest.fixture
def run():
    def run(steps=20, **changes):
        options = make_options(gates={"control_steps": steps}, lowpass_hz=4.0, **changes)
        plan = make_plan()
        sides = [ArrayBatches(plan, make_waves(plan), side, options) for side in ("train", "validation")]
        return train_control(options, *sides, SFREQ), sides

    return run


@pytest.mark.parametrize("target", ["raw", "lowpass", "spectral"])
def test_who_is_shown_nothing_gains_nothing(run, target):
    found, _ = run(target=target)
    assert found["blind_loss"] > 0
    assert -0.2 < found["gain"] < 0.02


def test_an_encoder_that_looks_at_what_is_hidden_is_found_out(run, monkeypatch):
    honest = MaskedPretrainer.forward
    monkeypatch.setattr(
        MaskedPretrainer, "forward", lambda self, *given: honest(self, *given[:3], torch.zeros_like(given[3]))
    )
    assert run()[0]["gain"] > 0.1


def test_its_model_is_told_neither_place_nor_time(run, monkeypatch):
    asked = []
    build = control.build_pretrainer
    monkeypatch.setattr(control, "build_pretrainer", lambda *given: asked.append(given[0]) or build(*given))
    run(steps=1)
    assert not asked[0].spatial_encoding
    assert not asked[0].temporal_encoding


def test_it_takes_as_many_steps_as_asked_over_several_epochs(run):
    _, (train, _) = run(steps=5)
    assert train.asked == [(1, 0), (1, 1), (2, 0), (2, 1), (3, 0)]


def test_it_says_the_same_again_and_leaves_the_random_state_alone(run):
    before = torch.get_rng_state()
    first = run(steps=2, encoder={"dropout": 0.2})[0]
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(3)
    assert run(steps=2, encoder={"dropout": 0.2})[0] == first


def test_no_step_no_gain(run):
    assert run(steps=0)[0]["gain"] == pytest.approx(0, abs=1e-6)
