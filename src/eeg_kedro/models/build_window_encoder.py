"""Networks with the first weights that a seed gives; the global random state is left as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor, nn

from eeg_kedro.errors import CheckpointError
from eeg_kedro.models.backbone import ScanName
from eeg_kedro.models.conv_options import ConvOptions
from eeg_kedro.models.detection_heads import DenseSeizureHead, SixClassHead, WindowHead
from eeg_kedro.models.embedder import Embedder
from eeg_kedro.models.encoder import EegEncoder
from eeg_kedro.models.encoder_options import EncoderOptions
from eeg_kedro.models.residual_conv import ConvWindowEncoder
from eeg_kedro.models.seizure_detector import HeadKind, SeizureDetector
from eeg_kedro.models.spectral_branch import SpectralBranch
from eeg_kedro.models.window_encoder import TokenWindowEncoder, WindowEncoder

_ENCODER = "encoder."  # of the keys of MaskedPretrainer
_HEADS = {"dense": DenseSeizureHead, "window": WindowHead, "six_class": SixClassHead}


@contextmanager
def weights_from(seed: int) -> Iterator[None]:
    """Let modules that are made inside draw their first weights from a seed, on the CPU, and from nothing else."""
    # the generators of other devices are neither used nor touched
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        yield


def build_token_encoder(
    options: EncoderOptions,
    token_length: int,
    seed: int,
    backend: ScanName = "torch",
    weights: Mapping[str, Tensor] | None = None,
) -> TokenWindowEncoder:
    """Make an encoder of windows from that of pretraining, with its weights if they are given.

    Parameters
    ----------
    options : EncoderOptions
        As in pretraining.
    token_length : int
        L, samples of a token.
    seed : int
        Of the first weights.
    backend : {"torch", "mamba_ssm"}
        Who computes the scan of Mamba-2.
    weights : mapping of str to Tensor, optional
        State dict of a `MaskedPretrainer`; its head is left out.

    Raises
    ------
    CheckpointError
        If the weights are not those of such an encoder.
    """
    with weights_from(seed):
        encoder = EegEncoder(options, token_length, backend)
    if weights is not None:
        _load(encoder, weights)
    return TokenWindowEncoder(encoder, options.d_model)


def build_conv_encoder(options: ConvOptions, token_length: int, seed: int) -> ConvWindowEncoder:
    """Make a convolutional encoder for tokens of ``token_length`` samples."""
    with weights_from(seed):
        return ConvWindowEncoder(options, token_length)


def build_embedder(encoder: WindowEncoder, embedding_size: int, projection_size: int, seed: int) -> Embedder:
    """Put an embedding on an encoder; the encoder keeps its weights."""
    with weights_from(seed):
        return Embedder(encoder, embedding_size, projection_size)


class Spectrum(NamedTuple):
    """What a spectral branch looks at: tokens of so many samples at so many Hz, as so many numbers per channel."""

    token_length: int
    sfreq: float
    width: int


def build_detector(
    encoder: WindowEncoder, kind: HeadKind, hidden: int, seed: int, spectral: Spectrum | None = None
) -> SeizureDetector:
    """Put a new head on an encoder, and a spectral branch beside it if asked; the encoder keeps its weights."""
    with weights_from(seed):
        head: nn.Module = _HEADS[kind](encoder.width, hidden)
        if spectral is None:
            return SeizureDetector(encoder, head, kind)
        branch = SpectralBranch(spectral.token_length, spectral.sfreq, spectral.width)
        return SeizureDetector(encoder, head, kind, branch, _HEADS[kind](branch.width, hidden))


def _load(encoder: EegEncoder, weights: Mapping[str, Tensor]) -> None:
    kept = {key.removeprefix(_ENCODER): value for key, value in weights.items() if key.startswith(_ENCODER)}
    try:
        encoder.load_state_dict(kept)
    except RuntimeError as error:
        raise CheckpointError(
            "the weights are not those of the encoder that the options describe",
            value=str(error).splitlines()[-1].strip(),
            remedy="take the options and token_length that the model's file tells",
        ) from error
