import pytest
from pydantic import ValidationError

from eeg_kedro.models.encoder_options import EncoderOptions
from eeg_kedro.training.pretrain_options import PretrainOptions


def test_a_null_is_what_the_preset_says_and_a_value_is_kept():
    seed = PretrainOptions.model_validate({"preset": "seed", "token_length": None, "mask_shape": "block"})
    assert (seed.token_length, seed.mask_shape) == (2048, "block")
    assert (seed.encoder.direction, seed.encoder.mask_fill) == ("causal", "zeros")
    default = PretrainOptions.model_validate({"encoder": {"direction": None, "d_model": 64}})
    assert (default.token_length, default.encoder.direction, default.encoder.d_model) == (
        256,
        "alternate",
        64,
    )


def test_channels_may_be_words_as_on_the_command_line():
    assert PretrainOptions.model_validate({"ch_names": "C3 FP1-F7"}).ch_names == ("C3", "FP1-F7")


def test_an_unknown_preset_is_the_only_complaint():
    with pytest.raises(ValidationError, match="one of default, seed, and is 'sede'") as caught:
        PretrainOptions.model_validate({"preset": "sede", "token_length": None})
    assert caught.value.error_count() == 1


@pytest.mark.parametrize("bad", [{"headdim": 48}, {"backbone": "transformer", "n_heads": 3}])
def test_widths_that_do_not_divide_are_refused(bad):
    with pytest.raises(ValidationError, match="does not divide"):
        EncoderOptions.model_validate(bad)
