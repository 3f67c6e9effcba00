"""Kedro settings: where configuration comes from, where data go, and which hooks run."""

import os
from pathlib import Path
from typing import Any

from kedro.config import OmegaConfigLoader

from eeg_kedro.hooks import PROJECT_HOOKS

PROJECT_ROOT = Path(__file__).resolve().parents[2]


def data_root() -> str:
    """Give the absolute data root: ``EEG_KEDRO_DATA`` if set, else ``data/`` of the project."""
    return Path(os.environ.get("EEG_KEDRO_DATA") or PROJECT_ROOT / "data").expanduser().resolve().as_posix()


HOOKS = PROJECT_HOOKS
# telemetry comes along as a hard dependency of kedro: nothing about a hospital's work leaves the machine
DISABLE_HOOKS_FOR_PLUGINS = ("kedro-telemetry",)
CONFIG_LOADER_CLASS = OmegaConfigLoader
CONFIG_LOADER_ARGS: dict[str, Any] = {
    "base_env": "base",
    "default_run_env": "local",
    "custom_resolvers": {
        "data_root": data_root,
        "env_or": lambda name, default: os.environ.get(name) or default,
    },
}
