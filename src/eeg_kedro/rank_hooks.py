"""Several processes of one run (torchrun): the first saves and tracks, the others only compute."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol, MemoryDataset
from kedro.pipeline import Pipeline

from eeg_kedro.errors import ParameterError
from eeg_kedro.hooks import PROJECT_HOOKS, refuse_unknown_parameters
from eeg_kedro.user_errors import show_user_errors_plainly

# kedro-mlflow would open a run of its own in each process, kedro-viz would write its statistics in each;
# a plugin goes by the name in its metadata, which may be spelt either way
TRACKING_PLUGINS = ("kedro_mlflow", "kedro-mlflow", "kedro-viz")


def rank_among(environment: Mapping[str, str]) -> int:
    """Tell which process of the run this is; 0 where it is the only one.

    Parameters
    ----------
    environment : mapping
        Environment variables; torchrun sets ``RANK`` and ``WORLD_SIZE``.
    """
    rank, world_size = environment.get("RANK", ""), environment.get("WORLD_SIZE", "")
    several = world_size.isdigit() and int(world_size) > 1
    return int(rank) if several and rank.isdigit() else 0


class FollowerHooks:
    """Keep what a process of rank 1 or more makes in memory, and its log quiet.

    It has no part in tracking: two processes that made the tracking database would overwrite each other's.
    """

    @hook_impl(tryfirst=True)
    def after_context_created(self, context: KedroContext) -> None:
        """Refuse what rank 0 refuses, and leave the telling of progress to it."""
        show_user_errors_plainly()
        refuse_unknown_parameters(
            context._runtime_params or {}, context.project_path / "conf" / "base" / "parameters"
        )
        for name in ("kedro", "kedro.io", "eeg_kedro"):
            logging.getLogger(name).setLevel(logging.ERROR)

    @hook_impl(tryfirst=True)
    def before_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol[Any, Any]
    ) -> None:
        """Replace everything that the run makes by datasets in memory: rank 0 writes the same to disk.

        Raises
        ------
        ParameterError
            If nodes may be skipped: rank 0 finds their outputs on disk, this process does not, and each would
            wait for the other.
        """
        if run_params.get("only_missing_outputs"):
            raise ParameterError(
                "several processes cannot agree on which outputs are missing",
                value="--only-missing-outputs",
                remedy="leave it out; training goes on from its last checkpoint by itself",
            )
        for name in sorted(pipeline.all_outputs()):
            # as it is: a copy of a model for every epoch would double the memory for nothing
            catalog[name] = MemoryDataset(copy_mode="assign")


RANK = rank_among(os.environ)
HOOKS_OF_THIS_RANK: tuple[Any, ...] = (FollowerHooks(),) if RANK else PROJECT_HOOKS
PLUGINS_WITHOUT_HOOKS: tuple[str, ...] = TRACKING_PLUGINS if RANK else ()
