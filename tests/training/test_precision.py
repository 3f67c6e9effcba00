import pytest
import torch

from eeg_kedro.errors import ParameterError
from eeg_kedro.training import precision
from eeg_kedro.training.precision import autocast, choose_precision

CPU, GPU = torch.device("cpu"), torch.device("cuda")


@pytest.fixture(params=[True, False])
def hardware(monkeypatch, request):
    monkeypatch.setattr(precision, "has_bfloat16", lambda device: request.param)
    return request.param


def test_auto_is_float32_on_a_cpu_and_bfloat16_on_a_gpu_that_has_it(hardware):
    assert choose_precision("auto", CPU) == torch.float32
    assert choose_precision("auto", GPU) == (torch.bfloat16 if hardware else torch.float32)


def test_float32_is_float32(hardware):
    assert {choose_precision("float32", device) for device in (CPU, GPU)} == {torch.float32}


@pytest.mark.parametrize("device", [CPU, GPU])
def test_bfloat16_is_refused_where_the_hardware_has_none(hardware, device):
    if hardware:
        assert choose_precision("bfloat16", device) == torch.bfloat16
    else:
        with pytest.raises(ParameterError, match=f"this {device.type} has none.*Remedy"):
            choose_precision("bfloat16", device)


def test_a_cpu_tells_by_its_instructions(monkeypatch):
    for found, wanted in [({"avx2": True}, False), ({"avx512_bf16": True}, True), ({"amx_bf16": True}, True)]:
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda found=found: found)
        assert precision.has_bfloat16(CPU) == wanted


def test_products_are_in_the_precision_asked_for():
    x = torch.ones(2, 2)
    with autocast(torch.bfloat16, CPU):
        assert (x @ x).dtype == torch.bfloat16
    with autocast(torch.float32, CPU):
        assert (x @ x).dtype == torch.float32
