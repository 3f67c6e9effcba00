"""Names that changed are told in inventory and report, and the samples are still those of the file."""

import numpy as np
import pytest

from eeg_kedro.corpora.raw_signal import plan_opening
from tests.signal.corpus_labels import CHBMIT, SIENA_PN16

PN16 = tuple(SIENA_PN16)


def samples_of(corpus, row):
    (block,) = plan_opening(str(corpus.root), row, with_aux=True)().blocks(10_000)
    return dict(zip([*row["ch_names"], *row["aux_names"]], block, strict=True))


def test_a_renamed_channel_is_in_inventory_and_report_and_can_be_read(corpus):
    corpus.edf("PN_1.edf", names=PN16)
    survey = corpus.survey("flat")
    (row,) = survey.inventory.to_dict("records")
    assert (row["renamed_channels"], row["missing_channels"]) == (["1 -> O1"], [])
    assert "renamed: 1 -> O1" in corpus.row(survey, "PN_1.edf")["reason"]
    fifth = np.random.default_rng(0).normal(0, 20, (len(PN16), 2560))[4]
    np.testing.assert_allclose(samples_of(corpus, row)["O1"], fifth, atol=0.01)


def test_options_name_temporal_electrodes_and_channels_of_every_recording(corpus):
    corpus.edf("a_1.edf", names=(*CHBMIT[:18], "EXG 7"))
    corpus.edf("b_1.edf", names=PN16)
    survey = corpus.survey("flat", temporal_names="T3", channel_names={"exg7": "ECG", "nowhere": "FP1"})
    (first, second) = survey.inventory.to_dict("records")
    assert "T7-P7 -> T3-T5" in first["renamed_channels"]
    assert (first["missing_channels"], first["aux_kinds"], first["aux_names"]) == ([], ["ecg"], ["EXG 7"])
    assert {"T3-T5", "EXG 7"} <= {*samples_of(corpus, first)}
    assert second["renamed_channels"] == ["1 -> O1"]


def test_tables_take_the_options_too(corpus):
    corpus.text("p_1.csv", "left front,T3\n" + "".join(f"{i},{-i}\n" for i in range(500)))
    survey = corpus.survey(
        "csv", csv_sfreq=100, csv_unit="uV", channel_names={"Left Front": "Fp1"}, temporal_names="T7"
    )
    (row,) = survey.inventory.to_dict("records")
    assert row["renamed_channels"] == ["left front -> FP1", "T3 -> T7"]
    np.testing.assert_allclose(samples_of(corpus, row)["T7"][:3], [0, -1, -2])


@pytest.mark.parametrize("names", [{"EXG 0": "FP1", "EXG 1": "FP1"}, {"EXG 0": " "}])
def test_names_that_contradict_each_other_refuse_the_recording_and_no_other(corpus, names):
    corpus.edf("a_1.edf", names=("EXG 0", "EXG 1"))
    corpus.edf("b_1.edf")
    survey = corpus.survey("flat", channel_names=names)
    row = corpus.row(survey, "a_1.edf")
    assert (row["status"], "ingest.channel_names" in row["reason"]) == ("refused", True)
    if names["EXG 0"].strip():
        assert survey.inventory["participant"].tolist() == ["b"]
