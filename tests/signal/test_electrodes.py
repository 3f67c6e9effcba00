from eeg_kedro.signal.electrodes import (
    ELECTRODES,
    STANDARD_19,
    canonical_rank,
    missing_double_banana,
    missing_standard,
)


def test_the_names_are_those_of_mnes_10_05_montage():
    import mne

    names = mne.channels.make_standard_montage("colin27_1005").ch_names
    assert {name.upper() for name in names} == ELECTRODES


def test_old_and_new_temporal_names_stand_at_the_same_place():
    assert [canonical_rank(new) for new in ("T7", "P7", "T8", "P8")] == [
        canonical_rank(old) for old in ("T3", "T5", "T4", "T6")
    ]


def test_ears_stand_behind_every_electrode_and_strangers_last():
    assert canonical_rank("FT9") < canonical_rank("OZ") < canonical_rank("A1") < canonical_rank("X1")


def test_missing_electrodes_are_named_in_the_recordings_own_naming():
    assert missing_standard([name for name in STANDARD_19 if name not in ("T3", "FZ")]) == ("T3", "FZ")
    assert missing_standard(["T8", "P7", "P8"]).count("T7") == 1


def test_missing_pairs_are_named_in_the_recordings_own_naming():
    assert "T8-P8" not in missing_double_banana(["FP1-F7", "T8-P8"])
    assert "F7-T7" in missing_double_banana(["FP1-F7", "T8-P8"])
    assert len(missing_double_banana(["FP1-F7"])) == 17
