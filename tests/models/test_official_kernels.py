"""Ours against what mamba-ssm's Triton kernels gave; `make_reference.md` tells how that was recorded."""

import json
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from torch import Tensor

from eeg_kedro.models.mamba2 import Mamba2Mixer
from eeg_kedro.models.ssd import ssd

SCAN = ("x", "dt", "A", "B", "C")


@pytest.fixture(scope="module")
def recorded() -> dict[str, Tensor]:
    with safe_open(Path(__file__).parent / "mamba_ssm_reference.safetensors", "pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)


@pytest.fixture
def mixer(recorded: dict[str, Tensor]) -> Mamba2Mixer:
    with safe_open(Path(__file__).parent / "mamba_ssm_reference.safetensors", "pt") as file:
        mixer = Mamba2Mixer(**json.loads(file.metadata()["about"])["options"])
    prefix = "block.state."
    mixer.load_state_dict({name.removeprefix(prefix): v for name, v in recorded.items() if prefix in name})
    return mixer


def off_by(found: Tensor | None, expected: Tensor) -> float:
    """Give the largest difference as a share of the largest value."""
    assert found is not None
    return float((found.detach() - expected).abs().max() / expected.abs().max())


def test_official_state_dict_has_our_names_and_nothing_else(mixer, recorded):
    names = {name.removeprefix("block.state.") for name in recorded if "block.state." in name}
    assert names == set(mixer.state_dict())


def test_block_gives_what_the_official_kernels_give(mixer, recorded):
    assert off_by(mixer(recorded["block.inputs"], None), recorded["block.output"]) <= 1e-5


def test_gradients_of_a_block_are_those_of_the_official_kernels(mixer, recorded):
    inputs = recorded["block.inputs"].clone().requires_grad_()
    mixer(inputs, None).backward(recorded["block.output_grad"])
    assert off_by(inputs.grad, recorded["block.inputs_grad"]) <= 1e-4
    for name, parameter in mixer.named_parameters():
        assert off_by(parameter.grad, recorded[f"block.grad.{name}"]) <= 1e-4, name


def test_streaming_gives_what_the_official_kernels_give(mixer, recorded):
    inputs, state = recorded["block.inputs"], mixer.initial_state(2)
    outputs = []
    for t in range(inputs.shape[1]):
        output, state = mixer.step(inputs[:, t], state)
        outputs.append(output)
    assert off_by(torch.stack(outputs, 1), recorded["block.output"]) <= 1e-5


@pytest.mark.parametrize("longest", [256, 8], ids=["one triangle", "chunks"])
def test_scan_in_two_groups_is_that_of_the_official_kernels(recorded, longest, monkeypatch):
    monkeypatch.setattr("eeg_kedro.models.ssd.LONGEST_TRIANGLE", longest)
    inputs = [recorded[f"scan.{name}"].clone().requires_grad_() for name in SCAN]
    y = ssd(*inputs, chunk_size=32)
    y.backward(recorded["scan.y_grad"])
    assert off_by(y, recorded["scan.y"]) <= 1e-5
    for name, value in zip(SCAN, inputs, strict=True):
        assert off_by(value.grad, recorded[f"scan.{name}_grad"]) <= 1e-4, name


def test_recorded_numbers_notice_another_decay(recorded):
    inputs = {name: recorded[f"scan.{name}"] for name in SCAN}
    inputs["A"] = 1.001 * inputs["A"]
    assert off_by(ssd(**inputs), recorded["scan.y"]) > 1e-5
