import pandas as pd
import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner

from eeg_kedro.errors import OverlapError
from eeg_kedro.pipelines.score import create_pipeline
from eeg_kedro.pipelines.score.nodes import check_overlap
from eeg_kedro.scoring.score_options import ScoreOptions, TuneOptions
from tests.scoring import small_cohorts as small

OPTIONS = ScoreOptions(tuning=TuneOptions(thresholds=(0.5,), quantiles=()), bootstrap=100)
TOLD = {"train": ["t1"], "validation": ["a", "b"], "pretrain": {"train": ["t1"], "validation": []}}
SPLIT = pd.DataFrame(
    [("t1", "t1", "train"), *((who, who, role) for who, role in small.ROLES.items())],
    columns=["participant", "person", "role"],
)
MODELS = {"pretrained": small.perfect, "scratch": small.alarming, "line_length": small.alarming}


class Model:
    def __init__(self, name, about):
        self.name, self.about = name, about


class Kept(MemoryDataset):
    """Stays after the last node that reads it."""

    def _release(self):
        pass


class Store:
    """Checkpoints as `training.checkpoint.CheckpointStore` hands them out."""

    def __init__(self, abouts):
        self.abouts = abouts

    def names(self):
        return sorted(self.abouts)

    def last(self, name):
        return Model(name, self.abouts[name])


def store(participants=TOLD):
    names = ("pretrained_s0", "pretrained_s1", "scratch_s0", "scratch_s1", "older_model")
    return Store({name: {"participants": participants} for name in names})


PRIMARY = Model("x_finetuned", {"participants": TOLD, "seed": 1})


def run(**changed):
    given = {
        "model_finetuned_last": store(),
        "model_finetuned": PRIMARY,
        "input_participant_split": SPLIT,
        "output_predictions": small.predictions(MODELS, seeds=(0, 1)),
        "int_events": small.events(),
        "int_inventory": small.inventory(),
        "params:score": OPTIONS,
    } | changed
    pipeline = create_pipeline()
    catalog = DataCatalog({name: MemoryDataset(value, copy_mode="assign") for name, value in given.items()})
    for name in pipeline.datasets() - {*given}:
        catalog[name] = Kept(copy_mode="assign")
    SequentialRunner().run(pipeline, catalog)
    return {name: catalog.load(name) for name in pipeline.all_outputs()}


def test_from_predictions_to_a_verdict(caplog):
    with caplog.at_level("INFO"):
        made = run()
    assert len(made["output_operating_points"]) == 3 * 2 * 5
    assert {*made["output_overlap_card"]["name"]} >= {"pretrained_s0", "scratch_s1", "line_length"}
    assert "older_model" not in {*made["output_overlap_card"]["name"]}
    assert made["report_score_metrics"]["pretrained.szcore_event.f1.macro"]["value"] == 1
    assert made["report_pretraining_verdict"]["helped"].tolist()[0]
    assert [*made["output_hed_score"]] == [*made["output_csv_bi"]] == [f"{who}_1" for who in small.ROLES]
    assert "pretraining helped" in caplog.text
    assert "a single false alarm is 24 per 24 h" in caplog.text
    assert made["report_operating_points_figure"].data


def test_a_model_trained_on_a_test_participant_is_not_scored():
    leaky = {**TOLD, "pretrain": {"train": ["t1", "c"], "validation": []}}
    with pytest.raises(OverlapError, match="in stage pretrain"):
        run(model_finetuned_last=store(leaky))


def test_validation_participants_that_are_scored_are_warned_about(caplog):
    both = small.predictions({"scratch": small.perfect}, {"a": "validation"})
    check_overlap(store(), PRIMARY, SPLIT, both)
    assert "1 persons to be scored chose the epoch of its training (a)" in caplog.text


def test_a_corpus_where_nobody_is_left_to_score_gives_empty_tables(caplog):
    nothing = small.predictions({})
    made = run(output_predictions=nothing, model_finetuned_last=Store({}))
    assert made["report_scores"].empty
    assert made["output_hed_score"] == {}
    assert "nothing can be scored" in caplog.text


def test_unannotated_test_recordings_are_named(caplog):
    made = run(int_inventory=small.inventory().assign(annotated=[True] * 5 + [False]))
    assert "1 recordings are not scored (nobody annotated it): f_1" in caplog.text
    assert made["report_score_summary"]["hours"].eq(1.5).all()
