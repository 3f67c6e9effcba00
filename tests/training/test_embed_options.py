import pytest
from pydantic import ValidationError

from eeg_kedro.training.embed_options import EmbedOptions


def test_defaults_are_valid():
    options = EmbedOptions()
    assert (options.loss.objective, options.encoder, options.stages) == ("supcon", "pretrained", "single")


@pytest.mark.parametrize("unfreeze", ["none", "all", 1, 96, None])
def test_what_is_unfrozen_is_a_word_or_a_number_of_layers(unfreeze):
    assert EmbedOptions(unfreeze=unfreeze).unfreeze == unfreeze


@pytest.mark.parametrize("unfreeze", ["some", 0, -1, 1.5])
def test_other_words_and_numbers_are_refused(unfreeze):
    with pytest.raises(ValidationError, match="unfreeze"):
        EmbedOptions(unfreeze=unfreeze)


@pytest.mark.parametrize("objective", ["simclr", "moco"])
def test_two_stages_need_an_objective_that_looks_at_labels(objective):
    with pytest.raises(ValidationError, match="take supcon, contrastive, triplet"):
        EmbedOptions(stages="patients_then_seizures", loss={"objective": objective})
