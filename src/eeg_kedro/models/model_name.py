"""What a model is called: its configuration in a word, by which fine-tuning finds it."""

from __future__ import annotations

from eeg_kedro.models.encoder_options import EncoderOptions


def name_model(options: EncoderOptions, mask_ratio: float, masking_style: str, tag: str = "") -> str:
    """Name a pretrained model, such as ``mamba2_eeg_d128_l6_m40_mae``.

    Parameters
    ----------
    options : EncoderOptions
        Backbone, width and depth are in the name.
    mask_ratio : float
        Share of tokens masked, in percent in the name: 0.4 is ``m40``, 0.125 is ``m12.5``.
    masking_style : {"mae", "bert"}
        How they were masked.
    tag : str
        Appended, to tell models of the same name apart.
    """
    size = f"d{options.d_model}_l{options.n_layers}"
    name = f"{options.backbone}_eeg_{size}_m{100 * mask_ratio:g}_{masking_style}"
    return f"{name}_{tag}" if tag else name
