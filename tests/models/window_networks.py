"""Small networks, batches with everything that can be missing, and a task with a known answer."""

import math
from contextlib import contextmanager

import torch

from eeg_kedro.models.build_window_encoder import (
    Spectrum,
    build_conv_encoder,
    build_detector,
    build_token_encoder,
)
from eeg_kedro.models.conv_options import ConvOptions
from eeg_kedro.models.encoder_options import EncoderOptions

LENGTH = 16  # samples of a token
WAYS = [
    (backbone, way)
    for backbone in ("mamba2", "transformer")
    for way in ("causal", "alternate", "bidirectional")
]
KINDS = [*(f"{backbone}-{way}" for backbone, way in WAYS), "conv"]


def encoder_of(kind, seed=0, length=LENGTH, **more):
    """Make a small encoder of windows: ``conv``, or backbone and direction."""
    if kind == "conv":
        return build_conv_encoder(ConvOptions(width=8, n_blocks=2, kernel=5, **more), length, seed)
    backbone, direction = kind.split("-")
    sizes = {"d_model": 8, "n_layers": 2, "d_state": 4, "headdim": 4, "n_heads": 2}
    options = EncoderOptions(backbone=backbone, direction=direction, **sizes, **more)
    return build_token_encoder(options, length, seed)


def detector_of(kind, head="dense", seed=0, spectral=False, **more):
    spectrum = Spectrum(LENGTH, float(LENGTH), 4) if spectral else None
    return build_detector(encoder_of(kind, seed, **more), head, 16, seed, spectrum)


def batch(seed=0, length=LENGTH):
    """Four windows of three channels and six tokens: whole, with gaps, without any channel, without any token."""
    random = torch.Generator().manual_seed(seed)
    tokens = torch.randn(4, 3, 6, length, generator=random)
    places = torch.nn.functional.normalize(torch.randn(3, 3, generator=random), dim=1)
    valid, real = torch.ones(4, 3, dtype=torch.bool), torch.ones(4, 6, dtype=torch.bool)
    valid[1, 0] = valid[2] = real[1, 4:] = real[3] = False
    return tokens, places, valid, real


def spoil(tokens, valid, real, garbage):
    """Put garbage wherever nothing is there."""
    spoiled = tokens.clone()
    spoiled[~(valid[:, :, None] & real[:, None, :])] = garbage
    return spoiled


def bursts(n_windows, seed, sfreq=64):
    """Make one-second tokens of noise, (B, 2, 8, L), half of them with a burst of 10 Hz, and tell which (B, 8)."""
    random = torch.Generator().manual_seed(seed)
    labels = torch.rand(n_windows, 8, generator=random) < 0.5
    phase = 2 * math.pi * torch.rand(n_windows, 1, 8, 1, generator=random)
    wave = 2 * torch.sin(2 * math.pi * 10 / sfreq * torch.arange(sfreq) + phase)
    tokens = torch.randn(n_windows, 2, 8, sfreq, generator=random) + wave * labels[:, None, :, None]
    return tokens, torch.eye(3)[:2], torch.ones(n_windows, 2, dtype=torch.bool), labels


def fit_bursts(network, n_steps, rate):
    """Train on bursts; return the share of tokens that are judged right in windows not trained on."""
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate)
    network.train()
    with one_thread():
        for step in range(n_steps):
            *given, labels = bursts(16, seed=step)
            loss = torch.nn.functional.binary_cross_entropy_with_logits(network(*given), labels.float())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        *given, labels = bursts(32, seed=10**6)
        return float(((network.eval()(*given) > 0) == labels).float().mean())


@contextmanager
def one_thread():
    """Compute small steps in one thread: two wait for each other longer than they work."""
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(n_threads)
