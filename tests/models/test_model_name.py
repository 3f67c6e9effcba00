import pytest

from eeg_kedro.models.encoder_options import EncoderOptions
from eeg_kedro.models.model_name import name_model


@pytest.mark.parametrize(
    ("changes", "ratio", "style", "tag", "name"),
    [
        ({}, 0.4, "mae", "", "mamba2_eeg_d128_l6_m40_mae"),
        ({"d_model": 64, "n_layers": 12}, 0.07, "bert", "", "mamba2_eeg_d64_l12_m7_bert"),
        ({"backbone": "transformer"}, 0.125, "mae", "", "transformer_eeg_d128_l6_m12.5_mae"),
        ({}, 0.6, "mae", "mask_ratio-0.6", "mamba2_eeg_d128_l6_m60_mae_mask_ratio-0.6"),
    ],
)
def test_a_model_is_named_after_its_configuration(changes, ratio, style, tag, name):
    assert name_model(EncoderOptions(**changes), ratio, style, tag) == name
