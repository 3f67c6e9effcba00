"""Every folder of real files is read by ``auto`` or by its layout; counts are taken anew here, by other means."""

import csv
import json

import pytest

from eeg_kedro.corpora.folder_listing import list_folder
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.survey import survey_corpus
from eeg_kedro.errors import LayoutError

LAYOUT_OF = {
    "chbmit": "chbmit",
    "chbmit_hollow": "chbmit",
    "edf": "flat",
    "iiic": "hms",
    "iiic_edf": "flat",
    "iiic_irr": "hms",
    "muse": "muse",
    "openbci": "openbci",
    "seizeit2": "seizeit",
    "siena": "siena",
}
NO_CORPUS = ("electrodes", "licences")


@pytest.fixture(scope="module")
def surveys(shared_data):
    found = {}

    def survey(folder):
        if folder not in found:
            found[folder] = survey_corpus(list_folder(shared_data / folder), "auto", IngestOptions())
        return found[folder]

    return survey


@pytest.mark.parametrize(("folder", "layout"), LAYOUT_OF.items())
def test_auto_finds_the_layout_of_every_folder_and_says_why(surveys, folder, layout):
    assert surveys(folder).layout == layout
    assert surveys(folder).why


@pytest.mark.parametrize("folder", LAYOUT_OF)
def test_every_file_of_every_folder_has_its_row(surveys, shared_data, folder):
    files = [
        path.relative_to(shared_data / folder).as_posix() for path in (shared_data / folder).rglob("*.*")
    ]
    files = [name for name in files if (shared_data / folder / name).is_file()]
    assert sorted(surveys(folder).report["path"]) == sorted(files)


@pytest.mark.parametrize("folder", LAYOUT_OF)
def test_nothing_of_a_real_corpus_failed(surveys, folder):
    failed = surveys(folder).report.query("failed")
    assert failed.empty, failed[["path", "reason"]].to_string()


@pytest.mark.parametrize("folder", NO_CORPUS)
def test_what_is_no_corpus_is_told_so(shared_data, folder):
    with pytest.raises(LayoutError, match="fits no layout"):
        survey_corpus(list_folder(shared_data / folder), "auto", IngestOptions())


def _seizures_in(files):
    for file in files:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.DictReader(stream, delimiter="\t"):
                kind = row.get("eventType") or row.get("trial_type")
                if kind.startswith("sz"):
                    yield file.name, float(row["onset"]), float(row["duration"])


def test_the_seizures_of_seizeit2_equal_an_independent_count(surveys, shared_data):
    expected = sorted(time[1:] for time in _seizures_in((shared_data / "seizeit2").rglob("*_events.tsv")))
    events = surveys("seizeit2").events.query("kind == 'seizure'")
    assert len(expected) == 20
    assert sorted(zip(events["onset"], events["duration"], strict=True)) == expected


def test_the_seizures_of_chbmit_equal_an_independent_count(surveys, shared_data):
    with (shared_data / "chbmit" / "seizures.csv").open(newline="") as stream:
        rows = csv.DictReader(stream)
        expected = [
            (row["patient"], int(row["run"]), float(row["onset_s"]), float(row["duration_s"])) for row in rows
        ]
    events = surveys("chbmit").events.query("kind == 'seizure'")
    found = zip(
        events["participant"], events["run"].astype(int), events["onset"], events["duration"], strict=True
    )
    assert sorted(found) == sorted(row for row in expected if row[0] in ("chb01", "chb03", "chb05"))


def test_every_recording_has_the_length_and_rate_of_its_facts(surveys, shared_data):
    for folder in ("edf", "iiic_edf", "chbmit_hollow"):
        facts = json.loads((shared_data / folder / "facts.json").read_text())["files"]
        rows = surveys(folder).inventory.set_index("source")
        for name, row in rows.iterrows():
            fact = facts[name]["header_and_numpy"]
            assert row["sfreq"] in fact["rates_hz"]
            assert row["duration"] == pytest.approx(fact["duration_s"], abs=1 / row["sfreq"])
        assert set(facts) - set(rows.index) <= {"sleepedf_SC4001EC-Hypnogram.edf"}
