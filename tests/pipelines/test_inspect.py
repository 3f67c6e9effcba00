import pickle
from pathlib import Path

import pytest
import yaml

from eeg_kedro.corpora.folder_listing import list_folder
from eeg_kedro.datasets import fingerprint
from eeg_kedro.datasets.fingerprint import describe_task
from eeg_kedro.datasets.window_parquet_dataset import WindowParquetDataset
from eeg_kedro.errors import ParameterError, WindowError
from eeg_kedro.figures.recording_view import InspectOptions
from eeg_kedro.io.window_parquet import WindowOptions
from eeg_kedro.pipelines.clean.nodes import plan_cleaning
from eeg_kedro.pipelines.inspect.nodes import draw_overview, draw_pages
from eeg_kedro.pipelines.window.nodes import collect_quality, cut_recordings
from eeg_kedro.signal.cleaning import CleanOptions

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def given(fabricated, tmp_path_factory):
    """Clean two of three recordings, the third one failed."""
    from eeg_kedro.corpora.options import IngestOptions
    from eeg_kedro.corpora.survey import survey_corpus

    folder = tmp_path_factory.mktemp("windows")
    listing = list_folder(fabricated / "chbmit")
    found = survey_corpus(listing, "auto", IngestOptions())
    plan = plan_cleaning(found.inventory, listing, CleanOptions())
    windows = {}
    for key, job in [*cut_recordings(plan, WindowOptions()).items()][:2]:
        job().write(folder / f"{key}.parquet")
        windows[key] = WindowParquetDataset(filepath=folder / f"{key}.parquet").load
    quality = collect_quality(windows, found.inventory)["prm_recording_quality"]
    return listing, found.inventory, found.events, quality, windows


def test_every_recording_gets_a_page_failed_ones_too(given):
    pages = draw_pages(*given, InspectOptions())
    assert len(pages) == 3
    texts = {key: page() for key, page in pages.items()}
    assert sum("nothing to show of this recording" in text for text in texts.values()) == 1
    assert all("Not a medical device" in text for text in texts.values())


def test_a_page_is_the_same_each_time(given):
    key, page = next(iter(draw_pages(*given, InspectOptions()).items()))
    assert page() == draw_pages(*given, InspectOptions())[key]()


def test_pages_travel_to_workers_and_have_fingerprints(given):
    for page in draw_pages(*given, InspectOptions()).values():
        assert describe_task(pickle.loads(pickle.dumps(page))) == describe_task(page)


@pytest.mark.parametrize("module", ["stretches", "head", "topographies", "removal_tables", "page_markup"])
def test_code_that_draws_makes_pages_stale(given, module, monkeypatch):
    _, page = next(iter(draw_pages(*given, InspectOptions()).items()))
    before = describe_task(page).fingerprint
    code = fingerprint.module_code
    other = f"eeg_kedro.figures.{module}"
    monkeypatch.setattr(fingerprint, "module_code", lambda name: "changed" if name == other else code(name))
    assert describe_task(page).fingerprint != before


def test_other_options_make_pages_stale(given):
    key, page = next(iter(draw_pages(*given, InspectOptions()).items()))
    other = draw_pages(*given, InspectOptions(page_seconds=8.0))[key]
    assert describe_task(page).fingerprint != describe_task(other).fingerprint


def test_without_tables_it_says_what_to_run(given):
    with pytest.raises(ParameterError, match="process_primary"):
        draw_pages(given[0], None, None, None, {}, InspectOptions())


def test_windows_that_are_gone_are_not_drawn_as_failures(given):
    with pytest.raises(WindowError, match="process_primary"):
        draw_pages(*given[:4], {}, InspectOptions())


def test_no_more_pages_are_planned_than_wanted(given):
    assert len(draw_pages(*given, InspectOptions(most_pages=1))) == 1


def test_the_overview_ranks_and_links(given):
    made = draw_overview(given[3], dict.fromkeys(given[4]), InspectOptions())
    assert made["report_quality_overview"].count('href="recording_pages/') == 2
    assert made["report_quality_figure"].data


def test_links_lead_where_the_catalog_puts_the_pages():
    catalog = yaml.safe_load((PROJECT / "conf/base/catalog/08_reporting.yml").read_text())
    overview = Path(catalog["report_quality_overview"]["dataset"]["filepath"])
    assert str(overview.parent / InspectOptions().pages_folder) == catalog["report_recording_pages"]["path"]
