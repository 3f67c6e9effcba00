import pytest

from eeg_kedro.scoring.averages import micro, sum_by_participant
from eeg_kedro.scoring.nedc import score_dpalign, score_epoch, score_ovlp, score_taes
from tests.scoring.drawn_events import read_pairs

METHODS = {
    "dp_alignment": (score_dpalign, 0),
    "epoch_0.25s": (score_epoch, 0),
    "overlap": (score_ovlp, 0),
    "taes": (score_taes, 2),
}


@pytest.mark.parametrize("name", METHODS)
def test_the_two_annotated_files_give_the_numbers_nedc_gave_as_printed(shared_data, name):
    pairs, expected = read_pairs(shared_data)
    method, decimals = METHODS[name]
    counts = [method(reference, hypothesis) for _, reference, hypothesis in pairs]
    _, sums = sum_by_participant(counts, [run for run, *_ in pairs])
    stated, figures = expected["nedc_v6_label_seiz"][name], micro(sums)
    for key in ("tp", "fp", "fn", "tn"):
        assert round(sum(getattr(c, key) for c in counts), decimals) == stated[key]
    assert round(100 * figures["sensitivity"], 4) == stated["sensitivity_percent"]
    assert round(100 * figures["precision"], 4) == stated["precision_percent"]
    assert round(figures["f1"], 4) == stated["f1"]
    assert round(figures["fa_per_24h"], 4) == stated["false_alarms_per_24h"]
