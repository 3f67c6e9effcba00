import pytest
from pydantic import ValidationError

from eeg_kedro.training.finetune_options import FinetuneOptions
from tests.training.finetune_corpus import make_finetune_options


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"seeds": []}, "at least 1"),
        ({"seeds": [1, 1]}, "each once"),
        ({"seeds": [-1]}, "from 0"),
        ({"models": ["always_on"]}, "at least one of pretrained, scratch, eegnet"),
        ({"models": ["eegnet", "eegnet"]}, "each once"),
        ({"freeze_backbone": True, "unfreeze_epochs": 2}, "take one of them"),
        ({"head": "participant"}, "dense"),
        ({"augment": {"shift_seconds": 1.0}}, "away from its labels"),
        ({"layer_decay": 0}, "greater than 0"),
        ({"predict": {"stride_share": 1.5}}, "less than or equal to 1"),
        ({"misspelt": 1}, "Extra inputs"),
    ],
)
def test_what_makes_no_sense_is_refused(changes, why):
    with pytest.raises(ValidationError, match=why):
        make_finetune_options(**changes)


def test_every_rival_is_in_the_default_comparison():
    options = FinetuneOptions()
    assert {*options.models} - {*options.networks} == {"band_power", "line_length", "always_on", "always_off"}
    assert (options.needs_encoder, len(options.seeds)) == (True, 3)


def test_eegnet_alone_needs_no_pretrained_model():
    assert not make_finetune_options(models=["eegnet", "always_on"]).needs_encoder


def test_what_is_not_said_of_augmentation_is_safe_for_labels_in_time():
    augment = make_finetune_options(augment={"flip": 0.0}).augment
    assert (augment.flip, augment.shift_seconds, augment.noise, augment.bandstop_share) == (0, 0, 0, 0)
    assert augment.channel_dropout == FinetuneOptions().augment.channel_dropout > 0


def test_every_field_is_described():
    assert all(field.description for field in FinetuneOptions.model_fields.values())
