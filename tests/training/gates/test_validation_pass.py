import numpy as np
import pytest
import torch

from eeg_kedro.models.masked_pretrainer import build_pretrainer
from eeg_kedro.training.gates.validation_pass import pass_over, spread_batches
from tests.training.gates.sequence_source import ArrayBatches, L, make_options, make_plan, make_waves

PLAN = make_plan(("train", *("validation",) * 10))  # 80 sequences of unseen participants, 10 batches of 8
WAVES = make_waves(PLAN)


def unseen(options=None, **more):
    return ArrayBatches(PLAN, WAVES, "validation", options or make_options(), **more)


def look(options=None, **more):
    options = options or make_options()
    model = build_pretrainer(options.encoder, L, L, 0)
    return model, pass_over(model, unseen(options, **more), options, PLAN)


@pytest.mark.parametrize(("most", "expected"), [(1000, 80), (80, 80), (40, 40), (8, 8), (3, 3)])
def test_no_more_sequences_are_taken_than_allowed(most, expected):
    batches = list(spread_batches(unseen(), most))
    items = np.concatenate([batch.items.numpy() for batch in batches])
    assert len(items) == len(set(items)) == expected


def test_few_sequences_come_from_all_over_the_participants():
    items = np.concatenate([batch.items.numpy() for batch in spread_batches(unseen(), 32)])
    people = PLAN["participant"].iloc[items].unique()
    assert list(people) == ["p1", "p4", "p7", "p10"]


def test_nobody_unseen_gives_no_batch():
    nobody = ArrayBatches(make_plan(("train",)), WAVES, "validation", make_options())
    assert list(spread_batches(nobody, 10)) == []


def test_losses_are_means_over_masked_values_of_all_batches():
    model, found = look()
    errors = []
    for batch in unseen().batches(0):
        with torch.inference_mode():
            said = model(batch.inputs, batch.positions, batch.valid, batch.hidden)
        errors.append((said - batch.targets)[batch.masked].square().flatten())
    assert found.loss("model") == pytest.approx(float(torch.cat(errors).mean()), rel=1e-5)


def test_the_zero_predictor_has_the_mean_square_of_the_masked_signal():
    _, found = look()
    masked = [batch.targets[batch.masked].flatten() for batch in unseen().batches(0)]
    assert found.loss("zero") == pytest.approx(float(torch.cat(masked).square().mean()), rel=1e-5)


def test_what_bert_leaves_unchanged_leaks_but_not_astray():
    _, found = look(leak=0.3)
    assert found.leaked / found.judged == pytest.approx(0.3, abs=0.06)
    assert found.astray == 0


def test_outputs_are_kept_of_some_sequences_of_every_batch():
    _, found = look()
    kept = found.gather("items")
    assert len(np.unique(kept)) == 80
    assert found.gather("outputs").shape == (80, 24, 16)
    assert len(np.unique(PLAN["participant"].iloc[kept])) == 10


def test_shorter_sequences_are_filled_up_with_invalid_tokens():
    _, found = look()
    found.kept[0] = {name: part[:, :10] if part.ndim > 1 else part for name, part in found.kept[0].items()}
    valid = found.gather("valid")
    assert valid[:8].sum(axis=1).tolist() == [10] * 8
    assert valid[8:].all()


def test_the_example_is_channels_of_one_recording():
    _, found = look()
    rows = PLAN.iloc[found.example[0].items.numpy()]
    assert rows["channel"].tolist() == ["C3", "O1", "T8"]
    assert rows[["participant", "run"]].drop_duplicates().to_numpy().tolist() == [["p1", "0"]]
