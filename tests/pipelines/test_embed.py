import pytest

from eeg_kedro.datasets import CheckpointDataset, ModelDataset, WindowParquetDataset
from eeg_kedro.errors import CheckpointError, StaleError, WindowError
from eeg_kedro.pipelines.embed.nodes import (
    choose_embedder,
    draw_embed_history,
    embed_windows,
    judge_embeddings,
    train_embedder,
)
from tests.training.embed_corpus import digest, make_options, make_pretrained, write_corpus
from tests.written_windows import make_samples, write_run


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("windows"))


def loads(corpus):
    return {
        "_".join(key): WindowParquetDataset(filepath=str(path)).load for key, path in corpus.files.items()
    }


def train(corpus, folder, pretrained=None, n_reports=None, **changes):
    """Run the node as Kedro does: every output is saved as it comes."""
    dataset, yields = CheckpointDataset(filepath=folder), []
    options = make_options(**({"encoder": "pretrained"} if pretrained else {}) | changes)
    node = train_embedder(corpus.table, corpus.signals, loads(corpus), pretrained, dataset.load(), options)
    for outputs in node:
        dataset.save(outputs["model_embedder_last"])
        yields.append(outputs)
        if len(yields) == n_reports:
            node.close()
            break
    return yields


def choose(folder, pretrained=None, **changes):
    options = make_options(**({"encoder": "pretrained"} if pretrained else {}) | changes)
    return choose_embedder(CheckpointDataset(filepath=folder).load(), pretrained, options)


def steps(outputs, metric="lr"):
    return [point["step"] for point in outputs["report_embed_metrics"].get(metric, [])]


@pytest.mark.parametrize("pretrained", [None, make_pretrained()])
def test_train_choose_embed_judge_and_draw_fit_together(corpus, tmp_path, pretrained):
    yields = train(corpus, tmp_path / "last", pretrained)
    model = ModelDataset(filepath=tmp_path / "e.safetensors")
    model.save(choose(tmp_path / "last", pretrained))
    table = embed_windows(model.load(), corpus.table, corpus.signals, make_options())
    quality, metrics = judge_embeddings(table, make_options()).values()
    assert len(table) == len(corpus.table)
    assert {*quality["role"]} == {"validation", "test"}
    assert metrics["validation_effective_rank"]["value"] > 0
    assert draw_embed_history(yields[-1]["report_embed_history"]).data


def test_two_stages_are_one_history_and_one_curve(corpus, tmp_path):
    yields = train(corpus, tmp_path, stages="patients_then_seizures")
    history = yields[-1]["report_embed_history"]
    assert history["stage"].tolist() == ["stage1", "stage1", "stage2", "stage2"]
    assert history["epoch"].tolist() == [0, 1, 0, 1]
    assert history["model"].iloc[-1] == "conv_embedder_supcon_stage2"
    assert [steps(outputs) for outputs in yields] == [[0], [1], [2], [3]]
    assert choose(tmp_path, stages="patients_then_seizures").name == "conv_embedder_supcon_stage2"


def test_a_save_within_an_epoch_has_no_metrics(corpus, tmp_path):
    assert [steps(outputs) for outputs in train(corpus, tmp_path, loop__save_steps=2)] == [[], [0], [], [1]]


@pytest.mark.parametrize("n_reports", [1, 2, 3])
def test_a_training_that_was_stopped_tells_its_curves_from_the_beginning(corpus, tmp_path, n_reports):
    changes = {"stages": "patients_then_seizures"}
    train(corpus, tmp_path / "a", n_reports=n_reports, **changes)
    resumed, whole = train(corpus, tmp_path / "a", **changes), train(corpus, tmp_path / "b", **changes)
    assert [step for outputs in resumed for step in steps(outputs)] == [0, 1, 2, 3]
    ends = [choose(tmp_path / name, **changes).best_weights for name in "ab"]
    assert digest(ends[0]) == digest(ends[1])
    assert whole[-1]["report_embed_history"]["stage"].equals(resumed[-1]["report_embed_history"]["stage"])


def test_what_is_not_defined_is_no_metric(corpus, tmp_path):
    table = write_corpus(tmp_path / "w", with_seizure="abcd")
    yields = train(table, tmp_path / "last")
    assert "validation_label_knn_auroc" not in yields[-1]["report_embed_metrics"]
    assert "validation_effective_rank" in yields[-1]["report_embed_metrics"]


def test_recordings_cleaned_anew_since_are_refused(tmp_path):
    corpus = write_corpus(tmp_path / "w")
    write_run(tmp_path / "w", ("a", "1"), make_samples(1200))
    with pytest.raises(StaleError, match="cut again"):
        train(corpus, tmp_path / "last")


def test_no_recordings_say_what_to_run(corpus, tmp_path):
    corpus = type(corpus)(**{**vars(corpus), "files": {}})
    with pytest.raises(WindowError, match="process_primary"):
        train(corpus, tmp_path)


def test_windows_of_an_npz_cache_have_no_recordings_behind_them(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(type(corpus.signals), "check", lambda self, table: None)  # made of another table here
    table = corpus.table.assign(source_file="a.npz")
    assert len(train(type(corpus)(**{**vars(corpus), "files": {}, "table": table}), tmp_path)) == 2


def test_no_pretrained_model_says_what_to_run_or_to_set(corpus, tmp_path):
    with pytest.raises(CheckpointError, match=r"embed.encoder=conv.*kedro run --pipelines=pretrain"):
        train(corpus, tmp_path, encoder="pretrained")


def test_a_net_from_scratch_does_not_look_at_a_pretrained_one(corpus, tmp_path):
    assert (
        train(corpus, tmp_path, make_pretrained(), encoder="conv")[-1]["report_embed_history"]["model"]
        .eq("conv_embedder_supcon")
        .all()
    )


def test_no_checkpoint_says_what_to_run(tmp_path):
    with pytest.raises(CheckpointError, match=r"conv_embedder_supcon: no checkpoint of this name.*embed"):
        choose(tmp_path)
