"""Every layout is written by one part of the project and read by another; the ground truth decides."""

import pytest

from tests.pipelines.conftest import LAYOUTS


@pytest.mark.parametrize("layout", LAYOUTS)
def test_auto_finds_every_recording_with_its_true_rate_and_length(layout, survey, truth):
    inventory = survey(layout).inventory.set_index(["layout", "participant", "run"])
    expected = truth.loc[[layout]]
    assert {*inventory.index} == {*expected.index}
    assert inventory.loc[expected.index, ["sfreq", "n_times"]].equals(expected[["sfreq", "n_times"]])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_seizure_is_lost(layout, survey, truth):
    inventory = survey(layout).inventory.set_index(["layout", "participant", "run"])
    expected = truth.loc[[layout]]
    assert expected["n_seizures"].sum() > 0
    assert inventory.loc[expected.index, "n_seizures"].equals(expected["n_seizures"])
    apart = inventory.loc[expected.index, "seizure_seconds"] - expected["seizure_seconds"]
    assert apart.abs().max() < 1.5  # CHB-MIT's summaries give whole seconds


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_file_has_a_row_and_none_failed(layout, survey, fabricated):
    report = survey(layout).report
    found = {
        p.relative_to(fabricated / layout).as_posix() for p in (fabricated / layout).rglob("*") if p.is_file()
    }
    assert {*report["path"]} == found
    assert not report["failed"].any()


def test_another_layout_than_the_folder_has_is_refused(survey):
    with pytest.raises(ValueError, match=r"not the layout bids.*Remedy"):
        survey("tusz", "bids")
