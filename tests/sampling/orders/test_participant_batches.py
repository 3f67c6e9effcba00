from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eeg_kedro.errors import NoSeizureError, ParameterError
from eeg_kedro.sampling.orders.participant_batches import ParticipantBatches, shuffled_cycles
from eeg_kedro.sampling.orders.permutations import local_generator


def names(**counts):
    return [name for name, n in counts.items() for _ in range(n)]


def owners(participants, batch, n_windows):
    return [tuple(row) for row in np.array(participants)[batch].reshape(-1, n_windows)]


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 12), st.integers(1, 80), st.integers(1, 14), st.integers(0, 9))
def test_cycles_use_all_equally_and_groups_hold_none_twice(n_items, length, group, seed):
    found = shuffled_cycles(n_items, length, group, local_generator(seed, 0, 0))
    counts = np.bincount(found, minlength=n_items)
    assert found.size == length
    assert counts.max() - counts.min() <= 1
    if group <= n_items:
        for at in range(0, length, group):
            part = found[at : at + group]
            assert len(set(part.tolist())) == part.size


def test_a_batch_is_k_windows_of_each_of_p_participants():
    participants = names(a=10, b=3, c=7, d=20, e=5)
    for batch in ParticipantBatches(participants, 3, 4, steps=30):
        rows = owners(participants, batch, 4)
        assert all(len(set(row)) == 1 for row in rows)
        assert len({row[0] for row in rows}) == 3


def test_over_all_ranks_the_participants_of_a_step_differ_and_are_the_single_process_s():
    participants = names(**{f"p{i}": 6 for i in range(9)})
    ranks = [[*ParticipantBatches(participants, 2, 3, rank=r, world_size=4, steps=20)] for r in range(4)]
    together = [np.concatenate(parts) for parts in zip(*ranks, strict=True)]
    assert np.array_equal(together, [*ParticipantBatches(participants, 8, 3, steps=20)])
    assert all(len({row[0] for row in owners(participants, batch, 3)}) == 8 for batch in together)


def test_participants_are_used_equally_often():
    participants = names(**{f"p{i}": 1 + 5 * i for i in range(7)})
    batches = ParticipantBatches(participants, 3, 2, steps=50)
    counts = Counter(row[0] for batch in batches for row in owners(participants, batch, 2))
    assert max(counts.values()) - min(counts.values()) <= 1


def test_windows_of_a_participant_come_again_only_after_all_came_once():
    participants = names(a=10, b=30)
    counts = np.bincount(np.concatenate([*ParticipantBatches(participants, 2, 4, steps=11)]))
    assert {*counts[:10].tolist()} <= {4, 5}
    assert {*counts[10:].tolist()} <= {1, 2}


def test_no_batch_holds_a_window_twice_where_there_are_enough():
    batches = ParticipantBatches(names(a=5, b=7, c=9), 2, 4, steps=60)
    assert all(len({*batch.tolist()}) == 8 for batch in batches)
    assert batches.shortfalls == {}


def test_a_participant_with_too_few_windows_repeats_them_and_is_named():
    batches = ParticipantBatches(names(a=3, b=9, c=1), 3, 4, steps=20)
    assert batches.shortfalls == {"a": 1, "c": 3}
    for batch in batches:
        rows = {tuple(sorted(set(row))) for row in batch.reshape(3, 4).tolist()}
        assert (0, 1, 2) in rows
        assert (12,) in rows


def test_half_of_each_participant_s_windows_are_positive():
    participants, positive = names(a=20, b=20), np.arange(40) % 5 == 0
    for n_windows, half in ((4, 2), (5, 3), (1, 1)):
        for batch in ParticipantBatches(participants, 2, n_windows, positive=positive, steps=10):
            assert positive[batch].reshape(2, n_windows).sum(axis=1).tolist() == [half, half]


def test_what_is_short_of_one_kind_is_filled_with_the_other_and_stated():
    participants = names(none=9, one=9, most=9)
    positive = np.zeros(27, bool)
    positive[[9, *range(18, 26)]] = True
    batches = ParticipantBatches(participants, 3, 6, positive=positive, steps=10)
    for batch in batches:
        found = {row[0]: int(positive[at].sum()) for row, at in
                 zip(owners(participants, batch, 6), batch.reshape(3, 6), strict=True)}  # fmt: skip
        assert found == {"none": 0, "one": 1, "most": 5}
        assert len({*batch.tolist()}) == 18
    assert batches.positive_shortfalls == {"none": 3, "one": 2}
    assert batches.shortfalls == {}


def test_an_epoch_draws_as_many_windows_as_there_are():
    assert len(ParticipantBatches(names(a=50, b=50, c=20), 2, 5)) == 12
    assert len(ParticipantBatches(names(a=2, b=2), 2, 5)) == 1


def test_seeking_is_dropping_the_first_batches_of_that_epoch():
    def batches(epoch, step=0):
        found = ParticipantBatches(names(a=11, b=12, c=13), 2, 3, seed=4, steps=9)
        found.seek(epoch, step)
        return [batch.tolist() for batch in found]

    assert batches(2, 5) == batches(2)[5:]
    assert batches(1) != batches(2)


def test_a_table_in_any_order_and_a_column_of_it_will_do():
    column = pd.Series(names(b=4, a=4), index=range(50, 58)).iloc[[0, 4, 1, 5, 2, 6, 3, 7]]
    (batch,) = ParticipantBatches(column, 2, 4)
    assert sorted(map(set, owners(column, batch, 4)), key=min) == [{"a"}, {"b"}]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"n_participants": 4}, "fewer participants than one step needs.*set n_participants to 3 or less"),
        ({"world_size": 2}, "4 or more: 2 per batch in each of 2 processes.*set n_participants to 1"),
        ({"world_size": 4}, "fewer processes or more participants"),
        ({"participants": []}, "fewer participants than one step needs"),
        ({"n_windows": 0}, "n_windows is below 1"),
        ({"n_participants": 0}, "n_participants is below 1"),
        ({"steps": 0}, "steps is below 1"),
        ({"seed": -1}, "seed is below 0"),
        ({"positive": np.ones(5, bool)}, "positive is not that of the windows"),
    ],
)
def test_what_cannot_be_drawn_is_refused(arguments, text):
    known = {"participants": names(a=4, b=4, c=4), "n_participants": 2, "n_windows": 3}
    with pytest.raises(ParameterError, match=text):
        ParticipantBatches(**known | arguments)


def test_positive_windows_are_asked_for_only_where_there_are_some():
    with pytest.raises(NoSeizureError, match=r"0 of 8.*Remedy"):
        ParticipantBatches(names(a=4, b=4), 2, 2, positive=np.zeros(8, bool))


def test_positive_windows_may_come_as_a_series_with_any_index():
    people, hits = ["a"] * 6 + ["b"] * 6, np.arange(12) % 3 == 0
    series = pd.Series(hits, index=np.random.default_rng(0).permutation(12))
    ours, wanted = (ParticipantBatches(people, 2, 2, positive=flags, steps=3) for flags in (series, hits))
    assert [batch.tolist() for batch in ours] == [batch.tolist() for batch in wanted]
