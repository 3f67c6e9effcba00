from dataclasses import fields

import numpy as np
import pytest
import torch

from eeg_kedro.errors import NonFiniteError, ParameterError
from eeg_kedro.training.token_batches import TokenBatches
from tests.sampling.planned_runs import make_options, make_plan, make_seconds, tokens_of, write_corpus


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    return write_corpus(tmp_path_factory.mktemp("windows"))


def make(reader, side="train", rank=0, world_size=1, seconds=None, plan=None, **changes):
    plan = make_plan(reader, seconds=seconds, **changes) if plan is None else plan
    return TokenBatches(reader, plan, side, make_options(**changes), rank, world_size), plan


def same(a, b):
    return all(torch.equal(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))


def by_item(batches):
    """Return {item: (inputs, targets, hidden, masked)} of its tokens, whatever batch it was in."""
    found = {}
    for batch in batches:
        for i, item in enumerate(batch.items.tolist()):
            n = int(batch.valid[i].nonzero().max()) + 1
            parts = (batch.inputs, batch.targets, batch.hidden, batch.masked)
            found[item] = [part[i, :n] for part in parts]
    return found


def test_targets_are_the_samples_in_units_and_inputs_lack_what_is_hidden(reader):
    batches, plan = make(reader, scale={"microvolts": 30.0})
    for item, (inputs, targets, hidden, masked) in by_item(batches.batches(0)).items():
        expected = torch.from_numpy(tokens_of(plan.iloc[item]) / np.float32(30))
        assert torch.allclose(targets, expected, rtol=1e-6)
        assert torch.equal(inputs, torch.where(hidden[:, None], 0.0, targets))
        assert torch.equal(hidden, masked)
        assert 0 < masked.sum() < len(masked)


def test_padding_is_zero_and_not_valid_and_positions_are_the_electrodes(reader):
    batches, plan = make(reader)
    for batch in batches.batches(0):
        rows = plan.iloc[batch.items.tolist()]
        assert batch.valid.sum(1).tolist() == rows["n_tokens"].tolist()
        assert not batch.inputs[~batch.valid].any()
        assert not batch.targets[~batch.valid].any()
        assert not (batch.masked & ~batch.valid).any()
        assert np.allclose(batch.positions, rows[["x", "y", "z"]], atol=1e-6)


def test_an_epoch_has_every_sequence_once_but_for_those_that_fill_no_batch(reader):
    batches, plan = make(reader)
    items = torch.cat([batch.items for batch in batches.batches(0)]).tolist()
    assert len(items) == len({*items}) == batches.steps_per_epoch * 4 == len(batches) // 4 * 4
    assert {*plan.iloc[items]["side"]} == {"train"}


def test_order_and_masks_change_with_the_epoch_and_come_again_with_it(reader):
    batches, _ = make(reader)
    first, again, next_epoch = ([*batches.batches(epoch)] for epoch in (0, 0, 1))
    assert all(same(a, b) for a, b in zip(first, again, strict=True))
    before, after = by_item(first), by_item(next_epoch)
    changed = [not torch.equal(before[item][2], after[item][2]) for item in {*before} & {*after}]
    assert np.mean(changed) > 0.8
    assert [b.items.tolist() for b in first] != [b.items.tolist() for b in next_epoch]


def test_an_epoch_can_be_entered_at_any_step(reader):
    batches, _ = make(reader)
    whole = [*batches.batches(3)]
    for step in range(batches.steps_per_epoch + 1):
        rest = [*batches.batches(3, step)]
        assert len(rest) == len(whole) - step
        assert all(same(a, b) for a, b in zip(rest, whole[step:], strict=True))


def test_what_is_under_way_is_not_moved_by_another_epoch(reader):
    batches, _ = make(reader)
    running = batches.batches(0)
    first = next(running)
    assert [*batches.batches(5)]
    assert [first, *running][1].items.tolist() == [*batches.batches(0)][1].items.tolist()


@pytest.mark.parametrize("side", ["train", "validation"])
@pytest.mark.parametrize("style", ["mae", "bert"])
def test_two_processes_together_see_what_one_sees(reader, side, style):
    single, plan = make(reader, side, masking_style=style)
    ranks = [make(reader, side, rank, 2, plan=plan, masking_style=style)[0] for rank in (0, 1)]
    assert {rank.steps_per_epoch for rank in ranks} == {single.steps_per_epoch}
    for one, *parts in zip(single.batches(1), *(rank.batches(1) for rank in ranks), strict=True):
        assert one.items.tolist() == [item for part in parts for item in part.items.tolist()]
        expected, found = by_item([one]), by_item(parts)
        assert all(
            torch.equal(a, b) for item in found for a, b in zip(found[item], expected[item], strict=True)
        )


def test_a_process_without_a_share_still_gets_its_batch(reader):
    plan = make_plan(reader).query("side == 'train' or channel == 'O1'").reset_index(drop=True)
    plan = plan[(plan["side"] == "train") | (plan["start_sample"] == 0)]
    ranks = [make(reader, "validation", rank, 4, plan=plan)[0] for rank in range(4)]
    sizes = [[len(batch.items) for batch in rank.batches(0)] for rank in ranks]
    assert sizes == [[0], [0], [0], [1]]
    empty = next(ranks[0].batches(0))
    assert empty.inputs.shape == (0, 2, 20)
    assert empty.masked.shape == (0, 2)


def test_validation_is_whole_in_the_order_of_the_plan_and_always_masked_alike(reader):
    batches, plan = make(reader, "validation")
    first, later = [*batches.batches(0)], [*batches.batches(7)]
    assert all(same(a, b) for a, b in zip(first, later, strict=True))
    items = torch.cat([batch.items for batch in first]).tolist()
    assert items == np.flatnonzero(plan["side"] == "validation").tolist()


def test_fewer_sequences_than_a_batch_are_one_batch(reader):
    batches, _ = make(reader, loop={"batch_size": 1000})
    assert [len(batch.items) for batch in batches.batches(0)] == [len(batches)]


def test_rejected_tokens_reach_neither_model_nor_loss(reader):
    seconds = make_seconds(a_1=[3, 4])
    batches, plan = make(reader, seconds=seconds, min_quality=0.5, loop={"batch_size": 99})
    batch = next(batches.batches(0))
    row = int((plan.iloc[batch.items.tolist()]["rejected_tokens"].map(len) > 0).to_numpy().argmax())
    rejected = torch.from_numpy(plan.iloc[int(batch.items[row])]["rejected_tokens"]).long()
    assert len(rejected)
    assert not batch.valid[row, rejected].any()
    assert not batch.masked[row, rejected].any()
    assert not batch.inputs[row, rejected].any()
    assert not batch.targets[row, rejected].any()


@pytest.mark.parametrize("sharing", ["none", "neighbours", "all"])
def test_masks_are_shared_as_asked(reader, sharing):
    batches, plan = make(reader, mask_sharing=sharing, loop={"batch_size": 1000})
    masks = {item: tuple(parts[3].tolist()) for item, parts in by_item(batches.batches(0)).items()}
    piece = plan[(plan["participant"] == "b") & (plan["start_sample"] == 0)]
    different = {masks[row.Index] for row in piece.itertuples()}  # C3 and, of one region, CZ and FZ
    assert len(different) == {"none": 3, "neighbours": 2, "all": 1}[sharing]


def test_bert_puts_noise_as_loud_as_what_is_visible_and_leaves_some_tokens(reader):
    batches, _ = make(
        reader, masking_style="bert", mask_ratio=0.6, mask_sharing="all", loop={"batch_size": 1000}
    )
    ratios, unchanged, noises = [], 0, []
    for inputs, targets, hidden, masked in by_item(batches.batches(0)).values():
        assert torch.equal(inputs[~masked], targets[~masked])
        assert not inputs[hidden].any()
        kept = masked & (inputs == targets).all(1)
        noisy = masked & ~hidden & ~kept
        unchanged += int(kept.sum())
        noises += [inputs[noisy]]
        ratios += [float(inputs[noisy].std() / targets[~masked].std())] if noisy.any() else []
    assert unchanged
    assert np.mean(ratios) == pytest.approx(1, abs=0.1)
    drawn = torch.cat(noises)
    assert len({*drawn[:, 0].tolist()}) == len(drawn)  # shared masks, yet noise of its own for every channel


def test_files_will_do_in_place_of_a_reader(reader, tmp_path):
    write_corpus(tmp_path)
    files = {key: tmp_path / f"{'_'.join(key)}.parquet" for key in reader.runs}
    _, plan = make(reader)
    batches = TokenBatches(files, plan, "train", make_options())
    assert all(same(a, b) for a, b in zip(batches.batches(0), make(reader)[0].batches(0), strict=True))


def test_a_batch_that_does_not_divide_among_the_processes_is_refused(reader):
    with pytest.raises(ParameterError, match=r"batch_size=4, 3 processes.*multiples of 3.*pretrain.nproc"):
        make(reader, world_size=3)


def test_a_ratio_that_masks_nothing_is_refused(reader):
    with pytest.raises(ParameterError, match="masks nothing"):
        make(reader, mask_ratio=0.01)


def test_the_items_of_a_batch_can_be_named(reader):
    batches, _ = make(reader, "validation")
    assert batches.describe(next(batches.batches(0))) == "c_1 C3, c_1 O1, c_1 C3, c_1 O1"


def test_a_sample_that_is_no_number_stops_the_batch_it_is_in(reader, monkeypatch):
    batches, _ = make(reader)
    read = reader.read_samples

    def spoilt(*where, out):
        read(*where, out=out)
        out[0, 3] = np.nan

    monkeypatch.setattr(reader, "read_samples", spoilt)
    with pytest.raises(NonFiniteError, match="token 0"):
        next(batches.batches(0))


def test_the_global_random_state_is_neither_used_nor_moved(reader):
    batches, _ = make(reader, masking_style="bert")
    torch.manual_seed(1)
    state = torch.get_rng_state()
    first = [*batches.batches(0)]
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(2)
    assert all(same(a, b) for a, b in zip(first, batches.batches(0), strict=True))
