import pytest

from eeg_kedro.errors import ParameterError
from eeg_kedro.sweep.request import SweepRequest, check_parameter, key_of, parse_values, show

PARAMETERS = {"pretrain": {"tag": "", "mask_ratio": 0.4, "loop": {"lr": 0.001}}, "balance": {"seed": 0}}
INPUTS = ["params:pretrain", "prm_windows"]


def asked(parameter="pretrain.mask_ratio", values=(0.2, 0.4), **given):
    return SweepRequest("pretrain", parameter, values, **{"tag": "", **given})


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0.2,0.4", (0.2, 0.4)),
        ("1e-3, 2", (0.001, 2)),
        ("mae,bert,null,true", ("mae", "bert", None, True)),
    ],
)
def test_values_are_read_as_kedro_reads_a_parameter(text, values):
    read = parse_values(text)
    assert read == values
    assert [type(value) for value in read] == [type(value) for value in values]


@pytest.mark.parametrize("text", ["", " , ", "0.2,0.20", "a: 1,b: 2", "[1],[2]", "${"])
def test_values_that_are_none_or_twice_or_no_scalar_are_refused(text):
    with pytest.raises(ParameterError):
        parse_values(text)


def test_a_session_gets_the_value_the_other_parameters_and_its_run():
    request = asked(given={"pretrain": {"loop": {"epochs": 2}}})
    assert request.runtime_params(0.2, "abc") == {
        "pretrain": {"loop": {"epochs": 2}, "mask_ratio": 0.2, "tag": "mask-ratio-0.2"},
        "mlflow_run_id": "abc",
        "mlflow_run_name": "mask_ratio=0.2",
    }


def test_the_value_wins_over_the_same_parameter_given_beside_it():
    request = asked(given={"pretrain": {"mask_ratio": 0.9}})
    assert request.runtime_params(0.2, "abc")["pretrain"]["mask_ratio"] == 0.2


def test_a_tag_of_the_user_stays_in_front():
    assert asked(tag="mine").tag_of(0.2) == "mine-mask-ratio-0.2"


def test_a_pipeline_without_the_option_gets_no_tag():
    assert asked(tag=None).runtime_params(0.2, "abc")["pretrain"] == {"mask_ratio": 0.2}


def test_a_sweep_over_the_tag_itself_leaves_it_alone():
    assert asked("pretrain.tag", ("a", "b")).runtime_params("a", "abc")["pretrain"] == {"tag": "a"}


def test_values_whose_checkpoints_would_be_one_are_refused():
    with pytest.raises(ParameterError, match="share one checkpoint"):
        asked("pretrain.ch_names", ("a b", "a_b"))


def test_the_same_request_with_more_values_is_the_same_sweep():
    assert asked().fingerprint == asked(values=(0.2, 0.6, 0.8)).fingerprint


@pytest.mark.parametrize(
    "other",
    [{"env": "test"}, {"given": {"pretrain": {"seed": 1}}}, {"tag": "x"}, {"parameter": "pretrain.seed"}],
)
def test_anything_else_that_differs_makes_another_sweep(other):
    assert asked().fingerprint != asked(**other).fingerprint


def test_a_value_that_was_run_under_another_configuration_is_not_done():
    now, then = (asked(configured={"pretrain": {"loop": {"epochs": n}}}) for n in (20, 10))
    assert now.fingerprint != then.fingerprint


def test_a_path_is_shown_by_its_name_only_and_still_told_from_its_namesake():
    one, other = "/clinic/Jane_Doe/a.elc", "/clinic/John_Doe/a.elc"
    assert show(one) == show(other) == "a.elc"
    assert key_of(one) != key_of(other)


def test_a_parameter_that_the_pipeline_reads_passes():
    check_parameter("pretrain.loop.lr", PARAMETERS, INPUTS, "pretrain")


@pytest.mark.parametrize(
    ("parameter", "told"),
    [
        ("pretrain.mask_rato", "no such parameter.*mask_ratio"),
        ("pretran.mask_ratio", "no such parameter"),
        ("pretrain.mask_ratio.x", "no such parameter"),
        ("pretrain.loop", "options of its own.*lr"),
        ("balance.seed", "pretrain does not read"),
    ],
)
def test_a_parameter_that_is_none_or_makes_no_difference_is_refused(parameter, told):
    with pytest.raises(ParameterError, match=told):
        check_parameter(parameter, PARAMETERS, INPUTS, "pretrain")
