import dataclasses
import itertools

import numpy as np
import pytest

from eeg_kedro.sampling.windows.recorded_windows import RecordedWindows
from eeg_kedro.training.detection_batches import DetectionBatches, DetectionSide
from eeg_kedro.training.finetune_job import open_sides
from tests.training.finetune_corpus import TOKEN, make_finetune_job


@pytest.fixture(scope="module")
def sides(tmp_path_factory):
    return open_sides(make_finetune_job(tmp_path_factory.mktemp("people")))


def seen(side, epoch, **options):
    batches = DetectionBatches(side, TOKEN, 6, **options)
    return [batch.positions.tolist() for batch in batches.batches(epoch)]


def test_negatives_change_with_the_epoch_and_partial_windows_stay(sides):
    train = sides[0]
    first, second = (set(train.draw(epoch).tolist()) for epoch in (0, 1))
    category = train.table["category"]
    assert {"no_seizure"} <= {*category.iloc[[*first ^ second]]} <= {"no_seizure", "full_seizure"}
    assert len(first) == len(second)


def test_an_epoch_is_the_same_whoever_went_before_and_wherever_it_is_entered(sides):
    batches = DetectionBatches(sides[0], TOKEN, 6, seed=3)
    whole = [batch.positions.tolist() for batch in batches.batches(1)]
    assert [batch.positions.tolist() for batch in batches.batches(1, 2)] == whole[2:]
    assert len(whole) == batches.steps_per_epoch == sides[0].draw(0).size // 6


def test_seeds_order_the_windows_and_do_not_choose_them(sides):
    frozen = DetectionSide(sides[0].source, sides[0].table, lambda _: np.arange(12), sides[0].ch_names)
    one, other = (seen(frozen, 0, seed=seed) for seed in (0, 1))
    assert one != other
    assert sorted(np.concatenate(one)) == sorted(np.concatenate(other)) == [*range(12)]


def test_validation_sees_each_window_once_in_the_same_order(sides):
    validation = sides[1]
    first, second = (seen(validation, epoch, shuffle=False) for epoch in (0, 1))
    assert first == second
    assert np.concatenate(first).tolist() == validation.draw(0).tolist()


def test_fewer_windows_than_a_batch_are_one_batch(sides):
    few = DetectionSide(sides[0].source, sides[0].table, lambda _: np.arange(4), sides[0].ch_names)
    assert [len(positions) for positions in seen(few, 0)] == [4]


def test_nobody_to_validate_on_is_no_batch(sides):
    nobody = DetectionSide(sides[1].source, sides[1].table, lambda _: np.arange(0), sides[1].ch_names)
    batches = DetectionBatches(nobody, TOKEN, 6, shuffle=False)
    assert (batches.steps_per_epoch, [*batches.batches(0)]) == (0, [])


def test_shares_are_those_of_the_masks_and_channels_those_asked_for(sides):
    side = sides[0]
    less = dataclasses.replace(side, ch_names=("O1", "C3"))
    batch, whole = (next(DetectionBatches(one, TOKEN, 6).batches(0)) for one in (less, side))
    assert np.array_equal(batch.samples, whole.samples[:, [2, 0]])
    masks = side.source.labels(batch.positions)
    assert np.array_equal(batch.shares, masks.reshape(6, 4, TOKEN).mean(2).astype(np.float32))


def test_windows_of_one_stretch_are_read_one_after_the_other(tmp_path):
    job = make_finetune_job(tmp_path, cache_megabytes=0.0)
    side = open_sides(job)[0]
    assert isinstance(side.source, RecordedWindows)
    assert side.samples_per_block == 4 * 400  # four row groups of the files
    order = np.concatenate([batch.positions for batch in DetectionBatches(side, TOKEN, 6).batches(0)])
    runs = side.table["participant"].iloc[order].tolist()
    starts = side.table["window_start_sample"].iloc[order].to_numpy() // side.samples_per_block
    blocks = list(zip(runs, starts.tolist(), strict=True))
    assert sum(a != b for a, b in itertools.pairwise(blocks)) == len(set(blocks)) - 1


def test_a_batch_says_whose_windows_it_holds(sides):
    text = sides[0].describe([0, 1, 2, 3, 4, 5, 6])
    assert text == "a_1 at 0 s, a_1 at 1 s, a_1 at 2 s, a_1 at 3 s, a_1 at 4 s and 2 more windows"
