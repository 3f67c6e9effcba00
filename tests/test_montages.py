"""Electrodes and pairs are both usable: what is stored of a referential corpus can be that of a bipolar one."""

import numpy as np
import pandas as pd
import pytest

from eeg_kedro.corpora.channel_quality import describe_channels
from eeg_kedro.corpora.folder_listing import list_folder
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.raw_signal import plan_opening
from eeg_kedro.corpora.survey import survey_corpus
from eeg_kedro.figures.recording_page import DRAWS, draw_recording
from eeg_kedro.figures.recording_view import InspectOptions, Subject, read_view
from eeg_kedro.io.window_parquet import WindowFile, WindowOptions
from eeg_kedro.pipelines.clean.nodes import plan_cleaning
from eeg_kedro.pipelines.window.nodes import cut_recordings, draw_cleaning
from eeg_kedro.sampling.pretrain_channels import place_channels as plan_places
from eeg_kedro.signal.cleaning import CleanOptions
from eeg_kedro.signal.electrode_places import place_channels
from eeg_kedro.signal.electrodes import DOUBLE_BANANA, NEW_NAMES, rename_parts
from eeg_kedro.synthetic.corpus import plan_corpus
from eeg_kedro.synthetic.options import FabricateOptions
from tests.test_end_to_end import run

NEW_PAIRS = tuple(rename_parts(pair, NEW_NAMES) for pair in DOUBLE_BANANA)
LAYOUTS = ["tusz", "chbmit"]


@pytest.fixture(scope="module")
def corpora(tmp_path_factory):
    root = tmp_path_factory.mktemp("corpora")
    options = FabricateOptions(
        participants=4, runs=1, minutes=2.0, seizure_rate=30.0, seed=3, layouts=LAYOUTS
    )
    plan_corpus(options).write(root)
    return root


@pytest.fixture(scope="module")
def stored(corpora, tmp_path_factory):
    """Window files of both corpora: pairs, and the temporal electrodes called T7 and P7."""
    folder, found = tmp_path_factory.mktemp("windows"), {}
    for layout in LAYOUTS:
        listing = list_folder(corpora / layout)
        survey = survey_corpus(listing, layout, IngestOptions(temporal_names="T7"))
        plan = plan_cleaning(survey.inventory, listing, CleanOptions(montage="longitudinal_bipolar"))
        for key, job in cut_recordings(plan, WindowOptions()).items():
            job().write(folder / f"{layout}_{key}.parquet")
        files = {key: lambda path=folder / f"{layout}_{key}.parquet": WindowFile(path) for key in plan}
        found[layout] = (survey, listing, files)
    return found


def footers(stored, layout):
    return {key: load().metadata for key, load in stored[layout][2].items()}


def test_both_corpora_end_in_the_same_columns_of_the_double_banana(stored):
    whole = [footer for footer in footers(stored, "tusz").values() if not footer["missing_channels"]]
    assert whole
    assert all(tuple(footer["ch_names"]) == NEW_PAIRS for footer in whole)
    for footer in footers(stored, "chbmit").values():
        assert {*NEW_PAIRS} == {*footer["ch_names"], *footer["masked_channels"]} & {*NEW_PAIRS}
        assert next(step for step in footer["steps"] if step["step"] == "montage")["note"].startswith(
            "recorded as pairs"
        )


def test_pairs_without_an_electrode_are_missing_and_named(stored):
    for footer in footers(stored, "tusz").values():
        gone = {*footer["missing_channels"], *footer["masked_channels"]}
        assert {*footer["ch_names"]} == {*NEW_PAIRS} - gone


def test_the_channel_table_has_a_row_with_a_score_for_every_stored_pair(stored):
    table = describe_channels(footers(stored, "tusz"))
    there = table[~table["masked"]]
    assert {*there["channel"]} == {*NEW_PAIRS}
    assert there["score"].between(0, 1).all()


def test_pages_show_the_pairs_before_and_after(stored):
    survey, listing, files = stored["tusz"]
    figure = draw_cleaning(listing, survey.inventory, survey.events, files)
    names = [trace.name for trace in figure.data]
    assert names[: len(names) // 2] == names[len(names) // 2 :]
    row = survey.inventory.iloc[0].to_dict()
    subject = Subject(row["participant"], row["run"], tuple(row["ch_names"]))
    opener = plan_opening(str(listing.root), row)
    view = read_view(files[subject.key], opener, subject, InspectOptions())
    assert [*view.stretches[0].before[0]] == view.footer["ch_names"] == [*view.stretches[0].after[0]]
    page = draw_recording(files[subject.key], opener, subject, InspectOptions(), draws=DRAWS)
    assert "longitudinal bipolar from average" in page


def test_pairs_have_places_and_regions_for_pretraining():
    table = plan_places(NEW_PAIRS, place_channels)
    np.testing.assert_allclose(np.linalg.norm(table[["x", "y", "z"]], axis=1), 1.0)
    assert table["neighbourhood"].nunique() >= 6
    np.testing.assert_allclose(place_channels(NEW_PAIRS), place_channels(DOUBLE_BANANA))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_bipolar_corpus_and_one_that_was_made_bipolar_are_processed_and_sampled(
    corpora, tmp_path, monkeypatch, layout
):
    run(
        ["process_primary", "sample"],
        tmp_path,
        monkeypatch,
        corpus={"root": str(corpora / layout), "layout": layout},
        ingest={"temporal_names": "T7"},
        clean={"montage": "longitudinal_bipolar"},
        categorize={"window_seconds": 10.0, "stride_seconds": 5.0},
    )
    balanced = pd.read_parquet(tmp_path / "05_model_input/balanced_windows.parquet")
    assert len(balanced) > 0
    quality = pd.read_parquet(tmp_path / "03_primary/recording_quality.parquet")
    assert {*quality["montage"]} == {"bipolar"}
    assert {*quality["state"]} == {"done"}
