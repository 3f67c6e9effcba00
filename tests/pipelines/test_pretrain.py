import numpy as np
import pandas as pd
import pytest
from kedro.io import DatasetError

from eeg_kedro.datasets import CheckpointDataset, ElectrodeFileDataset, ModelDataset, WindowParquetDataset
from eeg_kedro.errors import CheckpointError, ElectrodeError, WindowError
from eeg_kedro.pipelines.pretrain.nodes import (
    choose_best,
    draw_reconstruction,
    draw_training,
    measure_encoder,
    plan_pretraining,
    pretrain_encoder,
)
from eeg_kedro.sampling.draws.balance_options import BalanceOptions
from eeg_kedro.signal.electrodes import STANDARD_19
from eeg_kedro.signal.positions import electrode_positions
from tests.training.pretrain_corpus import SPLIT, digest, make_options, write_corpus

BALANCE = BalanceOptions()


@pytest.fixture
def windows(tmp_path):
    files = write_corpus(tmp_path)
    return {"_".join(key): WindowParquetDataset(filepath=str(path)).load for key, path in files.items()}


def plan(windows, split=SPLIT, electrodes=None, **changes):
    manifest = pd.DataFrame(
        [(name, "1", 0.0, 20.0, "partial_seizure") for name in "abc"],
        columns=["participant", "run", "onset", "duration", "category"],
    )
    options = make_options(**changes)
    return plan_pretraining(windows, split, None, manifest, None, electrodes, options, BALANCE)


def train(plan, windows, folder, **changes):
    """Run the node as Kedro does: every output is saved as it comes."""
    dataset = CheckpointDataset(filepath=folder)
    yields = []
    for outputs in pretrain_encoder(plan, windows, dataset.load(), make_options(**changes)):
        dataset.save(outputs["model_pretrained_last"])
        yields.append(outputs)
    return yields


def test_plan_train_choose_measure_and_draw_fit_together(windows, tmp_path):
    table = plan(windows)
    yields = train(table, windows, tmp_path / "last")
    best = choose_best(CheckpointDataset(filepath=tmp_path / "last").load(), make_options())
    model = ModelDataset(filepath=tmp_path / "m.safetensors")
    model.save(best)
    outputs = measure_encoder(model.load(), table, windows, make_options(gates={"control_steps": 1}))
    gates, examples, metrics = outputs.values()
    assert len(yields) == 2
    assert {"leaked_share", "gain_over_best_trivial"} <= {*gates["gate"]}
    assert metrics["leaked_share"] == {"step": 0, "value": 0.0}
    assert draw_training(yields[-1]["report_pretrain_history"]).data
    assert draw_reconstruction(examples).data


def test_every_epoch_brings_its_own_metrics_and_a_save_within_it_none(windows, tmp_path):
    yields = train(plan(windows), windows, tmp_path / "last", loop__save_steps=3)
    told = [
        [point["step"] for point in outputs["report_pretrain_metrics"].get("lr", [])] for outputs in yields
    ]
    assert told == [[], [0], [], [1]]


def test_a_resumed_training_tells_the_curves_from_the_beginning(windows, tmp_path):
    table = plan(windows)
    dataset = CheckpointDataset(filepath=tmp_path / "last")
    outputs = next(pretrain_encoder(table, windows, dataset.load(), make_options()))
    dataset.save(outputs["model_pretrained_last"])
    yields = train(table, windows, tmp_path / "last")
    assert [point["step"] for point in yields[0]["report_pretrain_metrics"]["lr"]] == [0, 1]
    whole = train(table, windows, tmp_path / "whole")
    ends = [found[-1]["model_pretrained_last"].checkpoint.weights for found in (yields, whole)]
    assert digest(ends[0]) == digest(ends[1])


def test_without_a_stored_split_it_is_made_as_sample_makes_it(windows):
    sides = plan(windows, split=None).groupby("participant")["side"].first()
    assert sorted(sides) == ["none", "train", "validation"]


def test_positions_may_come_from_a_file(windows):
    places, _ = electrode_positions(STANDARD_19)
    centimetres = {name: tuple(9 * place + 1) for name, place in zip(STANDARD_19, places, strict=True)}
    used = plan(windows, electrodes=centimetres).query("side != 'none'").set_index("channel")
    expected = dict(zip(STANDARD_19, places, strict=True))
    for channel, found in used[["x", "y", "z"]].iterrows():
        np.testing.assert_allclose(found, expected[channel], atol=1e-6)


def test_an_electrode_file_that_is_not_there_is_named(tmp_path):
    assert ElectrodeFileDataset().load() is None
    with pytest.raises(DatasetError, match=r"nowhere.elc: no such file .* Remedy: give it as") as caught:
        ElectrodeFileDataset(filepath=tmp_path / "nowhere.elc").load()
    assert isinstance(caught.value.__cause__, ElectrodeError)


def test_no_windows_are_an_error_that_says_what_to_run():
    with pytest.raises(WindowError, match="process_primary"):
        plan({})


def test_no_checkpoint_is_an_error_that_says_what_to_run(tmp_path):
    with pytest.raises(CheckpointError, match="mamba2_eeg_d16_l2_m50_mae: no checkpoint of this name"):
        choose_best(CheckpointDataset(filepath=tmp_path).load(), make_options())
