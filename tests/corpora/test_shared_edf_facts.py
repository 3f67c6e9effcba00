"""Every EDF and BDF file of the shared data, against the facts that others have written down about it."""

import json
from pathlib import Path

import numpy as np
import pytest

from eeg_kedro.corpora.folder_listing import list_folder
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.raw_signal import plan_opening
from eeg_kedro.corpora.survey import survey_corpus
from eeg_kedro.io.edf_header import AnnotationOnlyError, read_edf_header
from eeg_kedro.io.edf_samples import EdfSamples
from eeg_kedro.io.physical_unit import microvolt_factor
from eeg_kedro.io.source_file import SourceFile

DATA = Path(__file__).parents[3] / "shared" / "data"
FOLDERS = ("edf", "iiic_edf", "chbmit_hollow")
FACTS = {
    f"{folder}/{name}": fact["header_and_numpy"]
    for folder in FOLDERS
    if (DATA / folder / "facts.json").is_file()
    for name, fact in json.loads((DATA / folder / "facts.json").read_text())["files"].items()
}
SIGNALS = [name for name, fact in FACTS.items() if fact["annotation_signals"] < fact["signals"]]

pytestmark = pytest.mark.usefixtures("shared_data")


def header_of(name):
    return read_edf_header(SourceFile(str(DATA), name))


@pytest.mark.parametrize("folder", FOLDERS)
def test_facts_are_about_every_file_there_is(folder, shared_data):
    there = {path.relative_to(shared_data).as_posix() for path in (shared_data / folder).rglob("*.[eb]df")}
    assert there == {name for name in FACTS if name.startswith(f"{folder}/")}


@pytest.mark.parametrize("name", SIGNALS)
def test_headers_are_read_as_the_facts_say(name):
    header, fact = header_of(name), FACTS[name]
    annotations = [signal for signal in header.signals if signal.is_annotation]
    assert (len(header.signals), len(annotations)) == (fact["signals"], fact["annotation_signals"])
    assert (header.n_records, header.record_duration) == (fact["complete_records"], fact["record_seconds"])
    assert header.header_bytes + header.n_records * header.record_bytes == fact["expected_bytes"]
    assert header.kind[3:] == (fact["reserved"][3:] if fact["reserved"][3:4] == "+" else "")
    assert [signal.label for signal in header.signals][: len(fact["labels_first"])] == fact["labels_first"]


@pytest.mark.parametrize("name", SIGNALS)
def test_rates_and_durations_are_those_of_the_facts(name):
    header, fact = header_of(name), FACTS[name]
    ordinary = [i for i, signal in enumerate(header.signals) if not signal.is_annotation]
    assert sorted({header.sfreq(i) for i in ordinary}) == fact["rates_hz"]
    assert {header.n_times(i) / header.sfreq(i) for i in ordinary} == {fact["duration_s"]}


@pytest.mark.parametrize("name", SIGNALS)
def test_samples_are_those_of_the_facts(name):
    fact = FACTS[name]["first_signal"]
    source = EdfSamples(SourceFile(str(DATA), name), [FACTS[name]["labels_first"].index(fact["label"])])
    blocks = [block[0].astype(np.float64) for block in source.blocks(5000)]
    signal = np.concatenate(blocks) / microvolt_factor(fact["unit"])
    assert signal.size == source.n_times == fact["samples"]
    found = [signal.mean(), signal.std(), signal.min(), signal.max()]
    wanted = [fact[key] for key in ("mean", "std", "min", "max")]
    # the facts have 4 decimals; samples are float32
    assert found == pytest.approx(wanted, abs=6e-5 + 1e-7 * max(map(abs, wanted)))


@pytest.mark.parametrize("name", sorted({*FACTS} - {*SIGNALS}))
def test_files_of_annotations_alone_are_named_as_such(name):
    with pytest.raises(AnnotationOnlyError):
        header_of(name)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_has_a_row_and_every_recording_its_facts(folder, shared_data):
    survey = survey_corpus(list_folder(shared_data / folder), "auto", IngestOptions())
    report = survey.report.set_index("path")
    names = [name.removeprefix(f"{folder}/") for name in FACTS if name.startswith(f"{folder}/")]
    assert {*names} <= {*report.index}
    taken = survey.inventory.set_index("source")
    assert {*taken.index} == {name for name in names if report.loc[name, "status"] != "refused"}
    refused = report.loc[[name for name in names if name not in taken.index]]
    assert (refused["reason"] != "").all()
    assert refused.loc[refused["kind"] == "recording", "remedy"].ne("").all()
    for name, row in taken.iterrows():
        assert row["duration"] == FACTS[f"{folder}/{name}"]["duration_s"]
        assert row["sfreq"] in FACTS[f"{folder}/{name}"]["rates_hz"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_recording_of_the_inventory_opens(folder, shared_data):
    survey = survey_corpus(list_folder(shared_data / folder), "auto", IngestOptions())
    assert len(survey.inventory)
    for row in survey.inventory.to_dict("records"):
        source = plan_opening(str(shared_data / folder), row, with_aux=True)()
        assert source.n_times == row["n_times"]
        (first,) = source.spans([(0, 64)])
        assert first.shape == (len(row["ch_names"]) + len(row["aux_names"]), 64)
        assert np.isfinite(first).all()
