import pytest
import torch

from eeg_kedro.errors import ParameterError
from eeg_kedro.sampling.sequences.padding import pad_sequences


def item(n_tokens, token_length=4, channel="C3"):
    samples = torch.randn(n_tokens, token_length, generator=torch.Generator().manual_seed(n_tokens))
    return {"samples": samples, "participant": f"p{n_tokens}", "run": "1", "channel": channel}


def test_sequences_are_padded_to_the_longest():
    items = [item(3), item(5), item(1)]
    batch = pad_sequences(items)
    assert batch["samples"].shape == (3, 5, 4)
    assert batch["lengths"].tolist() == [3, 5, 1]
    assert batch["mask"].tolist() == [[True] * n + [False] * (5 - n) for n in (3, 5, 1)]
    assert all(torch.equal(row[: len(one["samples"])], one["samples"])
               for row, one in zip(batch["samples"], items, strict=True))  # fmt: skip
    assert (batch["participant"], batch["run"], batch["channel"]) == (
        ["p3", "p5", "p1"],
        ["1"] * 3,
        ["C3"] * 3,
    )


def test_padding_is_zero_whatever_lies_in_memory():
    for _ in range(5):
        torch.full(
            (3, 64, 512), float("nan")
        )  # freed at once: the next tensor of this size may begin as it was
        batch = pad_sequences([item(1, 512), item(64, 512), item(9, 512)])
        assert (batch["samples"][~batch["mask"]] == 0).all()


def test_the_mask_keeps_garbage_behind_the_end_out_of_a_sum():
    items = [item(3), item(5)]
    batch = pad_sequences(items)
    wanted = torch.stack([one["samples"].sum(0) for one in items])
    batch["samples"][~batch["mask"]] = 1e30
    assert torch.allclose((batch["samples"] * batch["mask"][..., None]).sum(1), wanted)
    last = batch["samples"][torch.arange(2), batch["lengths"] - 1]
    assert torch.equal(last, torch.stack([one["samples"][-1] for one in items]))


def test_items_are_copied_not_shared():
    one = item(2)
    pad_sequences([one])["samples"].zero_()
    assert one["samples"].abs().sum() > 0


def test_no_item_is_an_empty_batch():
    batch = pad_sequences([])
    assert (batch["samples"].shape, batch["lengths"].shape, batch["mask"].shape) == ((0, 0, 0), (0,), (0, 0))
    assert batch["participant"] == []


def test_tokens_of_different_lengths_are_refused():
    with pytest.raises(ParameterError, match=r"different lengths \(found \[4, 8\]\).*token_length"):
        pad_sequences([item(2, 8), item(2, 4)])
