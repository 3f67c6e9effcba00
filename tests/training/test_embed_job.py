from dataclasses import replace

import pytest

from eeg_kedro.errors import CheckpointError, ElectrodeError, ParameterError, SplitError, StaleError
from eeg_kedro.training.embed_job import digest_weights, list_stages
from tests.training.embed_corpus import make_job, make_options, make_pretrained, write_corpus


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("windows"))


def about(job, start=""):
    return job.about(list_stages(job.options)[-1], start)


def test_the_name_says_what_it_began_with_and_how_it_was_trained(corpus, tmp_path):
    stages = list_stages(make_options())
    assert make_job(corpus, tmp_path).name_of(*stages) == "conv_embedder_supcon"
    tagged = make_job(corpus, tmp_path, make_pretrained(), tag="x", loss__objective="triplet")
    assert tagged.name_of(*stages) == "tiny_mae_embedder_triplet_x"


def test_two_stages_are_told_apart_by_name_positives_and_what_is_trained(corpus, tmp_path):
    job = make_job(corpus, tmp_path, stages="patients_then_seizures", loss__negatives="same_participant")
    first, second = list_stages(job.options)
    assert [job.name_of(stage) for stage in (first, second)] == [
        "conv_embedder_supcon_stage1",
        "conv_embedder_supcon_stage2",
    ]
    assert (first.loss.positives, first.loss.negatives, first.unfreeze) == ("participant", "all", "all")
    assert (second.loss.positives, second.loss.negatives) == ("label", "same_participant")
    assert second.unfreeze == 2


def test_participants_of_pretraining_and_of_both_sides_are_in_the_file_and_none_of_test(corpus, tmp_path):
    told = about(make_job(corpus, tmp_path, make_pretrained(participants=["a", "z"])))["participants"]
    assert told["pretrain"] == {"train": ["a", "z"], "validation": []}
    assert (told["train"], told["validation"]) == ([*"abcd"], [*"ef"])
    assert "g" not in str(told)


def test_channels_are_those_of_the_signals_with_the_scale_of_pretraining(corpus, tmp_path):
    told = about(make_job(corpus, tmp_path, make_pretrained()))["channels"]
    assert [*told] == ["C3", "FZ", "O1"]
    assert (told["FZ"]["spread"], told["O1"]["spread"]) == (20.0, 30.0)


def test_where_to_compute_and_when_to_stop_are_no_part_of_the_identity(corpus, tmp_path):
    jobs = (
        make_job(corpus, tmp_path),
        make_job(corpus, tmp_path, batch_size=3, loop__threads=2, alarm__looks=9),
    )
    assert about(jobs[0]) == about(jobs[1])


def test_every_other_option_is(corpus, tmp_path):
    for changes in (
        {"n_windows": 6},
        {"loss__temperature": 0.2},
        {"augment__noise": 0.1},
        {"microvolts": 9.0},
    ):
        assert about(make_job(corpus, tmp_path, **changes)) != about(make_job(corpus, tmp_path))


def test_one_person_on_two_sides_is_refused_even_under_two_names(corpus, tmp_path):
    names = corpus.table["participant"].replace({"a": "chb01", "e": "CHB21"})
    job = replace(make_job(corpus, tmp_path), windows=corpus.table.assign(participant=names))
    object.__setattr__(job, "signals", type("Any", (), {"check": lambda self, table: None})())
    with pytest.raises(SplitError, match=r"one person is on two sides.*chb01"):
        job.check()


def test_signals_of_another_table_are_refused(corpus, tmp_path):
    job = replace(make_job(corpus, tmp_path), windows=corpus.table.iloc[1:])
    with pytest.raises(StaleError, match="made from other rows"):
        job.check()


def test_no_pretrained_model_says_what_to_run(corpus, tmp_path):
    with pytest.raises(CheckpointError, match="kedro run --pipelines=pretrain"):
        make_job(corpus, tmp_path, encoder="pretrained").check()


def test_a_model_of_another_rate_is_refused(corpus, tmp_path):
    with pytest.raises(CheckpointError, match=r"found '256 Hz'.*50 Hz"):
        make_job(corpus, tmp_path, make_pretrained(sfreq=256.0)).check()


def test_nobody_to_train_on_is_refused(tmp_path):
    corpus = write_corpus(tmp_path / "windows", roles={"e": "validation"})
    with pytest.raises(ParameterError, match="no window of a training participant"):
        make_job(corpus, tmp_path).check()


def test_a_channel_without_a_place_is_named(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(type(corpus.signals), "ch_names", ("C3", "X9"))
    with pytest.raises(ElectrodeError, match=r"X9.*balance.materialise.ch_names"):
        about(make_job(corpus, tmp_path))


def test_another_weight_is_another_digest():
    models = [make_pretrained(seed) for seed in (1, 1, 2)]
    digests = [digest_weights(model.weights, "encoder.") for model in models]
    assert digests[0] == digests[1] != digests[2]
    without_head = {name: value for name, value in models[0].weights.items() if name.startswith("encoder.")}
    assert digest_weights(without_head) == digests[0]
