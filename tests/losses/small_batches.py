"""Small batches of projections with labels and participants, and distances by hand."""

import torch

from eeg_kedro.losses.embedding_loss import EmbeddingLoss
from eeg_kedro.losses.embedding_loss_options import EmbeddingLossOptions

LABELS = torch.tensor([0, 0, 1, 1, 0, 1, 1, 0])
PEOPLE = torch.tensor([0, 0, 0, 0, 1, 1, 1, 2])
N, E = len(LABELS), 5


def make_loss(size=E, **options):
    return EmbeddingLoss(EmbeddingLossOptions(**options), size, 0).double()


def projections(n=N, seed=0):
    random = torch.Generator().manual_seed(seed)
    return torch.randn(n, E, generator=random, dtype=torch.float64).requires_grad_()


def unit(x):
    return x / x.norm(dim=1, keepdim=True)


def distances(x):
    return (x.unsqueeze(1) - x.unsqueeze(0)).square().sum(-1).add(1e-30).sqrt()


def alike(i, j, cross=False):
    return i != j and bool(LABELS[i] == LABELS[j]) and not (cross and bool(PEOPLE[i] == PEOPLE[j]))
