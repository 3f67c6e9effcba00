import pytest
import torch

from eeg_kedro.errors import CheckpointError
from eeg_kedro.models.encoder_options import EncoderOptions
from eeg_kedro.models.masked_pretrainer import build_pretrainer
from eeg_kedro.training.model_file import save_model
from eeg_kedro.training.pretrained_network import build_network, open_pretrained

SMALL = {"d_model": 16, "n_layers": 2, "d_state": 8, "headdim": 8}


def made(**changes):
    options = EncoderOptions.model_validate(SMALL | changes)
    about = {"name": "tiny", "options": {"encoder": options.effective()}}
    return build_pretrainer(options, 8, 5, seed=3), about | {"token_length": 8, "target_width": 5}


@pytest.mark.parametrize("changes", [{}, {"direction": "bidirectional"}, {"backbone": "transformer"}])
def test_a_file_gives_the_network_that_was_saved(tmp_path, changes):
    network, about = made(**changes)
    save_model(tmp_path / "m.safetensors", network.state_dict(), about)
    found, told = open_pretrained(tmp_path / "m.safetensors")
    batch = torch.randn(2, 6, 8), torch.randn(2, 3), torch.ones(2, 6, dtype=torch.bool)
    assert told == about
    assert not found.training
    torch.testing.assert_close(found.encode(*batch), network.eval().encode(*batch), rtol=0, atol=0)


def test_weights_of_another_direction_are_refused_although_they_would_load():
    network, about = made()
    asked = EncoderOptions.model_validate(SMALL | {"direction": "causal"})
    with pytest.raises(CheckpointError, match="direction: 'alternate' in the file, 'causal' asked"):
        build_network(network.state_dict(), about, asked=asked)


def test_who_computes_the_scan_is_free():
    network, about = made()
    build_network(
        network.state_dict(), about, asked=EncoderOptions.model_validate(SMALL | {"backend": "torch"})
    )
