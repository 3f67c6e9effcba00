"""Kedro settings: where configuration comes from, where data go, and which hooks run."""

import os
from pathlib import Path
from typing import Any

from kedro.config import OmegaConfigLoader

from eeg_kedro.rank_hooks import HOOKS_OF_THIS_RANK, PLUGINS_WITHOUT_HOOKS

PROJECT_ROOT = Path(__file__).resolve().parents[2]


def data_root() -> str:
    """Give the absolute data root: ``EEG_KEDRO_DATA`` if set, else ``data/`` of the project."""
    return Path(os.environ.get("EEG_KEDRO_DATA") or PROJECT_ROOT / "data").expanduser().resolve().as_posix()


HOOKS = HOOKS_OF_THIS_RANK
# telemetry comes along as a hard dependency of kedro: nothing about a hospital's work leaves the machine
DISABLE_HOOKS_FOR_PLUGINS = ("kedro-telemetry", *PLUGINS_WITHOUT_HOOKS)
CONFIG_LOADER_CLASS = OmegaConfigLoader
CONFIG_LOADER_ARGS: dict[str, Any] = {
    "base_env": "base",
    "default_run_env": "local",
    "merge_strategy": {"parameters": "soft"},  # an overlay names the leaves it changes, not all of a pipeline
    "custom_resolvers": {
        "data_root": data_root,
        "env_or": lambda name, default: os.environ.get(name) or default,
    },
}
