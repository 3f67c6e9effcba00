"""The encoder with a head that tells what the hidden tokens were."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from eeg_kedro.models.backbone import ScanName
from eeg_kedro.models.encoder import EegEncoder
from eeg_kedro.models.encoder_options import EncoderOptions

HEAD_SIZE = 0.1  # of the usual first weights


class MaskedPretrainer(nn.Module):
    """Predict what was hidden from what was left: an encoder and one linear layer.

    Parameters
    ----------
    encoder : EegEncoder
        What is kept after pretraining.
    d_model, target_width : int
        D and K: width of the encoder, and numbers predicted per token (`eeg_kedro.losses.targets`).
    """

    def __init__(self, encoder: EegEncoder, d_model: int, target_width: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(d_model, target_width)
        # An untrained model says next to nothing: at its usual size the head adds noise that takes a hundred steps to
        # unlearn, and that looks like learning. Not zero either: the first gradients of the encoder would be so
        # small that AdamW blows their rounding errors up to full steps.
        with torch.no_grad():
            self.head.weight.mul_(HEAD_SIZE)
            self.head.bias.zero_()

    def forward(
        self, tokens: Tensor, positions: Tensor, valid: Tensor, hidden: Tensor | None = None
    ) -> Tensor:
        """Predict every token, (B, T, L) -> (B, T, K); arguments as in `EegEncoder.forward`."""
        return self.head(self.encoder(tokens, positions, valid, hidden))  # type: ignore[no-any-return]

    def predict_masked(
        self, tokens: Tensor, positions: Tensor, valid: Tensor, hidden: Tensor | None, masked: Tensor
    ) -> Tensor:
        """Predict the masked tokens only, (M, K) in the order of ``masked`` (B, T): all that a loss looks at."""
        rows = masked.flatten().nonzero().squeeze(1)
        encoded = self.encoder(tokens, positions, valid, hidden)
        return self.head(encoded.flatten(0, 1).index_select(0, rows))  # type: ignore[no-any-return]

    def encode(
        self, tokens: Tensor, positions: Tensor, valid: Tensor, hidden: Tensor | None = None
    ) -> Tensor:
        """Encode every token, (B, T, L) -> (B, T, D); zeros where a token is not valid."""
        return self.encoder(tokens, positions, valid, hidden)  # type: ignore[no-any-return]


def build_pretrainer(
    options: EncoderOptions, token_length: int, target_width: int, seed: int, backend: ScanName = "torch"
) -> MaskedPretrainer:
    """Make a model with the first weights that a seed gives; the global random state is left as it was.

    Parameters
    ----------
    options : EncoderOptions
        The encoder.
    token_length, target_width : int
        L and K.
    seed : int
        Of the weights.
    backend : {"torch", "mamba_ssm"}
        Who computes the scan of Mamba-2.
    """
    # weights are made on the CPU: the generators of other devices are neither used nor touched
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        encoder = EegEncoder(options, token_length, backend)
        return MaskedPretrainer(encoder, options.d_model, target_width)
