import pandas as pd
import pytest
import torch

from eeg_kedro.losses.targets import target_width
from eeg_kedro.models.masked_pretrainer import build_pretrainer
from eeg_kedro.training.gates.gate_table import measure_gates
from tests.training.gates.sequence_source import ArrayBatches, L, make_options, make_plan, make_waves

PLAN = make_plan(("train",) * 4 + ("validation",) * 3)
NAMES = (
    "leaked_share",
    "masked_loss",
    "zero_loss",
    "channel_mean_loss",
    "linear_interpolation_loss",
    "copy_nearest_loss",
    "gain_over_best_trivial",
    "position_correlation",
    "channel_diversity",
    "prediction_consistency",
    "control_gain",
    "test_participants_seen",
)


def measure(model=None, plan=PLAN, leak=0.0, waves=None, **changes):
    options = make_options(**changes)
    model = model or build_pretrainer(options.encoder, L, target_width(options.target, L), 0)
    waves = make_waves(plan) if waves is None else waves
    sides = [ArrayBatches(plan, waves, side, options, leak) for side in ("train", "validation")]
    table, examples, metrics = measure_gates(model, *sides, options, plan)
    return table.set_index("gate"), examples, metrics


class Knowing(torch.nn.Module):
    """Knows every recording, and recognises it by its visible tokens; a little off."""

    def __init__(self):
        super().__init__()
        self.waves = torch.from_numpy(make_waves(PLAN))
        self.sight = torch.randn(L, 12, generator=torch.Generator().manual_seed(0))

    def forward(self, tokens, positions, valid, hidden):
        differ = (tokens[:, None] - self.waves).abs().amax(dim=3) * ~hidden[:, None]
        return 0.99 * self.waves[differ.amax(dim=2).argmin(dim=1)]

    def encode(self, tokens, positions, valid, hidden):
        return tokens @ self.sight


@pytest.fixture(scope="module")
def fresh():
    return measure()


def test_every_gate_has_its_row_and_its_metric(fresh):
    table, _, metrics = fresh
    assert tuple(table.index) == NAMES
    assert set(metrics) == set(NAMES)
    assert str(table["passed"].dtype) == "boolean"


def test_a_fresh_model_is_said_not_to_have_learned(fresh):
    row = fresh[0].loc["gain_over_best_trivial"]
    assert not row["passed"]
    assert "did NOT beat the best trivial predictor, linear interpolation" in row["words"]
    assert row["words"].endswith("on 3 unseen participants: it has not learned the signal")


def test_the_gain_is_over_the_best_trivial_predictor(fresh):
    values = fresh[0]["value"]
    best = values[list(NAMES[2:6])].min()
    assert values["gain_over_best_trivial"] == pytest.approx(1 - values["masked_loss"] / best)


def test_a_model_that_says_the_same_of_every_recording_is_found_out():
    options = make_options()
    model = build_pretrainer(options.encoder, L, target_width(options.target, L), 0)
    torch.nn.init.uniform_(model.head.bias, -0.2, 0.2, generator=torch.Generator().manual_seed(0))
    row = measure(model)[0].loc["prediction_consistency"]
    assert row["value"] > 0.9
    assert not row["passed"]
    assert "goes by the place" in row["words"]


def test_a_model_that_knows_the_signal_passes_every_gate():
    table, _, _ = measure(Knowing())
    assert table["passed"].fillna(True).all(), table["words"].tolist()
    words = table.loc["gain_over_best_trivial", "words"]
    assert "The model beat the best trivial predictor, linear interpolation, by 100 %" in words


def test_a_leak_fails_and_what_bert_leaves_unchanged_does_not():
    bert = measure(leak=0.2, masking_style="bert")[0].loc["leaked_share"]
    assert bert["passed"]
    assert bert["value"] == bert["limit"] > 0.1
    waves = make_waves(PLAN)
    waves[:, 1::2] = waves[:, ::2]  # every token comes twice
    leaky = measure(waves=waves)[0].loc["leaked_share"]
    assert not leaky["passed"]
    assert leaky["value"] > 0.2


def test_a_test_participant_in_training_is_counted():
    stray = PLAN.iloc[:1].assign(side="none", reason="test participant")
    table = measure(plan=pd.concat([PLAN, stray], ignore_index=True))[0]
    assert table.loc["test_participants_seen", "value"] == 1
    assert not table.loc["test_participants_seen", "passed"]


def test_test_participants_used_on_purpose_are_said_but_not_judged():
    row = measure(use_test_participants=True)[0].loc["test_participants_seen"]
    assert pd.isna(row["passed"])
    assert "no score on them counts" in row["words"]


def test_without_steps_the_control_is_not_run():
    table, _, metrics = measure(gates={"control_steps": 0})
    assert pd.isna(table.loc["control_gain", "passed"])
    assert "control_gain" not in metrics


def test_one_recording_of_one_channel_leaves_structure_unjudged():
    plan = pd.concat([PLAN[PLAN["side"] == "train"], PLAN[PLAN["side"] == "validation"].iloc[:1]])
    table, examples, _ = measure(plan=plan.reset_index(drop=True))
    assert table.loc["position_correlation":"prediction_consistency", "passed"].isna().all()
    assert "1 unseen participant:" in table.loc["gain_over_best_trivial", "words"]
    assert examples["channel"].unique().tolist() == ["C3"]


def test_the_same_model_gives_the_same_table(fresh):
    pd.testing.assert_frame_equal(fresh[0], measure()[0])
