import numpy as np
import pytest

from eeg_kedro.errors import StaleError
from eeg_kedro.sampling.windows.materialised import MaterialisedWindows
from eeg_kedro.training.finetune_job import open_sides
from tests.training.finetune_corpus import BALANCE, LENGTHS, SEIZURES, make_finetune_job, write_people


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    return make_finetune_job(tmp_path_factory.mktemp("people"))


def test_the_first_epoch_is_the_table_of_balanced_windows(job):
    train, _ = open_sides(job)
    keys = ["participant", "run", "window_start_sample"]
    drawn = train.table.iloc[train.draw(0)][keys]
    told = job.balanced[job.balanced["role"] == "train"][keys]
    assert sorted(map(tuple, drawn.to_numpy())) == sorted(map(tuple, told.to_numpy()))


def test_without_redraw_every_epoch_is_the_table(tmp_path):
    train, validation = open_sides(make_finetune_job(tmp_path, redraw=False))
    assert isinstance(train.source, MaterialisedWindows)
    assert np.array_equal(train.draw(0), train.draw(1))
    assert not {*train.draw(0)} & {*validation.draw(0)}


def test_windows_drawn_with_other_parameters_are_refused(job):
    other = job.__class__(**{**vars_of(job), "balance": BALANCE.model_copy(update={"seed": 9})})
    with pytest.raises(StaleError, match=r"not those that the parameters of balance draw.*redraw=false"):
        open_sides(other)


def test_a_table_that_is_not_that_of_the_signals_is_refused(job):
    other = job.__class__(**{**vars_of(job), "balanced": job.balanced.iloc[:-1]})
    with pytest.raises(StaleError, match="made from other rows"):
        open_sides(other)


def test_recordings_cleaned_anew_are_refused(tmp_path, monkeypatch):
    job = make_finetune_job(tmp_path)
    monkeypatch.setitem(SEIZURES, ("a", "1"), (2.0, 9.0))
    write_people(tmp_path / "windows")
    with pytest.raises(StaleError):
        open_sides(job)


def test_priors_are_of_the_training_participants_only(job):
    train = job.balanced[job.balanced["role"] == "train"]
    assert job.drawn_prior == pytest.approx(train["seizure_samples"].sum() / train["n_samples"].sum())
    recorded = sum(LENGTHS[key] for key in (("a", "1"), ("b", "1"))) / 50
    assert job.true_prior == pytest.approx((9.0 + 6.5) / recorded)


def test_who_is_trained_and_validated_on_is_told(job):
    assert (job.participants("train"), job.participants("validation")) == (["a", "b"], ["c"])


def vars_of(job):
    return {name: getattr(job, name) for name in job.__dataclass_fields__}


def test_many_windows_of_validation_are_thinned_evenly(tmp_path):
    everything, few = (
        open_sides(make_finetune_job(tmp_path, validation_windows=most))[1].draw(0) for most in (2048, 4)
    )
    assert everything.size > few.size == 4
    assert few.tolist() == [everything[i * everything.size // 4] for i in range(4)]
