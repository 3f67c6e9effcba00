import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.errors import SignalError
from eeg_kedro.io.edf_header import read_edf_header
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.signal.channels import channel_kind, clean_channel_name, plan_channels
from eeg_kedro.signal.electrodes import STANDARD_19
from tests.signal import corpus_labels

# EEG channels of real files that hold other signals too
REAL = {
    "chbmit_header_chb05_06_2s.edf": 22,
    "siena_header_PN00-5_2s.edf": 29,
    "mne_duplicate_channel_labels.edf": 2,
    "mne_test.edf": 138,
    "mne_test_bdf_stim_channel.bdf": 3,
    "mne_test_edf_stim_channel.edf": 19,
    "sleepedf_short_psg.edf": 2,
    "pyedflib_test_generator.edf": 10,  # one signal is called pulse
    "LPD_sample1.edf": 19,
    "SZ_sample1.edf": 19,
    "SZ_sample3.edf": 19,
}


def plan(*labels, dimension="uV", sfreq=256.0, **options):
    return plan_channels(labels, [dimension] * len(labels), [sfreq] * len(labels), **options)


def header_fields(path):
    import edfio

    signals = edfio.read_edf(path).signals
    return (
        [s.label for s in signals],
        [s.physical_dimension for s in signals],
        [s.sampling_frequency for s in signals],
    )


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("EEG FP1-REF", "FP1"),
        ("EEG Fp1-LE", "FP1"),
        ("Fp1-Avg", "FP1"),
        ("FP1-F7", "FP1-F7"),
        ("EEG Fpz-Cz", "FPZ-CZ"),
        ("Fp1 - F7", "FP1-F7"),
        ("EEG T3", "T3"),
        ("T7", "T7"),
        ("Fc5.", "FC5"),
        ("F7-CS2", "F7"),
        ("POL DC01", "DC01"),
        ("  Cz\0\0", "CZ"),
        ("3Hz +5/-5 V", "3HZ +5/-5 V"),
        ("EEG Fp1-Ref", "FP1"),
        ("EEG F3-CLE", "F3"),
        ("EEG F3-LER", "F3"),
        ("Fp1-Org", "FP1"),
        ("EEG Fp1-A1A2", "FP1"),
        ("FP1-M1/M2", "FP1"),
        ("FP1-A1", "FP1-A1"),
        ("EEG_FP1_REF", "FP1"),
        ("EEG-FP1", "FP1"),
        ("EEGFp1", "FP1"),
        ("RAW_TP9", "TP9"),
        ("C4:A1", "C4-A1"),
        ("EEG C p5", "CP5"),
        ("T8-P8-0", "T8-P8"),
        ("EEG F1-Ref-1", "F1"),
        ("ＥＥＧ\u00a0Ｆｐ１－Ｒｅｆ", "FP1"),
        ("\ufeffFp1 – F7", "FP1-F7"),
        ("01", "01"),
        ("EEG 20-REF", "20"),
    ],
)
def test_names_lose_type_and_reference_and_keep_the_second_electrode(label, name):
    assert clean_channel_name(label) == name


@given(st.text(max_size=16))
def test_any_label_gives_a_name_that_is_clean_already(label):
    name = clean_channel_name(label)
    assert name == name.strip()
    assert clean_channel_name(name) == name
    assert channel_kind(label, "uV") in {"eeg", "bipolar", "aux", "dummy", "unknown"}


PIECES = st.sampled_from(
    ["EEG", "POL", " ", "-", "_", ".", ":", "/", "+", "FP1", "A1", "A2", "REF", "0", "1", "\u2013"]
)


@given(st.lists(PIECES, max_size=9).map("".join))
def test_a_clean_name_stays_as_it_is(label):
    name = clean_channel_name(label)
    assert clean_channel_name(name) == name


@pytest.mark.parametrize("label", ["EEG " * 100_000, "A-" * 300_000, "FP1-REF" * 100_000, " - " * 200_000])
def test_endless_labels_are_not_read_to_the_end(label):
    assert len(clean_channel_name(label)) <= 1000


@pytest.mark.parametrize(
    ("label", "dimension", "kind"),
    [
        ("EEG FP1-REF", "uV", "eeg"),
        ("A1", "uV", "eeg"),
        ("T8-P8", "uV", "bipolar"),
        ("EEG EKG1-REF", "uV", "aux"),
        ("ECG EKG", "uV", "aux"),
        ("EOG horizontal", "uV", "aux"),
        ("EMG-REF", "uV", "aux"),
        ("Resp oro-nasal", "", "aux"),
        ("SPO2", "%", "aux"),
        ("HR", "bpm", "aux"),
        ("MK", "uV", "aux"),
        ("Status", "uV", "aux"),
        ("DC01", "mV", "aux"),
        ("PHOTIC-REF", "uV", "aux"),
        ("Event marker", "", "aux"),
        ("FZ", "DegC", "aux"),
        ("EDF Annotations", "", "aux"),
        ("-", "uV", "dummy"),
        ("--0", "uV", "dummy"),
        (".", "uV", "dummy"),
        ("1", "uV", "unknown"),
        ("EEG SD ACC X", "", "aux"),
        ("EEG LUC-REF", "uV", "aux"),
        ("C3", "microvolts", "eeg"),
        ("C3", "[uV]", "eeg"),
        ("C3", "Î¼V", "eeg"),
        ("C3", "µV", "eeg"),
        ("C3", "μV", "eeg"),
        ("squarewave", "uV", "unknown"),
    ],
)
def test_kinds_of_channels(label, dimension, kind):
    assert channel_kind(label, dimension) == kind


def test_canonical_order_is_independent_of_the_source():
    shuffled = [f"EEG {name}-REF" for name in (*STANDARD_19[::-1], "A2", "OZ")]
    chosen = plan(*shuffled)
    assert chosen.ch_names == (*STANDARD_19, "OZ", "A2")
    assert [clean_channel_name(shuffled[i]) for i in chosen.picks] == list(chosen.ch_names)
    assert (chosen.reference, chosen.montage, chosen.missing) == ("REF", "referential", ())


def test_chbmit_keeps_source_order_the_first_duplicate_and_names_the_second(shared_data):
    chosen = plan_channels(*header_fields(shared_data / "edf/chbmit_header_chb05_06_2s.edf"))
    assert chosen.ch_names[:2] == ("FP1-F7", "F7-T7")
    assert chosen.ch_names.count("T8-P8") == 1
    assert ("T8-P8", "second channel with this name") in chosen.other
    assert (chosen.montage, chosen.reference, chosen.missing) == ("bipolar", "bipolar", ())


def test_siena_leaves_out_ecg_and_unnamed_channels(shared_data):
    chosen = plan_channels(*header_fields(shared_data / "edf/siena_header_PN00-5_2s.edf"))
    assert len(chosen.ch_names) == 29
    assert [label for label, _ in chosen.other] == ["EKG EKG", "SPO2", "HR", "1", "2", "MK"]


def test_biosemi_names_are_kept_as_they_are_and_said_so(shared_data):
    chosen = plan_channels(*header_fields(shared_data / "edf/mne_test.edf"))
    assert chosen.montage == "unknown"
    assert chosen.ch_names[:3] == ("A1", "A2", "A3")
    assert chosen.notes


def test_eye_heart_and_muscle_channels_at_the_rate_of_the_eeg_are_named_beside_it():
    labels = ["EEG C3-REF", "EEG EKG1-REF", "EEG LOC-REF", "EMG chin", "EOG left", "SPO2", "VEOG"]
    dimensions, rates = ["uV", "uV", "uV", "uV", "uV", "%", "uV"], [256, 256, 256, 256, 100, 256, 256]
    chosen = plan_channels(labels, dimensions, rates, scale_is_constant=[False] * 6 + [True])
    assert [(aux.pick, aux.name, aux.kind) for aux in chosen.aux] == [
        (1, "EKG1", "ecg"), (2, "LOC", "eog"), (3, "EMG CHIN", "emg")]  # fmt: skip
    assert chosen.ch_names == ("C3",)


def test_mixed_rates_keep_the_rate_of_most_eeg_channels_and_the_higher_on_a_tie():
    labels, dimensions = ["C3", "C4", "CZ", "PZ"], ["uV"] * 4
    most = plan_channels(labels, dimensions, [100, 100, 100, 512])
    tie = plan_channels(labels, dimensions, [100, 100, 512, 512])
    assert (most.ch_names, tie.ch_names) == (("C3", "CZ", "C4"), ("CZ", "PZ"))
    assert "mixed rates" in most.notes[0]
    assert [label for label, _ in most.other] == ["PZ"]


def test_the_larger_of_electrodes_and_pairs_is_kept():
    assert plan("C3", "C4", "FP1-F7").montage == "referential"
    assert plan("C3", "F7-T7", "FP1-F7").ch_names == ("F7-T7", "FP1-F7")


def test_a_blank_dimension_on_an_electrode_is_taken_for_microvolts_and_said_so():
    chosen = plan("C3", dimension="")
    assert chosen.ch_names == ("C3",)
    assert "microvolts assumed" in chosen.notes[0]


def test_a_channel_without_scale_is_left_out_with_the_reason():
    chosen = plan("C3", "C4", scale_is_constant=[True, False])
    assert (chosen.ch_names, chosen.other) == (("C4",), (("C3", "minimum equals maximum: no scale"),))


@pytest.mark.parametrize("labels", [(), ("ECG", "-"), ("SPO2",)])
def test_no_eeg_at_all_is_an_error(labels):
    with pytest.raises(SignalError, match="no usable EEG"):
        plan(*labels)


@given(st.lists(st.sampled_from(["C3", "EEG C3-REF", "FZ", "FP1-F7", "ECG", "-", "X7", "A1"]), max_size=12))
def test_every_signal_is_either_picked_or_named_with_a_reason(labels):
    try:
        chosen = plan(*labels)
    except SignalError:
        return
    assert len(chosen.picks) + len(chosen.other) == len(labels)
    assert len(set(chosen.ch_names)) == len(chosen.picks)


@pytest.mark.parametrize(
    ("corpus", "montage", "reference", "n_channels", "missing"),
    [
        ("TUSZ_AR", "referential", "REF", 21, ()),
        ("TUSZ_LE", "referential", "LE", 19, ()),
        ("CHBMIT", "bipolar", "bipolar", 22, ()),
        ("CHBMIT_DUMMIES", "bipolar", "bipolar", 22, ()),
        ("CHBMIT_UNIPOLAR", "referential", "CS2", 22, ()),
        ("SIENA", "referential", "unknown", 29, ()),
        ("SIENA_PN16", "referential", "unknown", 29, ()),
        ("HELSINKI", "referential", "REF", 19, ()),
        ("HMS", "referential", "unknown", 19, ()),
        ("NIHON_KOHDEN", "referential", "REF", 20, ()),
        ("MASS", "referential", "LE", 19, ()),
        ("SEIZEIT2", "unknown", "unknown", 2, ()),
        ("OPENBCI", "unknown", "unknown", 8, ()),
        ("MUSE", "referential", "unknown", 4, STANDARD_19),
        ("TCP", "bipolar", "bipolar", 22, ("FZ-CZ", "CZ-PZ")),
    ],
)
def test_the_labels_of_each_corpus_give_its_channels(corpus, montage, reference, n_channels, missing):
    chosen = plan(*getattr(corpus_labels, corpus))
    assert (chosen.montage, chosen.reference, len(chosen.ch_names)) == (montage, reference, n_channels)
    assert {*chosen.missing} == {*missing}


def test_of_tuszs_other_channels_eyes_and_heart_are_read_along_and_numbers_are_left_out():
    chosen = plan(*corpus_labels.TUSZ_AR)
    assert {aux.name for aux in chosen.aux} == {"EKG1", "LUC", "RLC", "LOC", "ROC", "EMG"}
    others = dict(chosen.other)
    assert others["EEG 20-REF"] == others["EEG T1-REF"] == "not a 10-05 electrode or a pair of them"
    assert others["BURSTS"] == "not EEG"


def test_movement_alone_is_no_eeg():
    with pytest.raises(SignalError, match="no usable EEG"):
        plan(*corpus_labels.SEIZEIT2_MOVEMENT, dimension="")


@pytest.mark.parametrize("folder", ["edf", "iiic_edf", "chbmit_hollow"])
def test_every_signal_of_every_real_header_is_kept_or_left_out_with_a_reason(shared_data, folder):
    facts = json.loads((shared_data / folder / "facts.json").read_text())["files"]
    for name, fact in facts.items():
        header = fact["header_and_numpy"]
        if header["signals"] == header["annotation_signals"]:
            continue
        signals = read_edf_header(SourceFile(str(shared_data / folder), name)).signals
        labels = [signal.label for signal in signals if not signal.is_annotation]
        assert labels[: len(header["labels_first"])] == header["labels_first"][: len(labels)], name
        chosen = plan_channels(labels, ["uV"] * len(labels), [256.0] * len(labels))
        kept = [labels[pick] for pick in chosen.picks]
        assert sorted([*kept, *(label for label, _ in chosen.other)]) == sorted(labels), name
        assert (chosen.renamed, len(chosen.ch_names)) == ((), REAL.get(name, len(labels))), name


def test_why_no_channel_is_usable_is_told_without_a_thousand_labels():
    labels = [f"EEG {i}" for i in range(1000)]
    with pytest.raises(SignalError, match="no usable EEG channel") as told:
        plan_channels(
            [*labels, "FP1"],
            ["degC"] * 1000 + ["uV"],
            [256.0] * 1001,
            scale_is_constant=[False] * 1000 + [True],
        )
    assert "and 988 more; minimum equals maximum: no scale: FP1" in told.value.value


def test_the_same_labels_are_planned_once():
    arguments = (["FP1", "F3"], ["uV", "uV"], [256.0, 256.0])
    assert plan_channels(*arguments) is plan_channels(*arguments)
