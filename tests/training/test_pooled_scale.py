import numpy as np
import pytest
import torch
from torch import nn

from eeg_kedro.training.detection_tokens import DetectorTokens
from eeg_kedro.training.embed_job import list_stages
from eeg_kedro.training.embedder_file import make_embedder
from eeg_kedro.training.pooled_scale import PooledScale, learn_scale
from eeg_kedro.training.window_batches import LabelledWindows
from tests.training.embed_corpus import make_job, make_pretrained, write_corpus


def made(width=5, n=200):
    values = (
        torch.randn(n, width, generator=torch.Generator().manual_seed(0)) * torch.arange(1, width + 1) + 7
    )
    scale = PooledScale(nn.Identity(), width)
    scale.learn(values)
    return scale, values


def test_features_have_mean_zero_and_spread_one_afterwards():
    scale, values = made()
    found = scale(values)
    torch.testing.assert_close(found.mean(0), torch.zeros(5), rtol=0, atol=1e-5)
    torch.testing.assert_close(found.std(0, correction=0), torch.ones(5))


def test_before_it_has_learned_it_is_the_norm_alone():
    norm = nn.LayerNorm(5)
    values = torch.randn(3, 5)
    assert torch.equal(PooledScale(norm, 5)(values), norm(values))


def test_what_hardly_varies_is_not_blown_up():
    scale = PooledScale(nn.Identity(), 2)
    scale.learn(torch.tensor([[0.0, 1.0], [1e-6, -1.0]]))
    assert scale.spread.tolist() == pytest.approx([0.05, 1.0], rel=1e-4)


def test_one_window_leaves_the_spread_as_it_was():
    scale = PooledScale(nn.Identity(), 2)
    scale.learn(torch.tensor([[3.0, 4.0]]))
    assert (scale.center.tolist(), scale.spread.tolist()) == ([3.0, 4.0], [1.0, 1.0])


def test_windows_that_look_alike_to_the_encoder_are_spread_out(tmp_path):
    corpus = write_corpus(tmp_path)
    job = make_job(corpus, tmp_path, make_pretrained())
    about = job.about(list_stages(job.options)[0], "")
    embedder, tokens = make_embedder(about, 0, "cpu"), DetectorTokens(about["channels"], 25)
    learn_scale(embedder, LabelledWindows(corpus.table, corpus.signals), np.arange(84), tokens, 16)
    samples, valid = corpus.signals.gather(np.arange(84))
    cut = tokens.cut(torch.from_numpy(samples), torch.from_numpy(valid))
    seen = []
    embedder.norm.register_forward_hook(lambda *found: seen.append(found[2].detach()))
    embedder.eval()(cut[0], tokens.places, *cut[1:])
    assert float(seen[0].mean().abs()) < 1e-5
    assert float(seen[0].std(0, correction=0).mean()) == pytest.approx(1, abs=0.1)
