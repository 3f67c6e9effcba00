import numpy as np
import pandas as pd
import pytest

from eeg_kedro.figures.reconstruction import draw_reconstruction

N, SFREQ = 40, 10.0


@pytest.fixture
def examples():
    """Give two channels of 4 s from second 100; masked from 1 to 2 s and in the last half second."""
    masked = np.zeros(N, bool)
    masked[10:20] = masked[35:] = True
    tables = []
    for place, channel in enumerate(("C3", "O1")):
        original = np.sin(np.arange(N)) + 10 * place
        values = {"original_uv": original, "reconstructed_uv": original / 2, "masked": masked}
        given = np.where(masked, np.nan, original)
        names = {"participant": "p07", "run": "1", "channel": channel}
        tables.append(
            pd.DataFrame({**names, "time_s": 100 + np.arange(N) / SFREQ, "given_uv": given, **values})
        )
    return pd.concat(tables, ignore_index=True)


def named(figure, name):
    return [trace for trace in figure.data if trace.name == name]


def test_channels_stand_under_each_other_with_their_unit(examples):
    figure = draw_reconstruction(examples)
    assert [axis.title.text for axis in figure.select_yaxes()] == ["C3 (µV)", "O1 (µV)"]
    assert figure.layout.xaxis2.title.text == "time (s)"


def test_the_reconstruction_is_shown_only_where_something_was_masked(examples):
    (first, _) = named(draw_reconstruction(examples), "reconstructed")
    shown = [place for place, value in enumerate(first.y) if value is not None]
    assert shown == [*range(10, 20), *range(35, 40)]


def test_what_was_given_has_holes_that_are_not_bridged(examples):
    (first, _) = named(draw_reconstruction(examples), "given")
    assert first.y[10] is None
    assert not first.connectgaps


def test_masked_stretches_are_shaded_in_every_channel(examples):
    shapes = draw_reconstruction(examples).layout.shapes
    found = sorted((round(shape.x0, 3), round(shape.x1, 3)) for shape in shapes)
    assert found == [(101.0, 102.0)] * 2 + [(103.5, 104.0)] * 2


def test_all_channels_have_one_scale(examples):
    ranges = {axis.range for axis in draw_reconstruction(examples).select_yaxes()}
    assert len(ranges) == 1


def test_it_says_whose_it_is_and_what_it_is_not_for(examples):
    title = draw_reconstruction(examples).layout.title.text
    assert "unseen participant p07, run 1" in title
    assert "not for diagnosis" in title


def test_each_line_is_once_in_the_legend(examples):
    shown = [trace.name for trace in draw_reconstruction(examples).data if trace.showlegend]
    assert sorted(shown) == ["given", "original", "reconstructed"]


def test_spectra_are_drawn_over_hertz():
    names = {"participant": "p07", "run": "1", "channel": ["C3"] * 5, "time_s": 3.0}
    spectra = {"original_log": np.arange(5.0), "reconstructed_log": np.arange(5.0) / 2}
    figure = draw_reconstruction(pd.DataFrame({**names, "frequency_hz": np.arange(5.0), **spectra}))
    assert figure.layout.xaxis.title.text == "frequency (Hz)"
    assert list(named(figure, "reconstructed")[0].y) == [0, 0.5, 1, 1.5, 2]
    assert not figure.layout.shapes


def test_nothing_to_show_draws_a_sentence(examples):
    for empty in (examples.iloc[:0], pd.DataFrame()):
        assert "no sequence" in draw_reconstruction(empty).layout.annotations[0].text


def test_a_name_from_a_file_is_not_markup(examples):
    figure = draw_reconstruction(examples.assign(channel="<b>C3</b>", participant="<i>p</i>"))
    assert "<b>" not in figure.layout.yaxis.title.text
    assert "<i>" not in figure.layout.title.text
