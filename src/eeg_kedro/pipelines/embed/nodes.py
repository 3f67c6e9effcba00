"""Nodes of ``embed``: train in one stage or two, take the best, embed all windows, judge, draw."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd
from plotly.graph_objects import Figure

from eeg_kedro.errors import CheckpointError, WindowError
from eeg_kedro.figures.embed_history import draw_history
from eeg_kedro.io.window_reading import WindowFile
from eeg_kedro.pipelines.embed.telling import tell_embeddings, tell_epoch, tell_quality, tell_step
from eeg_kedro.sampling.windows.window_files import split_key
from eeg_kedro.sampling.windows.window_reader import WindowReader
from eeg_kedro.training.embed_options import EmbedOptions

if TYPE_CHECKING:
    from eeg_kedro.training.embed_job import Stage
    from eeg_kedro.training.trainer import TrainingReport

logger = logging.getLogger(__name__)

# Kedro reads the annotations of nodes to validate their parameters, so every name in them must be there at run
# time; these come with torch or are read without a copy, and `kedro registry list` stays quick
CheckpointStore: TypeAlias = Any
Checkpoint: TypeAlias = Any
PretrainedModel: TypeAlias = Any
MaterialisedWindows: TypeAlias = Any
Windows = Mapping[str, Callable[[], WindowFile]]
TRAINED = ("model_embedder_last", "report_embed_history", "report_embed_metrics")
JUDGED = ("report_embed_quality", "report_embed_quality_metrics")


def train_embedder(
    balanced: pd.DataFrame,
    signals: MaterialisedWindows,
    windows: Windows,
    pretrained: PretrainedModel | None,
    checkpoints: CheckpointStore,
    options: EmbedOptions,
) -> Iterator[dict[str, Any]]:
    """Train; hand out a checkpoint, the curves so far and the metrics of the epoch after each epoch."""
    from eeg_kedro.training import embedding
    from eeg_kedro.training.embed_job import EmbedJob

    if "source_file" not in balanced:  # of an npz cache: there are no recordings behind it
        signals.check_windows(_reader(windows))
    origin = _encoder_of(pretrained, options)
    job = EmbedJob(options, balanced, signals, checkpoints.folder, origin)
    try:
        yield from _hand_out(embedding.train_embedder(job, tell_step, logger.info, logger.warning))
    except KeyboardInterrupt:
        logger.warning("stopped: the same command goes on from the last checkpoint")
        raise


def _hand_out(reports: Iterable[tuple[Stage, TrainingReport]]) -> Iterator[dict[str, Any]]:
    from eeg_kedro.training.history import list_history, metric_history

    stages: dict[str, pd.DataFrame] = {}
    n_told = 0
    for stage, report in reports:
        tell_epoch(stage, report)
        history = list_history(report.checkpoint)
        stages[stage.name] = history.assign(stage=stage.name, model=report.checkpoint.name)
        whole = pd.concat([*stages.values()], ignore_index=True)
        # curves of a second stage begin where those of the first end; those of a resumed training come all at once
        new = whole.assign(epoch=range(len(whole))).iloc[n_told:]
        n_told = len(whole)
        yield dict(zip(TRAINED, (report, whole, metric_history(new)), strict=True))


def choose_embedder(
    checkpoints: CheckpointStore, pretrained: PretrainedModel | None, options: EmbedOptions
) -> Checkpoint:
    """Take the checkpoint of the last stage, without what only training needs."""
    from eeg_kedro.training.embed_job import list_stages, name_embedder, name_stage
    from eeg_kedro.training.embedding import tidy

    name = name_embedder(options, _encoder_of(pretrained, options))
    name = name_stage(name, list_stages(options)[-1])
    last = checkpoints.last(name)
    if last is None:
        raise CheckpointError("no checkpoint of this name", file=name, remedy="kedro run --pipelines=embed")
    return tidy(last)


def embed_windows(
    model: PretrainedModel, balanced: pd.DataFrame, signals: MaterialisedWindows, options: EmbedOptions
) -> pd.DataFrame:
    """Embed every balanced window, of all roles."""
    from eeg_kedro.training.embedding import embed_table

    table = embed_table(model, balanced, signals, options)
    tell_embeddings(table)
    return table


def judge_embeddings(embeddings: pd.DataFrame, options: EmbedOptions) -> dict[str, Any]:
    """Measure what the embeddings are worth on participants nobody trained on, validation and test apart."""
    from eeg_kedro.training.embedding_judgement import judge

    table = judge(embeddings, options.seed)
    tell_quality(table)
    known = table.dropna(subset=["value"])
    metrics = {
        f"{row['role']}_{row['metric']}": {"step": 0, "value": row["value"]}
        for row in known.to_dict("records")
    }
    return dict(zip(JUDGED, (table, metrics), strict=True))


def draw_embed_history(history: pd.DataFrame) -> Figure:
    """Draw the curves of the training."""
    return draw_history(history)


def _encoder_of(pretrained: PretrainedModel | None, options: EmbedOptions) -> PretrainedModel | None:
    """Return what the embedder begins with: nothing where it is made from scratch."""
    from eeg_kedro.training.embed_job import demand_model

    demand_model(options, pretrained)
    return pretrained if options.encoder == "pretrained" else None


def _reader(windows: Windows) -> WindowReader:
    if not windows:
        raise WindowError(
            "the recordings behind the balanced windows are gone",
            file="prm_windows",
            remedy="run `kedro run --pipelines=process_primary` first",
        )
    return WindowReader({split_key(key): load for key, load in windows.items()})
