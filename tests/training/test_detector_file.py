import pytest
import torch

from eeg_kedro.errors import CheckpointError
from eeg_kedro.models.eegnet import EegNet
from eeg_kedro.training.detector_file import load_detector, make_detector, open_detector
from eeg_kedro.training.model_file import save_model
from tests.training.finetune_corpus import make_pretrained, write_people

CHANNELS = {name: {"center": 0.0, "spread": 50.0, "place": [0.0, 0.0, 1.0]} for name in ("C3", "FZ", "O1")}


@pytest.fixture(scope="module")
def pretrained(tmp_path_factory):
    return make_pretrained(write_people(tmp_path_factory.mktemp("people")))


def about(pretrained, kind="dense", shape="encoder"):
    encoder = pretrained.about["options"]["encoder"]
    networks = {
        "encoder": {"shape": "encoder", "encoder": encoder, "hidden": 8, "spectral_width": 4},
        "eegnet": {"shape": "eegnet", "options": {"f1": 2, "f2": 4}},
    }
    told = {"name": "m", "kind": kind, "network": networks[shape], "ch_names": [*CHANNELS]}
    return told | {"channels": CHANNELS, "token_length": 50, "sfreq": 50.0}


def logits(network, n_windows=2):
    draws = torch.Generator().manual_seed(1)
    tokens = torch.randn(n_windows, 3, 4, 50, generator=draws)
    with torch.no_grad():
        return network.eval()(tokens, torch.eye(3), torch.ones(n_windows, 3, dtype=torch.bool))


@pytest.mark.parametrize(
    ("kind", "shape"), [("dense", (2, 4)), ("window", (2,)), ("six_class", (2, 6))], ids=str
)
def test_each_head_can_be_built(pretrained, kind, shape):
    assert logits(make_detector(about(pretrained, kind), 0)).shape == shape


@pytest.mark.parametrize("shape", ["encoder", "eegnet"])
def test_first_weights_belong_to_the_seed_and_no_global_state_is_moved(pretrained, shape):
    state = torch.random.get_rng_state()
    one, same, other = (make_detector(about(pretrained, shape=shape), seed) for seed in (1, 1, 2))
    assert torch.equal(logits(one), logits(same))
    assert not torch.equal(logits(one), logits(other))
    assert torch.equal(torch.random.get_rng_state(), state)


def test_the_pretrained_encoder_is_taken_and_its_head_is_not(pretrained):
    fresh, begun = (make_detector(about(pretrained), 1, "cpu", w) for w in (None, pretrained.weights))
    key = "encoder.projection.weight"
    assert torch.equal(begun.encoder.state_dict()[key], pretrained.weights[key])
    assert not torch.equal(begun.encoder.state_dict()[key], fresh.encoder.state_dict()[key])
    assert torch.equal(begun.head.leave.weight, fresh.head.leave.weight)


@pytest.mark.parametrize("shape", ["encoder", "eegnet"])
def test_a_file_gives_the_network_back(pretrained, tmp_path, shape):
    told = about(pretrained, shape=shape)
    network = make_detector(told, 3)
    save_model(tmp_path / "m.safetensors", network.state_dict(), told)
    found, read = open_detector(tmp_path / "m.safetensors")
    assert read == told
    assert not found.training
    assert isinstance(found, EegNet) == (shape == "eegnet")
    assert torch.equal(logits(found), logits(network))


def test_other_weights_are_refused(pretrained):
    with pytest.raises(CheckpointError, match="m: these are not the weights of a detector"):
        load_detector(pretrained.weights, about(pretrained))
    with pytest.raises(CheckpointError, match="a model of `finetune`"):
        load_detector(pretrained.weights, pretrained.about)
