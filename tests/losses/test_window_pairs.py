import torch
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.losses.embedding_loss_options import EmbeddingLossOptions
from eeg_kedro.losses.window_pairs import COUNTS, key_pairs, label_pairs, view_pairs
from tests.losses.small_batches import LABELS, PEOPLE

batches = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=12)


def pairs_of(rows, **options):
    labels, people = torch.tensor(rows, dtype=torch.int64).unbind(1)
    return label_pairs(labels, people, EmbeddingLossOptions(**options))


@given(batches, st.booleans(), st.sampled_from(["all", "same_participant"]))
def test_pairs_are_those_of_a_loop_over_windows(rows, cross, negatives):
    found = pairs_of(rows, cross_participant=cross, negatives=negatives)
    for i, (label, who) in enumerate(rows):
        others = [(j, *row) for j, row in enumerate(rows) if j != i]
        positive = {j for j, y, _ in others if y == label}
        elsewhere = {j for j, y, p in others if y == label and p != who}
        negative = {j for j, y, _ in others if y != label}
        at_home = {j for j, y, p in others if y != label and p == who}
        assert set(found.positive[i].nonzero().flatten().tolist()) == ((cross and elsewhere) or positive)
        assert set(found.negative[i].nonzero().flatten().tolist()) == (
            (negatives == "same_participant" and at_home) or negative
        )


def test_anchors_that_fall_back_are_counted():
    rows = [(0, 0), (0, 0), (1, 0), (1, 1), (2, 2)]  # label 0 is of one participant only; label 2 is alone
    counts = dict(zip(COUNTS, pairs_of(rows, negatives="same_participant").counts.tolist(), strict=True))
    assert counts == {
        "anchors": 5,
        "same_participant_positives": 2,
        "other_participant_negatives": 2,
        "idle_anchors": 1,
    }


def test_positives_by_participant_know_no_label():
    pairs = label_pairs(LABELS, PEOPLE, EmbeddingLossOptions(positives="participant"))
    same = PEOPLE.unsqueeze(1) == PEOPLE
    assert torch.equal(pairs.positive, same & ~torch.eye(len(same), dtype=torch.bool))
    assert torch.equal(pairs.negative, ~same)
    assert pairs.counts.tolist() == [8, 0, 0, 1]  # participant 2 has one window


def test_the_positive_of_a_view_is_the_other_view_of_its_window():
    pairs = view_pairs(torch.tensor([5, 5, 7]), "all")
    assert pairs.positive.nonzero()[:, 1].tolist() == [3, 4, 5, 0, 1, 2]
    assert torch.equal(pairs.negative, ~(pairs.positive | torch.eye(6, dtype=torch.bool)))


def test_negatives_of_a_view_may_be_kept_to_the_participant():
    pairs = view_pairs(torch.tensor([5, 5, 7]), "same_participant")
    assert pairs.negative[0].nonzero().flatten().tolist() == [1, 4]
    assert pairs.negative[2].nonzero().flatten().tolist() == [0, 1, 3, 4]  # alone: all others
    assert pairs.counts.tolist() == [6, 0, 2, 0]


def test_the_positive_of_a_query_is_its_key_in_the_queue():
    pairs = key_pairs(torch.tensor([1, 2]), torch.tensor([2, 1, 9, 2]), torch.tensor([1, 3]), "all")
    assert pairs.positive.nonzero().tolist() == [[0, 1], [1, 3]]
    assert torch.equal(pairs.negative, ~pairs.positive)
