"""Which weights decay."""

from __future__ import annotations

from typing import Any

from torch import nn

# scan parameters of Mamba-2, forward and reverse: rates and gains, for which 0 is no neutral value
_RATES = ("dt_bias", "A_log", "D", "dt_bias_rev", "A_log_rev", "D_rev")


def decays(name: str, parameter: nn.Parameter) -> bool:
    """Tell whether weight decay makes sense for a parameter.

    Not for vectors and numbers (norms, biases, learned tokens), what says ``_no_weight_decay`` of itself, and the
    rates of a scan.
    """
    leaf = name.rsplit(".", 1)[-1]
    exempt = getattr(parameter, "_no_weight_decay", False) or leaf in _RATES or leaf.endswith("bias")
    return parameter.ndim > 1 and not exempt


def parameter_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Return the groups of the optimiser: what decays, then what does not; frozen parameters are in neither."""
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    groups = [
        {"params": [p for name, p in named if decays(name, p)], "weight_decay": weight_decay},
        {"params": [p for name, p in named if not decays(name, p)], "weight_decay": 0.0},
    ]
    return [group for group in groups if group["params"]]
