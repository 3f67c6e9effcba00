import pandas as pd
import pytest

from eeg_kedro.figures.finetune_history import PANELS, draw_finetuning


def make_history(models=("pretrained", "eegnet"), seeds=(0, 3), n_epochs=3, **columns):
    rows = [
        (model, seed, epoch, 1.0 / (epoch + 1), 0.6 - 0.1 * epoch, 0.7, 0.4, epoch == 1)
        for model in models
        for seed in seeds
        for epoch in range(n_epochs)
    ]
    names = ["model", "seed", "epoch", "train_loss", "validation_loss", "validation_auroc"]
    return pd.DataFrame(rows, columns=[*names, "validation_auprc", "is_best"]).assign(**columns)


def test_every_metric_has_a_panel_and_every_network_and_seed_a_line_in_it():
    figure = draw_finetuning(make_history())
    assert len(figure.data) == len(PANELS) * 2 * 2
    assert {axis.title.text for axis in figure.select_yaxes()} == {"cross entropy (nats)", "AUROC", "AUPRC"}


def test_epochs_count_from_one_and_values_are_those_of_the_table():
    line = draw_finetuning(make_history()).data[0]
    assert list(line.x) == [1, 2, 3]
    assert list(line.y) == pytest.approx([1, 1 / 2, 1 / 3])


def test_a_network_has_one_color_one_legend_entry_and_a_dash_per_seed():
    lines = [line for line in draw_finetuning(make_history()).data if line.legendgroup == "pretrained"]
    assert len({line.line.color for line in lines}) == 1
    assert [line.showlegend for line in lines].count(True) == 1
    assert {line.line.dash for line in lines} == {"solid", "dash"}


def test_the_epoch_that_is_kept_is_larger_where_it_is_decided():
    lines = draw_finetuning(make_history(models=["eegnet"], seeds=[0])).data
    assert [list(line.marker.size) for line in lines[:2]] == [[5, 5, 5], [5, 11, 5]]


def test_without_validation_only_the_training_loss_is_drawn_and_it_is_said():
    nobody = make_history(
        validation_loss=float("nan"), validation_auroc=float("nan"), validation_auprc=float("nan")
    )
    figure = draw_finetuning(nobody)
    assert len(figure.data) == 4
    assert "nobody to validate on" in figure.layout.title.text


def test_no_epoch_draws_a_sentence():
    assert "No epoch" in draw_finetuning(make_history(n_epochs=0)).layout.annotations[0].text
