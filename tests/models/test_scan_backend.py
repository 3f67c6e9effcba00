"""Who computes the scan, and that the kernels are called the way they expect."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest
import torch

from eeg_kedro.errors import ParameterError
from eeg_kedro.models import scan_backend
from eeg_kedro.models.mamba2 import Mamba2Mixer
from eeg_kedro.models.scan_backend import choose_backend, find_obstacle
from eeg_kedro.models.ssd import ssd
from tests.models.oracles import relative


@pytest.fixture
def probed_anew():
    find_obstacle.cache_clear()
    yield
    find_obstacle.cache_clear()


@pytest.fixture
def cuda(monkeypatch, probed_anew):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)


@pytest.fixture
def kernels(monkeypatch):
    """Our own scan in the place and with the signature of the official kernel, which only goes forwards."""
    seen = []

    def mamba_chunk_scan_combined(x, dt, A, B, C, chunk_size, D=None, dt_softplus=False):  # noqa: N803
        assert not dt_softplus
        seen.append(x.dtype)
        return ssd(x, dt, A, B, C, D=D).to(x.dtype)

    module = ModuleType("mamba_ssm.ops.triton.ssd_combined")
    module.mamba_chunk_scan_combined = mamba_chunk_scan_combined
    for name in ("mamba_ssm", "mamba_ssm.ops", "mamba_ssm.ops.triton"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return seen


def test_torch_is_taken_where_it_is_asked_for_and_on_every_cpu():
    assert choose_backend("torch", "cuda").name == "torch"
    chosen = choose_backend("auto", "cpu")
    assert chosen.name == "torch"
    assert "not cuda" in chosen.reason


def test_auto_falls_back_where_torch_finds_no_gpu(monkeypatch, probed_anew):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_backend("auto", "cuda") == ("torch", "mamba_ssm cannot be used: torch finds no CUDA device")


def test_installed_but_broken_is_not_usable(monkeypatch, cuda):
    def fail(name):
        raise OSError("undefined symbol")

    monkeypatch.setattr(scan_backend, "import_module", fail)
    assert "undefined symbol" in choose_backend("auto", "cuda:0").reason


def test_asking_for_kernels_that_are_not_there_names_the_reason_and_the_remedy(cuda, monkeypatch):
    monkeypatch.setitem(sys.modules, "mamba_ssm", None)
    with pytest.raises(ParameterError, match=r"does not import.*Remedy: install it on a machine with CUDA"):
        choose_backend("mamba_ssm", "cuda")
    with pytest.raises(ParameterError, match="the device is cpu"):
        choose_backend("mamba_ssm", "cpu")


def test_an_unknown_backend_is_refused():
    with pytest.raises(ParameterError, match="allowed: auto, torch, mamba_ssm"):
        choose_backend("jax", "cpu")


def test_working_kernels_are_taken_and_the_probe_is_made_once(cuda, kernels, monkeypatch):
    assert choose_backend("auto", "cuda").name == "mamba_ssm"
    monkeypatch.setattr(scan_backend, "load_kernel", lambda: pytest.fail("probed twice"))
    assert choose_backend("mamba_ssm", "cuda").name == "mamba_ssm"


def test_a_stand_in_for_the_missing_extension_is_there_during_the_import_only(monkeypatch, kernels):
    found = []
    real = scan_backend.import_module
    monkeypatch.setattr(
        scan_backend,
        "import_module",
        lambda name: found.append("selective_scan_cuda" in sys.modules) or real(name),
    )
    scan_backend.load_kernel()
    assert found == [True]
    assert "selective_scan_cuda" not in sys.modules


@pytest.mark.parametrize("way", [{}, {"reverse": True}, {"bidirectional": True}])
def test_kernels_give_what_torch_gives_with_holes_and_padding_in_every_direction(kernels, way):
    torch.manual_seed(0)
    ours = Mamba2Mixer(16, d_state=8, headdim=8, **way)
    theirs = Mamba2Mixer(16, d_state=8, headdim=8, backend="mamba_ssm", **way)
    theirs.load_state_dict(ours.state_dict())
    valid = torch.rand(3, 40) > 0.2
    valid[1, 25:] = False
    inputs = torch.randn(3, 40, 16)
    assert relative(theirs(inputs, valid)[valid], ours(inputs, valid)[valid]) <= 1e-6
    assert len(kernels) == (2 if "bidirectional" in way else 1)


def test_under_autocast_the_kernels_get_half_precision(kernels):
    mixer = Mamba2Mixer(16, d_state=8, headdim=8, backend="mamba_ssm")
    with torch.autocast("cpu", torch.bfloat16):
        mixer(torch.randn(1, 5, 16)).sum().backward()
    assert kernels == [torch.bfloat16]
