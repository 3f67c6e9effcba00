"""Which weights rest: frozen modules, and the groups of an encoder from its input to its output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

if TYPE_CHECKING:
    from eeg_kedro.models.window_encoder import WindowEncoder

Group = tuple[str, list[nn.Parameter]]


def freeze(module: nn.Module) -> None:
    """Stop the training of a module: its parameters get no gradient, and it goes to evaluation mode.

    A `WindowEncoder` stays there when the network around it is told to train.
    """
    module.requires_grad_(False)
    module.eval()


def is_frozen(module: nn.Module) -> bool:
    """Tell whether a module has parameters and none of them is trained."""
    trained = [parameter.requires_grad for parameter in module.parameters()]
    return bool(trained) and not any(trained)


def rest_frozen_parts(module: nn.Module) -> None:
    """Put every part of which all parameters are frozen into evaluation mode; the others stay as they are."""
    if is_frozen(module):
        module.eval()
        return
    for child in module.children():
        rest_frozen_parts(child)


def layer_groups(encoder: WindowEncoder) -> list[Group]:
    """List the parameters of an encoder, each once, in groups from its input to its output.

    Parameters
    ----------
    encoder : WindowEncoder
        Frozen parameters are listed too.

    Returns
    -------
    list of (str, list of Parameter)
        ``input`` (projection and encodings, or the first convolution), ``block_1``, ``block_2``, …, and ``rest``: what
        comes after the last block.
    """
    first, blocks, last = encoder.stages()
    names = ["input", *(f"block_{number}" for number in range(1, len(blocks) + 1)), "rest"]
    groups = [first, *blocks, last]
    return [(name, _parameters(modules)) for name, modules in zip(names, groups, strict=True)]


def unfreeze_top(encoder: WindowEncoder, n_layers: int) -> None:
    """Train the last blocks of an encoder and what follows them; freeze what is below.

    What is newly trained goes to training mode with the next call of ``train()``.

    Parameters
    ----------
    encoder : WindowEncoder
        Changed in place.
    n_layers : int
        Blocks that are trained: 0 freezes everything, one more than there are trains the input too.
    """
    groups = layer_groups(encoder)
    n_trained = 0 if n_layers < 1 else n_layers + 1
    for number, (_, parameters) in enumerate(reversed(groups)):
        for parameter in parameters:
            parameter.requires_grad_(number < n_trained)
    rest_frozen_parts(encoder)


def _parameters(modules: list[nn.Module | nn.Parameter]) -> list[nn.Parameter]:
    found: list[nn.Parameter] = []
    for module in modules:
        found += [module] if isinstance(module, nn.Parameter) else [*module.parameters()]
    return found
