import pickle

import pytest
import torch

from eeg_kedro.errors import CollapseError, NonFiniteError
from eeg_kedro.training.collapse_alarm import AlarmOptions, CollapseAlarm

SPREAD = torch.randn(16, 8, generator=torch.Generator().manual_seed(0))
POINT = torch.ones(16, 8) + 1e-4 * SPREAD
LINE = torch.linspace(-1, 1, 16).unsqueeze(1) * torch.ones(8) + 1e-3 * SPREAD


def first_alarm(loss, embeddings, margin=0.2, steps=200, normalize=True, n_kinds=None, **options):
    alarm = CollapseAlarm(AlarmOptions(**options), margin, "toy", normalize, n_kinds)
    for step in range(1, steps + 1):
        try:
            alarm.look(step, loss(step) if callable(loss) else loss, embeddings)
        except CollapseError as error:
            return step, error
    return None, None


def test_a_loss_at_the_margin_is_seen_after_as_many_steps_as_asked_for():
    step, error = first_alarm(0.2004, SPREAD)
    assert step == 50
    assert "stood at its margin" in str(error)
    assert "supcon" in error.remedy
    assert error.file == "toy"


def test_one_step_off_the_margin_begins_the_count_again():
    assert first_alarm(lambda step: 0.3 if step == 30 else 0.2, SPREAD)[0] == 80
    assert first_alarm(lambda step: 0.2 + 0.0011 * (-1) ** step, SPREAD)[0] is None


def test_without_a_margin_no_loss_is_an_alarm():
    assert first_alarm(0.2, SPREAD, margin=None)[0] is None


@pytest.mark.parametrize("normalize", [False, True])
def test_one_point_is_seen_at_the_second_look(normalize):
    step, error = first_alarm(0.5, POINT, normalize=normalize)
    assert step == 60
    assert "one point" in str(error)
    assert "mean distance" in error.value


def test_without_normalisation_a_small_cloud_about_the_origin_is_a_point():
    assert first_alarm(0.5, 1e-4 * SPREAD, normalize=True)[0] is None
    assert first_alarm(0.5, 1e-4 * SPREAD, normalize=False)[0] == 60


def test_a_line_is_seen_unless_two_kinds_are_all_there_is():
    step, error = first_alarm(0.5, LINE)
    assert step == 60
    assert "nearly a line" in str(error)
    assert first_alarm(0.5, LINE, n_kinds=2)[0] is None


def test_untrained_weights_and_other_steps_are_not_looked_at():
    alarm = CollapseAlarm(AlarmOptions(looks=1), None, "toy")
    for step in (*range(1, 50), 51, 59):
        alarm.look(step, 1.0, POINT)
    with pytest.raises(CollapseError):
        alarm.look(60, 1.0, POINT)


def test_a_healthy_look_between_two_others_is_no_alarm():
    alarm = CollapseAlarm(AlarmOptions(), None, "toy")
    for step, seen in ((50, POINT), (60, SPREAD), (70, POINT), (80, SPREAD)):
        alarm.look(step, 1.0, seen)


@pytest.mark.parametrize("n", [1, 2, 4])
def test_a_few_windows_have_no_rank(n):
    assert first_alarm(0.5, SPREAD[:n])[0] is None


def test_all_of_it_can_be_turned_off():
    assert first_alarm(0.5, torch.zeros(16, 8), least_rank=0, least_distance=0)[0] is None


def test_an_embedding_that_is_not_finite_is_named():
    with pytest.raises(NonFiniteError, match="1 of 16 at step 50"):
        CollapseAlarm(AlarmOptions(), None, "toy").look(
            50, 1.0, SPREAD.clone().index_fill_(0, torch.tensor([3]), torch.nan)
        )


def test_the_alarm_survives_a_process_boundary():
    error = first_alarm(0.2, SPREAD)[1]
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
