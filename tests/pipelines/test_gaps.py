"""A file with gaps from survey to manifest: its parts stay apart."""

import numpy as np
import pytest

from eeg_kedro.corpora.folder_listing import list_folder
from eeg_kedro.corpora.options import IngestOptions
from eeg_kedro.corpora.survey import survey_corpus
from eeg_kedro.errors import EegError
from eeg_kedro.io.window_parquet import WindowFile, WindowOptions
from eeg_kedro.pipelines.categorize.nodes import categorize_windows
from eeg_kedro.pipelines.clean.nodes import plan_cleaning
from eeg_kedro.pipelines.window.nodes import collect_quality, cut_recordings, draw_cleaning
from eeg_kedro.sampling.categories import CategorizeOptions
from eeg_kedro.signal.cleaning import CleanOptions
from eeg_kedro.signal.electrodes import STANDARD_19
from tests.discontinuous import write_edf_d

RATE = 128
BEFORE, AFTER, GAP = 44, 36, 100.25  # s
AWAY = {"onset": 44.0 + 100.25 + 10, "duration": 8.0}  # a seizure from 10 to 18 s behind the gap


def eeg_of(tones, seed=0):
    """Give pink-like noise with a tone in every channel that says which part of the file it is."""
    rng = np.random.default_rng(seed)
    parts = []
    for freq, seconds in tones:
        times = np.arange(seconds * RATE) / RATE
        noise = np.cumsum(rng.normal(0, 2, (19, times.size)), axis=1)
        noise -= np.linspace(noise[:, :1], noise[:, -1:], times.size, axis=1)[:, 0]
        parts.append(
            rng.normal(0, 5, (19, times.size))
            + 0.1 * noise
            + 20 * rng.uniform(0.5, 1.5, (19, 1)) * np.sin(2 * np.pi * freq * times)
        )
    return np.concatenate(parts, axis=1).clip(-499, 499)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    root = tmp_path_factory.mktemp("gaps") / "corpus"
    onsets = [*range(BEFORE), *(BEFORE + GAP + k for k in range(AFTER))]
    names = [f"EEG {name}-REF" for name in STANDARD_19]
    write_edf_d(root / "a_1.edf", onsets, eeg_of([(10, BEFORE), (20, AFTER)]), RATE, names)
    across = f"40\t{GAP + 6}\tsz\n"  # from 4 s before the gap to 2 s behind it
    row = f"{AWAY['onset']}\t{AWAY['duration']}\tsz\n"
    (root / "a_1.tsv").write_text("onset\tduration\teventType\n" + across + row)
    return root


@pytest.fixture(scope="module")
def survey(corpus):
    return survey_corpus(list_folder(corpus), "auto", IngestOptions())


@pytest.fixture(scope="module")
def windows(corpus, survey, tmp_path_factory):
    folder = tmp_path_factory.mktemp("windows")
    plan = plan_cleaning(survey.inventory, list_folder(corpus), CleanOptions())
    for key, job in cut_recordings(plan, WindowOptions()).items():
        job().write(folder / f"{key}.parquet")
    return {key: lambda key=key: WindowFile(folder / f"{key}.parquet") for key in plan}


def strongest(signal, sfreq=256.0):
    spectrum = np.abs(np.fft.rfft(signal - signal.mean(axis=1, keepdims=True), axis=1)).mean(axis=0)
    return np.fft.rfftfreq(signal.shape[1], 1 / sfreq)[spectrum.argmax()]


def test_no_window_holds_samples_of_both_sides(windows):
    assert [*windows] == ["a_1-seg1", "a_1-seg2"]
    for key, tone, seconds in (("a_1-seg1", 10, BEFORE), ("a_1-seg2", 20, AFTER)):
        file = windows[key]()
        assert file.metadata["n_times"] == seconds * 256
        for start in range(0, seconds * 256 - 512 + 1, 512):
            cleaned, _ = file.read(start, start + 512)
            assert strongest(cleaned) == pytest.approx(tone, abs=0.5)


def test_footers_tell_the_parts_apart(windows):
    footers = [load().metadata for load in windows.values()]
    assert [footer["run"] for footer in footers] == ["1-seg1", "1-seg2"]
    assert len({footer["source_fingerprint"] for footer in footers}) == 2


def test_seizures_are_where_they_were_in_windows_of_their_own_part(windows, survey):
    made = collect_quality(windows, survey.inventory)
    options = CategorizeOptions(window_seconds=4, stride_seconds=4)
    manifest = categorize_windows(made["prm_recording_quality"], survey.events, None, options)[
        "prm_window_manifest"
    ]
    seconds = {
        run: (part["seizure_samples"] / 256).tolist() for run, part in manifest.groupby("run", observed=True)
    }
    assert seconds == {
        "1-seg1": [0] * 10 + [4],  # the event across the gap, up to the gap
        "1-seg2": [2, 0, 2, 4, 2, 0, 0, 0, 0],  # its end, and the one of 10 to 18 s
    }


def test_a_page_of_the_second_part_is_drawn_from_behind_the_gap(corpus, survey, windows):
    later = survey.inventory[survey.inventory["segment"] == 2]
    figure = draw_cleaning(list_folder(corpus), later, survey.events, windows)
    raw, cleaned = figure.data[0], figure.data[len(figure.data) // 2]
    assert len(raw.x)
    assert np.isfinite(cleaned.y).all()
    step = raw.x[1] - raw.x[0]
    wave = np.asarray(raw.y)[None] - np.mean(raw.y)
    assert strongest(wave, 1 / step) == pytest.approx(20, abs=0.5)


@pytest.mark.parametrize("seconds", [1, 2, 3])
@pytest.mark.parametrize("sfreq", [256.0, 128.0])
def test_a_part_of_a_few_seconds_is_cleaned_or_refused_with_a_remedy(tmp_path, seconds, sfreq):
    names = [f"EEG {name}-REF" for name in STANDARD_19]
    onsets = [*range(seconds), *(100 + k for k in range(4))]
    write_edf_d(tmp_path / "a_1.edf", onsets, eeg_of([(10, seconds), (20, 4)]), RATE, names)
    inventory = survey_corpus(list_folder(tmp_path), "flat", IngestOptions()).inventory
    plan = plan_cleaning(inventory, list_folder(tmp_path), CleanOptions(sfreq=sfreq))
    try:
        signal = plan["a_1-seg1"]()
        cleaned = np.concatenate([block.copy() for block in signal.blocks], axis=1)
    except EegError as error:
        assert error.remedy  # noqa: PT017 - both are right, a traceback is not
    else:
        assert cleaned.shape == (19, round(seconds * sfreq))
        assert np.isfinite(cleaned).all()
