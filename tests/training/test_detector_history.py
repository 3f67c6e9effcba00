import dataclasses

from eeg_kedro.training.detector_history import join_histories, new_points
from tests.training.tiny_checkpoints import tiny_checkpoint


def after(n_epochs, name="m_s1", **about):
    checkpoint = tiny_checkpoint(1, name)
    rows = [
        {"epoch": epoch, "step": 3, "train_loss": 1.0, "validation_auroc": 0.5} for epoch in range(n_epochs)
    ]
    fixed = {"validation_loss": 0.5, "lr": 0.1, "grad_norm": 1.0, "tokens_per_second": 1.0, "seconds": 1.0}
    rows = [row | fixed | {"peak_memory_megabytes": 1.0, "is_best": True} for row in rows]
    progress = checkpoint.trainer["progress"] | {"history": rows}
    told = {"variant": "pretrained", "seed": 1, "name": name, **about}
    return dataclasses.replace(checkpoint, about=told, trainer=checkpoint.trainer | {"progress": progress})


def test_points_are_told_once_under_variant_and_seed():
    known = {}
    first = new_points(after(1), known)
    second = new_points(after(2), known)
    assert first["pretrained_s1.validation_auroc"] == [{"step": 0, "value": 0.5}]
    assert [point["step"] for point in second["pretrained_s1.train_loss"]] == [1]


def test_a_report_within_an_epoch_has_no_points():
    known = {}
    assert new_points(after(0), known) == {}
    assert list(join_histories(known)) == [*list(known["m_s1"])]


def test_histories_of_all_networks_are_one_table():
    known = {}
    new_points(after(2), known)
    new_points(after(1, "e_s1", variant="eegnet"), known)
    table = join_histories(known)
    assert table["model"].tolist() == ["pretrained", "pretrained", "eegnet"]
    assert table["name"].tolist() == ["m_s1", "m_s1", "e_s1"]
