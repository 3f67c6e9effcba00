import pytest
from pydantic import ValidationError

from eeg_kedro.losses.embedding_loss_options import EmbeddingLossOptions


def test_the_defaults_are_supcon_with_positives_from_other_participants():
    options = EmbeddingLossOptions()
    assert (options.objective, options.positives, options.cross_participant) == ("supcon", "label", True)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"positives": "participant", "negatives": "same_participant"}, "needs positives=label"),
        ({"objective": "simclr", "normalize": False}, "always compares unit vectors"),
        ({"objective": "contrastive", "soft_margin": True}, "objective=triplet"),
        ({"margin": 0}, "greater than 0"),
        ({"temperature": -1}, "greater than 0"),
        ({"momentum": 1.0}, "less than 1"),
        ({"tau": 1}, "Extra inputs"),
    ],
)
def test_what_does_not_go_together_is_refused(given, said):
    with pytest.raises(ValidationError, match=said):
        EmbeddingLossOptions(**given)


def test_every_option_says_what_it_is():
    assert all(field.description for field in EmbeddingLossOptions.model_fields.values())
