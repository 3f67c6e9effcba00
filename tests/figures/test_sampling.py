import pandas as pd
import pytest

from eeg_kedro.figures.sampling import MOST, draw_balance
from eeg_kedro.sampling.draws.balance import BalanceOptions, draw_balanced
from tests.sampling.small_manifests import sides, windows

TABLE = pd.concat(
    [windows("a", 90, 8, 2), windows("b", 40, 3, unknown=7), windows("c", 30, 2)], ignore_index=True
)
SPLIT = sides(c="test", a="train", b="train").assign(hours=[1.0, 2.0, 0.5], n_seizures=[1, 5, 0])


def draw(split=SPLIT, table=TABLE):
    drawn = draw_balanced(table, split, BalanceOptions())
    return draw_balance(drawn.report, drawn.windows)


def bars(figure, name):
    (trace,) = [trace for trace in figure.data if trace.name == name]
    return dict(zip(trace.x, trace.y, strict=True))


def panel(figure, title):
    axes = {axis.title.text: axis.plotly_name for axis in figure.select_yaxes()}
    name = next(axes[text] for text in axes if text.startswith(title)).replace("axis", "")
    return [trace for trace in figure.data if trace.yaxis == name]


def test_drawn_windows_stand_in_front_of_all_there_are():
    figure = draw()
    assert bars(figure, "all no seizure") == {"train": 130, "validation": None, "test": 30}
    assert bars(figure, "no seizure, drawn") == {"train": 27, "validation": None, "test": 5}
    assert bars(figure, "not annotated")["train"] == 7


def test_bars_say_how_many_of_how_many():
    (there,) = [trace for trace in draw().data if trace.name == "all partial seizure"]
    assert there.text[0] == "11<br>of 11"


def test_hours_seizures_and_priors_have_their_panels():
    figure = draw()
    (hours,), (seizures,) = panel(figure, "EEG (h)"), panel(figure, "seizures (count)")
    assert hours.y[0] == 2.5
    assert (seizures.y[0], seizures.text[1]) == (5, "")  # nobody validates: not 0, but not known
    before, after = panel(figure, "with seizure (%)")
    assert before.y[0] == pytest.approx(100 * 13 / 143)
    assert after.y[0] == pytest.approx(100 * 13 / 40)


def test_whoever_gives_most_stands_on_top():
    (shares,) = panel(draw(), "participant")
    assert [*shares.y] == ["b", "a"]
    assert shares.x[1] == pytest.approx(1000 / 13)


def test_only_the_largest_participants_are_shown_and_it_says_so():
    names = [f"p{i:02d}" for i in range(MOST + 5)]
    table = pd.concat([windows(name, 5, i + 1) for i, name in enumerate(names)])
    figure = draw(sides(**dict.fromkeys(names, "train")), table)
    (shares,) = panel(figure, f"participant (the largest {MOST} of {MOST + 5})")
    assert shares.y[-1] == names[-1]


def test_seizures_nobody_counted_are_said_to_be_so():
    texts = [note.text for note in draw(SPLIT.drop(columns="n_seizures")).layout.annotations]
    assert "not counted: there is no inventory" in texts


def test_every_axis_has_a_title():
    axes = [*draw().select_xaxes(), *draw().select_yaxes()]
    assert all(axis.title.text for axis in axes)


def test_a_manifest_without_windows_draws_a_sentence():
    report = draw_balanced(TABLE, SPLIT, BalanceOptions()).report.assign(n_windows=0)
    assert "shorter than one window" in draw_balance(report, TABLE[:0]).layout.annotations[0].text
