import numpy as np
import pytest
import torch

from eeg_kedro.training.window_batches import LabelledWindows, PairBatches
from tests.training.embed_corpus import write_corpus


@pytest.fixture(scope="module")
def windows(tmp_path_factory):
    corpus = write_corpus(tmp_path_factory.mktemp("windows"))
    return LabelledWindows(corpus.table, corpus.signals)


def make_batches(windows, role="train", balance=True, **changes):
    sizes = {"n_participants": 2, "n_windows": 4, "seed": 0, **changes}
    return PairBatches(windows, windows.rows_of(role), balance_seizures=balance, **sizes)


def test_a_batch_holds_p_times_k_windows_of_its_side_half_with_a_seizure(windows):
    for batch in make_batches(windows).batches(0):
        rows = windows.windows.iloc[batch.positions]
        assert set(rows["role"]) == {"train"}
        assert [*rows.groupby("participant").size()] == [4, 4]
        assert [*rows.assign(label=batch.labels.numpy()).groupby("participant")["label"].sum()] == [2, 2]


def test_labels_and_participants_are_those_of_the_table(windows):
    batch = windows.read(np.array([0, 25, 8]))
    rows = windows.windows.iloc[[0, 25, 8]]
    assert batch.labels.tolist() == (rows["category"] != "no_seizure").astype(int).tolist()
    assert [sorted("abcdefg")[number] for number in batch.participants] == rows["participant"].tolist()
    assert batch.samples.dtype == torch.float32


def test_an_epoch_entered_at_a_step_goes_on_as_if_it_had_begun_there(windows):
    whole = [batch.positions for batch in make_batches(windows).batches(1)]
    rest = [batch.positions for batch in make_batches(windows).batches(1, 3)]
    assert len(rest) == len(whole) - 3
    assert all(torch.equal(a, b) for a, b in zip(rest, whole[3:], strict=True))


def test_epochs_differ(windows):
    first, second = (next(make_batches(windows).positions(epoch)) for epoch in (0, 1))
    assert not np.array_equal(first, second)


def test_rows_of_a_role_are_in_the_order_of_time(windows):
    shuffled = LabelledWindows(windows.windows.sample(frac=1, random_state=1), windows.source)
    rows = shuffled.windows.iloc[shuffled.rows_of("validation")]
    assert [*zip(rows["participant"], rows["onset"], strict=True)] == [
        (who, float(onset)) for who in "ef" for onset in range(21)
    ]


def test_without_a_seizure_in_the_side_any_windows_will_do(tmp_path):
    corpus = write_corpus(tmp_path, with_seizure=())
    batch = next(make_batches(LabelledWindows(corpus.table, corpus.signals)).batches(0))
    assert batch.labels.sum() == 0


def test_a_description_names_the_first_windows(windows):
    assert windows.describe([0, 1]) == "a_1 at 0 s, a_1 at 1 s"
    assert windows.describe(range(9)).endswith("a_1 at 3 s and 5 more windows")
