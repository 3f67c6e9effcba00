import numpy as np
import pytest

from eeg_kedro.signal.artefacts import BIT, KINDS
from eeg_kedro.signal.quality import PER_SECOND, summarize_quality

NO_CHANNEL = np.zeros(4, bool)


def cells(*marked, kind="muscle"):
    made = np.zeros((4, 10), np.uint8)
    for row, second in marked:
        made[row, second] |= BIT[kind]
    return made


def ratio(db=0.0):
    return np.full((4, 10), db, np.float32)


def test_the_score_is_the_share_of_power_that_is_signal():
    quality = summarize_quality(cells(), cells(), ratio(10.0), NO_CHANNEL)
    assert quality["score"] == pytest.approx(10 / 11)
    assert (quality["snr_db"], quality["artefact_share"]) == (10.0, 0.0)


def test_an_artefact_that_remains_costs_its_second_and_one_that_was_removed_does_not():
    found = cells((0, 3), (1, 3))
    quality = summarize_quality(found, cells((0, 3)), ratio(60.0), NO_CHANNEL)
    assert quality["artefact_share"] == pytest.approx(1 / 40)
    assert quality["second_artefact_share"] == [0.25 if second == 3 else 0 for second in range(10)]
    assert quality["second_score"][3] == pytest.approx(0.75, abs=1e-4)
    assert quality["channel_scores"] == pytest.approx([0.9, 1, 1, 1], abs=1e-4)


def test_shares_are_told_per_kind_before_and_after():
    quality = summarize_quality(cells((0, 1), kind="eye"), cells(), ratio(), NO_CHANNEL)
    assert quality["found_share"] == {kind: 0.025 if kind == "eye" else 0.0 for kind in KINDS}
    assert set(quality["residual_share"].values()) == {0.0}


def test_an_interpolated_channel_has_nothing_of_its_own():
    db = ratio(60.0)
    db[2] = -20.0
    quality = summarize_quality(cells(), cells(), db, np.arange(4) == 2)
    assert quality["channel_scores"][2] == 0
    assert (quality["artefact_share"], quality["snr_db"]) == (0.25, 60.0)


def test_all_channels_interpolated_is_told_and_no_error():
    quality = summarize_quality(cells(), cells(), ratio(3.0), ~NO_CHANNEL)
    assert (quality["score"], quality["artefact_share"], quality["snr_db"]) == (0.0, 1.0, 3.0)


def test_the_ratio_before_cleaning_is_told_if_known():
    quality = summarize_quality(cells(), cells(), ratio(9.0), NO_CHANNEL, ratio(6.0))
    assert quality["snr_before_db"] == 6.0
    assert "snr_before_db" not in summarize_quality(cells(), cells(), ratio(9.0), NO_CHANNEL)


def test_an_empty_recording_has_no_seconds():
    nothing = np.zeros((4, 0), np.uint8)
    quality = summarize_quality(nothing, nothing, np.zeros((4, 0), np.float32), NO_CHANNEL)
    assert [quality[name] for name in PER_SECOND] == [[], [], []]
    assert quality["channel_scores"] == [0.0] * 4
