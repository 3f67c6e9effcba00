"""Flaws of real headers, one file each: repaired and told, or refused with a remedy, and the others go on."""

import edfio
import numpy as np
import pytest

from eeg_kedro.corpora.raw_signal import plan_opening

N_SIGNALS, RECORD = 4, 4 * 256 * 2
HEADER = 256 * (N_SIGNALS + 1)


def put(offset, text):
    return lambda raw: raw[:offset] + text + raw[offset + len(text) :]


def of_signals(offset, width, *texts):
    """Overwrite one field of the first signals; ``offset`` is the sum of the widths of the fields before it."""
    return put(256 + N_SIGNALS * offset, b"".join(text.ljust(width) for text in texts))


REPAIRED = {
    "colon date": (put(168, b"01:01:85"), "start date or time is not written dd.mm.yy"),
    "no such day": (put(168, b"31.02.99"), "start date or time is none that exists"),
    "no date": (put(168, b"00.00.00"), "start date or time is none that exists"),
    "header size": (
        put(184, b"512     "),
        "the header size field is wrong; 1280 bytes follow from the 4 signals",
    ),
    "record count -1": (
        put(236, b"-1      "),
        "the record count is -1 (never filled in); 10 complete records",
    ),
    "record count 0": (put(236, b"0       "), "the header claims 0 data records; 10 complete records"),
    "trailing bytes": (
        lambda raw: raw + b"\0" * 100,
        "100 bytes after the last complete data record are ignored",
    ),
    "last record": (lambda raw: raw[:-9], "9 data records are complete and kept, 1 s are lost"),
    "EDF+C alone": (put(192, b"EDF+C"), "EDF+C without an annotation signal"),
    "umlaut": (put(8, "Müller".encode("latin-1")), ""),
    "NUL bytes": (put(244, b"1\0\0\0\0\0\0\0"), "NUL bytes"),
    "decimal comma": (put(244, b"1,0     "), "decimal comma"),
    "not ASCII": (of_signals(96, 8, *[b"\xb5V"] * 4), "characters that are not ASCII"),
    "no range": (of_signals(104, 8, b"x"), "no readable physical or digital range, cannot be used: signal 1"),
}
REFUSED = {
    "empty": (lambda raw: b"", "the file is empty"),
    "git-lfs": (lambda raw: b"version https://git-lfs.github.com/spec/v1\noid", "pointer of git-lfs"),
    "UTF-8": (lambda raw: raw.decode("latin-1").encode(), "copied as text: bytes from 128 on were rewritten"),
    "UTF-8 lost": (lambda raw: raw.decode("utf-8", "replace").encode(), "lost to replacement characters"),
    "line ends": (lambda raw: raw.replace(b"\n", b"\r\n"), "every byte 10 (a line end) has become 13 10"),
    "no record": (lambda raw: raw[: HEADER + 99], "no complete data record"),
    "half a header": (lambda raw: raw[:700], "the header is cut short"),
    "duration < 0": (put(244, b"-1      "), "the duration of a data record is not that of a recording"),
    "duration 0": (put(244, b"0       "), "the duration of a data record is not that of a recording"),
    "signals x": (put(252, b"many"), "the header names no signals"),
    "no scale": (of_signals(120, 8, *[b"7"] * 8), "no usable EEG channel"),
    "EDF+D": (put(192, b"EDF+D"), "EDF+D without an annotation signal"),
}


@pytest.fixture
def damaged(corpus):
    """Write a sound file and one with a flaw, survey both, and give the row of the latter."""

    def survey(flaw):
        corpus.edf("sound_1.edf")
        path = corpus.edf("a_1.edf")
        raw = flaw(path.read_bytes())
        path.write_bytes(raw)
        found = corpus.survey()
        assert path.read_bytes() == raw  # values are mended, never the user's file
        assert "sound" in set(found.inventory["participant"])
        return found, corpus.row(found, "a_1.edf")

    return survey


@pytest.mark.parametrize("flaw", REPAIRED)
def test_what_is_mended_is_told(damaged, flaw):
    change, told = REPAIRED[flaw]
    survey, row = damaged(change)
    assert (row["status"], row["failed"]) == ("repaired" if told else "taken", False)
    assert told in row["reason"]
    assert survey.inventory.loc[survey.inventory["participant"] == "a", "sfreq"].tolist() == [256.0]


@pytest.mark.parametrize("flaw", REFUSED)
def test_what_cannot_be_mended_is_refused_with_a_remedy(damaged, flaw):
    change, told = REFUSED[flaw]
    survey, row = damaged(change)
    assert (row["status"], row["failed"]) == ("refused", True)
    assert told in row["reason"]
    assert row["remedy"]
    assert survey.report["failed"].sum() == 1


@pytest.mark.parametrize("least", [104, 120])  # physical and digital; the greatest is the field behind it
def test_channels_whose_least_is_their_greatest_are_named_and_left_out(damaged, least):
    survey, _ = damaged(lambda raw: of_signals(least, 8, b"7")(of_signals(least + 8, 8, b"7")(raw)))
    found = survey.inventory.set_index("participant").loc["a"]
    assert found["ch_names"] == ["F3", "C3", "O2"]
    assert found["other_channels"] == ["EEG FP1-REF: minimum equals maximum: no scale"]


def test_a_greatest_value_below_the_least_turns_the_signal_over(corpus, damaged):
    def turn(raw):
        low, high = raw[256 + 4 * 104 :][:32], raw[256 + 4 * 112 :][:32]
        return put(256 + 4 * 112, low)(put(256 + 4 * 104, high)(raw))

    survey, row = damaged(turn)
    assert row["status"] == "taken"
    upright, turned = (
        next(plan_opening(str(corpus.root), row)().blocks(2560))
        for row in survey.inventory.sort_values("participant", ascending=False).to_dict("records")
    )
    # the ranges of both are nearly symmetric
    assert np.corrcoef(upright[0], turned[0])[0, 1] == pytest.approx(-1, abs=1e-6)


def signals_at(*rates):
    rng = np.random.default_rng(2)
    return [
        edfio.EdfSignal(rng.normal(0, 20, 10 * rate), rate, label=label, physical_dimension=unit)
        for label, rate, unit in rates
    ]


def test_of_five_rates_that_of_most_eeg_channels_is_kept_and_the_rest_is_named(corpus):
    signals = signals_at(
        ("EEG FP1-REF", 256, "uV"), ("EEG F3-REF", 256, "uV"), ("EEG O1-REF", 128, "uV"), ("ECG", 512, "uV"),
        ("EOG LOC", 256, "uV"), ("Resp chest", 32, "mV"), ("SpO2", 1, "%"),
    )  # fmt: skip
    edfio.Edf(signals).write(corpus.root / "a_1.edf")
    survey = corpus.survey()
    (found,) = survey.inventory.to_dict("records")
    assert (found["sfreq"], found["n_times"], found["ch_names"]) == (256.0, 2560, ["FP1", "F3"])
    assert found["aux_names"] == ["EOG LOC"]
    left_out = {name.partition(": ")[0]: name for name in found["other_channels"]}
    assert {*left_out} == {"EEG O1-REF", "ECG", "EOG LOC", "Resp chest", "SpO2"}
    assert "512" in left_out["ECG"]
    assert "O1 (128 Hz)" in corpus.row(survey, "a_1.edf")["reason"]


def test_a_hypnogram_is_told_from_a_recording_and_does_not_fail(corpus):
    corpus.edf("a_1.edf")
    edfio.Edf([], annotations=[edfio.EdfAnnotation(0, 30, "Sleep stage W")]).write(corpus.root / "a_2.edf")
    survey = corpus.survey()
    row = corpus.row(survey, "a_2.edf")
    assert (row["kind"], row["status"], row["failed"]) == ("annotation", "refused", False)
    assert "annotations only" in row["reason"]
    assert len(survey.inventory) == 1
