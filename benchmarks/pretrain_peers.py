"""The block and the model of pretraining beside their peers: the same weights, the same input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from eeg_kedro.losses.masked_reconstruction import row_error
from eeg_kedro.models.encoder_options import EncoderOptions
from eeg_kedro.models.mamba2 import Mamba2Mixer
from eeg_kedro.models.masked_pretrainer import MaskedPretrainer, build_pretrainer
from eeg_kedro.training.precision import autocast

WIDTH, STATES, HEADDIM, TOKEN, MASK_RATIO = 128, 128, 64, 2048, 0.4
SAME_SIZE_FF = 264  # feed-forward width that gives nn.TransformerEncoderLayer the parameters of our block
HF_DEFAULT = 256  # chunk of transformers' Mamba2Config


class HfMixer(nn.Module):
    """Transformers' Mamba2Mixer with the weights of ours; chunk 256 is as it comes."""

    def __init__(self, ours: Mamba2Mixer, chunk: int = HF_DEFAULT) -> None:
        import transformers
        from transformers.models.mamba2.modeling_mamba2 import Mamba2Mixer as Peer

        super().__init__()
        transformers.logging.set_verbosity_error()  # it tells what it lacks, once per process
        d_model = ours.in_proj.weight.shape[1]
        sizes = {"hidden_size": d_model, "state_size": STATES, "head_dim": HEADDIM, "n_groups": 1}
        config = transformers.Mamba2Config(
            **sizes, num_heads=2 * d_model // HEADDIM, num_hidden_layers=1, chunk_size=chunk
        )
        self.mixer: nn.Module = Peer(config, 0)
        self.mixer.load_state_dict(ours.state_dict())

    def forward(self, inputs: Tensor, valid: Tensor | None = None) -> Tensor:
        """Mix (B, T, D); every token is real here, so there is no mask to hand on."""
        return self.mixer(inputs)  # type: ignore[no-any-return]


def make_block(seed: int = 0, backend: Literal["torch", "mamba_ssm"] = "torch") -> Mamba2Mixer:
    """Make one block of ours, causal as the peers are."""
    torch.manual_seed(seed)
    return Mamba2Mixer(WIDTH, d_state=STATES, headdim=HEADDIM, backend=backend)


def make_transformer_layer() -> nn.Module:
    """Make a layer of nn.TransformerEncoder with as many parameters as a block of ours."""
    return nn.TransformerEncoderLayer(WIDTH, 4, SAME_SIZE_FF, 0.0, batch_first=True, norm_first=True)


def block_step(
    block: nn.Module, batch: int, n_tokens: int, device: str = "cpu", precision: torch.dtype = torch.float32
) -> Callable[[], Tensor]:
    """Give one forward and backward of a block, gradients of inputs and weights included."""
    generator = torch.Generator().manual_seed(1)
    inputs, grad = (torch.randn(batch, n_tokens, WIDTH, generator=generator) for _ in range(2))
    inputs, grad = inputs.to(device).requires_grad_(), grad.to(device)

    def step() -> Tensor:
        block.zero_grad(set_to_none=True)
        inputs.grad = None
        with autocast(precision, inputs.device):
            output: Tensor = block(inputs)
        torch.autograd.backward(output, grad.to(output.dtype))
        return output.detach()

    return step


def make_model(
    kind: str, token_length: int = TOKEN, chunk: int = HF_DEFAULT, **about: Any
) -> MaskedPretrainer:
    """Make our six-layer model; ``hf`` puts transformers' mixers into it, ``transformer`` another backbone."""
    backbone = "transformer" if kind == "transformer" else "mamba2"
    options = EncoderOptions.model_validate({"direction": "causal", "backbone": backbone, **about})
    model = build_pretrainer(options, token_length, token_length, seed=0)
    if kind == "hf":
        for block in model.encoder.backbone.layers:  # type: ignore[union-attr]
            block.mixer = HfMixer(block.mixer, chunk)
    return model


def train_step(
    model: MaskedPretrainer, batch: int, n_tokens: int, device: str = "cpu"
) -> Callable[[], float]:
    """Give one step of masked pretraining: forward, masked squared error, backward, fused AdamW."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    generator = torch.Generator().manual_seed(2)
    length = model.head.out_features
    tokens = torch.randn(batch, n_tokens, length, generator=generator)
    masked = torch.rand(batch, n_tokens, generator=generator) < MASK_RATIO
    places = functional.normalize(torch.randn(batch, 3, generator=generator), dim=1)
    made = (tokens, places, torch.ones_like(masked), masked)
    tokens, places, valid, hidden = (value.to(device) for value in made)

    def step() -> float:
        optimizer.zero_grad(set_to_none=True)
        predictions = model.predict_masked(tokens, places, valid, hidden, hidden)
        total, count = row_error(predictions, tokens, hidden)
        loss = total / count
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        return float(loss.detach())

    return step


def recur(block: Mamba2Mixer, inputs: Tensor) -> Tensor:
    """Work a causal block out token by token (Dao & Gu 2024, eq. 1), in the precision of what is given."""
    inner, groups = block.norm.weight.numel(), STATES
    sizes = [inner, inner + 2 * groups, block.A_log.numel()]
    z, xbc, dt = torch.split(block.in_proj(inputs), sizes, -1)
    conv, n_tokens = block.conv1d, inputs.shape[1]
    padded = functional.pad(xbc.transpose(1, 2), (conv.weight.shape[-1] - 1, 0))
    mixed = functional.conv1d(padded, conv.weight, conv.bias, groups=conv.groups)
    x, b, c = torch.split(functional.silu(mixed).transpose(1, 2), [inner, groups, groups], -1)
    x, dt = x.reshape(*x.shape[:2], -1, HEADDIM), functional.softplus(dt + block.dt_bias)
    decay, given = torch.exp(-dt * block.A_log.exp()), x * dt[..., None]
    state, outputs = x.new_zeros(*x.shape[:1], *x.shape[2:], groups), []
    for t in range(n_tokens):
        state = state * decay[:, t, :, None, None] + given[:, t, ..., None] * b[:, t, None, None, :]
        outputs.append((state * c[:, t, None, None, :]).sum(-1))
    y = (torch.stack(outputs, 1) + x * block.D[:, None]).flatten(2) * functional.silu(z)
    y = y * torch.rsqrt(y.square().mean(-1, keepdim=True) + 1e-5) * block.norm.weight
    return block.out_proj(y)  # type: ignore[no-any-return]
