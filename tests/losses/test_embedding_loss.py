import math

import pytest
import torch
from pytorch_metric_learning.losses import NTXentLoss
from pytorch_metric_learning.miners import BatchHardMiner
from torch.nn import functional

from eeg_kedro.errors import ParameterError
from tests.losses.small_batches import LABELS, PEOPLE, E, N, alike, distances, make_loss, projections, unit

EVERYTHING = [
    {"objective": "simclr"},
    {"objective": "moco"},
    {"objective": "supcon"},
    {"objective": "contrastive"},
    *({"objective": "triplet", "mining": mining} for mining in ("batch_hard", "semihard", "batch_all")),
]


def triplets(cross=False):
    return [
        (a, p, n)
        for a in range(N)
        for p in range(N)
        for n in range(N)
        if alike(a, p, cross) and LABELS[a] != LABELS[n]
    ]


@pytest.mark.parametrize("cross", [False, True])
def test_supcon_is_its_formula(cross):
    x = projections()
    similar = unit(x) @ unit(x).T / 0.1
    terms = []
    for i in range(N):
        mine = [j for j in range(N) if alike(i, j, cross)]
        compared = mine + [j for j in range(N) if LABELS[j] != LABELS[i]]
        terms.append(torch.logsumexp(similar[i, compared], 0) - similar[i, mine].mean())
    loss = make_loss(cross_participant=cross)(x, None, LABELS, PEOPLE)
    torch.testing.assert_close(loss, torch.stack(terms).mean())


def test_simclr_is_cross_entropy_over_the_other_views():
    first, second = projections(), projections(seed=1)
    views = torch.cat([unit(first), unit(second)])
    logits = (views @ views.T / 0.5).fill_diagonal_(-math.inf)
    right = torch.arange(2 * N).roll(N)
    loss = make_loss(objective="simclr", temperature=0.5)(first, second, LABELS, PEOPLE)
    torch.testing.assert_close(loss, functional.cross_entropy(logits, right))


def test_simclr_is_the_librarys_nt_xent():
    first, second = projections(), projections(seed=1)
    theirs = NTXentLoss(0.1)(torch.cat([first, second]), torch.arange(N).repeat(2))
    torch.testing.assert_close(make_loss(objective="simclr")(first, second, LABELS, PEOPLE), theirs)


@pytest.mark.parametrize("normalize", [False, True])
def test_contrastive_pairs_are_their_formula(normalize):
    x = projections()
    apart = distances(unit(x) if normalize else x)
    near = [apart[i, j] for i in range(N) for j in range(N) if alike(i, j)]
    far = [2.5 - apart[i, j] for i in range(N) for j in range(N) if LABELS[i] != LABELS[j]]
    expected = torch.stack(near).mean() + torch.stack([x for x in far if x > 0]).mean()
    options = {"objective": "contrastive", "margin": 2.5, "normalize": normalize, "cross_participant": False}
    torch.testing.assert_close(make_loss(**options)(x, None, LABELS, PEOPLE), expected)


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("cross", [False, True])
def test_batch_hard_takes_the_farthest_positive_and_the_nearest_negative(normalize, cross):
    x = projections()
    apart, terms = distances(unit(x) if normalize else x), []
    for a in range(N):
        far = max(apart[a, p] for p in range(N) if alike(a, p, cross))
        near = min(apart[a, n] for n in range(N) if LABELS[n] != LABELS[a])
        terms.append((far - near + 0.3).clamp(min=0))
    options = {"mining": "batch_hard", "margin": 0.3, "normalize": normalize, "cross_participant": cross}
    loss = make_loss(objective="triplet", **options)(x, None, LABELS, PEOPLE)
    torch.testing.assert_close(loss, torch.stack(terms).mean())


def test_without_rules_on_participants_batch_hard_takes_the_librarys_triplets():
    loss = make_loss(objective="triplet", mining="batch_hard", cross_participant=False)
    seen = []
    loss._loss.register_forward_pre_hook(
        lambda _, __, given: seen.append(given["indices_tuple"]), with_kwargs=True
    )
    x = projections()
    loss(x, None, LABELS, PEOPLE)
    theirs = BatchHardMiner(distance=loss._distance)(x, LABELS)
    assert [t.tolist() for t in seen[0]] == [t.tolist() for t in theirs]


@pytest.mark.parametrize("cross", [False, True])
@pytest.mark.parametrize("mining", ["semihard", "batch_all"])
def test_mined_triplets_are_those_of_a_loop(mining, cross):
    x = projections()
    apart = distances(unit(x))
    values = [(apart[a, p] - apart[a, n], 0.3) for a, p, n in triplets(cross)]
    kept = [d + m for d, m in values if -m < d and (mining == "batch_all" or d < 0)]
    assert 0 < len(kept) < len(values)
    loss = make_loss(objective="triplet", mining=mining, margin=0.3, cross_participant=cross)
    torch.testing.assert_close(loss(x, None, LABELS, PEOPLE), torch.stack(kept).mean())


def test_the_soft_margin_is_a_softplus_of_all_triplets():
    x = projections()
    apart = distances(unit(x))
    values = torch.stack([apart[a, p] - apart[a, n] for a, p, n in triplets()])
    loss = make_loss(objective="triplet", mining="batch_all", soft_margin=True, cross_participant=False)
    torch.testing.assert_close(loss(x, None, LABELS, PEOPLE), functional.softplus(values).mean())


@pytest.mark.parametrize(
    "options",
    [
        {"objective": "triplet", "mining": "batch_hard", "margin": 0.7},
        {"objective": "triplet", "mining": "batch_all", "margin": 0.7, "normalize": False},
        {"objective": "triplet", "mining": "batch_hard", "soft_margin": True},
        {"objective": "contrastive", "margin": 0.7},
    ],
)
def test_the_loss_of_one_point_is_what_margin_says(options):
    loss, point = make_loss(**options), torch.ones(N, E, dtype=torch.float64)
    assert loss(point, None, LABELS, PEOPLE).item() == pytest.approx(loss.margin)


@pytest.mark.parametrize("objective", ["simclr", "moco", "supcon"])
def test_other_objectives_have_no_margin(objective):
    assert make_loss(objective=objective).margin is None


def test_kinds_are_two_labels_or_as_many_as_there_are():
    assert make_loss().n_kinds == 2
    assert make_loss(positives="participant").n_kinds is make_loss(objective="moco").n_kinds is None


@pytest.mark.parametrize("options", EVERYTHING)
@pytest.mark.parametrize(
    ("labels", "people"),
    [([1, 1, 1], [0, 1, 2]), ([0, 1], [0, 1]), ([1], [0]), ([], [])],
    ids=["no negative", "no positive", "one window", "no window"],
)
def test_a_batch_without_pairs_has_a_defined_loss_with_a_gradient(options, labels, people):
    loss, x = make_loss(**options), projections(len(labels))
    second = projections(len(labels), seed=1) if loss.needs_views else None
    value = loss(x, second, torch.tensor(labels, dtype=torch.int64), torch.tensor(people, dtype=torch.int64))
    value.backward()
    assert value.isfinite()
    assert x.grad.isfinite().all()
    if not loss.needs_views or len(labels) < 2:
        assert value == 0
        assert not x.grad.any()


@pytest.mark.parametrize("options", EVERYTHING)
def test_every_window_gets_a_gradient_and_nan_is_not_hidden(options):
    loss, x = make_loss(**options, margin=0.9, cross_participant=False), projections()
    second = projections(seed=1) if loss.needs_views else None
    loss(x, second, LABELS, PEOPLE).backward()
    assert x.grad.isfinite().all()
    assert x.grad.any()
    spoiled = x.detach().clone()
    spoiled[3, 2] = torch.nan
    assert loss(spoiled, second, LABELS, PEOPLE).isnan()


def test_the_same_point_twice_has_no_infinite_gradient():
    x = torch.ones(N, E, dtype=torch.float64, requires_grad=True)
    make_loss(objective="triplet", mining="batch_hard")(x, None, LABELS, PEOPLE).backward()
    assert x.grad.isfinite().all()


def test_distances_far_from_the_origin_are_exact():
    x = (projections() * 1e-3 + 1e3).detach().float()
    loss = make_loss(objective="contrastive", normalize=False).float()
    right = torch.pdist(x.double())
    torch.testing.assert_close(torch.triu(loss._distance(x), 1)[torch.ones(N, N).triu(1) > 0], right.float())


def test_counts_add_up_over_batches_and_are_taken_once():
    loss = make_loss(negatives="same_participant")
    for _ in "12":
        loss(projections(), None, LABELS, PEOPLE)
    counts = loss.take_counts()
    assert counts["anchors"] == 2 * N
    assert counts["other_participant_negatives"] == 2
    assert set(loss.take_counts().values()) == {0}
    assert "_counts" not in loss.state_dict()


def test_bfloat16_is_compared_in_float32():
    x = projections().detach()
    with torch.autocast("cpu", torch.bfloat16):
        loss = make_loss().float()(x.bfloat16(), None, LABELS, PEOPLE)
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, make_loss().float()(x.bfloat16().float(), None, LABELS, PEOPLE))


@pytest.mark.parametrize(
    ("objective", "second"), [("supcon", projections()), ("simclr", None), ("moco", None)]
)
def test_views_that_are_missing_or_not_asked_for_are_refused(objective, second):
    with pytest.raises(ParameterError, match="view"):
        make_loss(objective=objective)(projections(), second, LABELS, PEOPLE)


def test_labels_of_another_length_are_refused():
    with pytest.raises(ParameterError, match="differ in length"):
        make_loss()(projections(), None, LABELS[:3], PEOPLE)
