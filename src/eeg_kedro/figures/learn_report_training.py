"""The part of the report about training: gates, learning curves, the embedding and its maps."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from eeg_kedro.figures.detectors import say_model
from eeg_kedro.figures.learn_report_tables import LearnTables, decimal, number, records
from eeg_kedro.figures.page_markup import Section, Table

CURVES = ("report_pretrain_history_figure", "report_embed_history_figure", "report_finetune_history_figure")
MAPS = ("report_map_label_figure", "report_map_participant_figure", "report_map_each_figure")
HISTORIES = (
    ("pretraining", "report_pretrain_history"),
    ("embedding", "report_embed_history"),
    ("fine-tuning", "report_finetune_history"),
)
# 1 is a word of its own here: it does not fit every metric
METRIC_WORDS = {
    "label_knn_auroc": "label, AUROC of 20 neighbours (0–1)",
    "label_probe_auroc": "label, AUROC of a linear probe (0–1)",
    "participant_probe_accuracy": "participant, accuracy of a linear probe (0–1)",
    "effective_rank": "effective rank (directions)",
    "alignment": "alignment (squared distance; 0 is together)",
    "uniformity": "uniformity (log; lower is more even)",
    "mean_distance": "mean distance (no unit)",
}


def describe_gates(tables: LearnTables) -> Section:
    """Write the section on what pretraining learned."""
    heading, gates = "Pretraining: did it learn the signal?", tables.report_pretrain_gates
    if gates is None:
        return Section(heading, ("No pretrained encoder was measured.",))
    rows = [*records(gates)]
    intro = (
        "A loss that falls proves little for masked EEG. Each gate asks, on participants nobody trained on, whether "
        "the encoder found a short cut; a gate that is not passed is tinted."
    )
    table = Table(
        ("gate", "value", "limit", "passed", "what it means"),
        tuple(
            (
                str(row["gate"]).replace("_", " "),
                number(row["value"]),
                number(row["limit"]),
                "" if pd.isna(row["passed"]) else "yes" if row["passed"] else "no",
                row["words"],
            )
            for row in rows
        ),
        marked=frozenset(i for i, row in enumerate(rows) if pd.notna(row["passed"]) and not row["passed"]),
    )
    return Section(heading, (intro, table))


def describe_curves(tables: LearnTables) -> Section:
    """Write the section on the course of the trainings."""
    items: list[object] = [*_courses(tables)]
    items += [figure for figure in (tables.figures.get(name) for name in CURVES) if figure is not None]
    missing = [words for words, name in HISTORIES if getattr(tables, name) is None]
    items += [f"No curve of {', '.join(missing)}."] if missing else []
    return Section("Learning curves", tuple(items))


def _courses(tables: LearnTables) -> Iterator[object]:
    rows: list[tuple[object, ...]] = []
    for words, name in HISTORIES:
        history = getattr(tables, name)
        if history is None:
            continue
        keys = [key for key in ("model", "stage", "seed") if key in history]
        groups = history.groupby(keys, sort=False) if keys else [((), history)]
        for key, own in groups:
            said = dict(zip(keys, key, strict=True))
            rows.append((words, _trained(said), said.get("seed"), *_course(own)))
    if rows:
        columns = ("training", "model", "seed", "epochs", "best epoch", "best validation loss", "last")
        yield "Losses of different trainings have different units: compare within a row only."
        yield Table(columns, tuple(rows))


def _trained(said: dict[str, object]) -> str:
    stage = f", {said['stage']}" if said.get("stage") not in (None, "", "single") else ""
    return (
        f"{say_model(said.get('model', ''))}{stage}" if "seed" in said else f"{said.get('model', '')}{stage}"
    )


def _course(own: pd.DataFrame) -> tuple[object, ...]:
    known = own.dropna(subset=["validation_loss"])
    if known.empty:
        return (len(own), None, None, None)
    losses = known["validation_loss"].to_numpy()
    best = int(losses.argmin())
    # epochs are counted from 1 for people
    epoch = int(known["epoch"].iloc[best]) + 1
    return (len(own), epoch, decimal(losses[best], 4), decimal(losses[-1], 4))


def describe_embedding(tables: LearnTables) -> Section:
    """Write the section on the quality of the embedding."""
    heading, quality = "Embedding: what one can read off it", tables.report_embed_quality
    if quality is None:
        return Section(heading, ("The embedding was not measured.",))
    rows = tuple(
        (_metric(row["metric"]), number(row["value"]), row["words"], row["n"], row["role"])
        for row in records(quality)
    )
    intro = (
        "Good for detection is what tells labels apart and people not: AUROC of the label near 1 (0.5 is chance), "
        "accuracy of the participant near chance."
    )
    return Section(heading, (intro, Table(("measure", "value", "what it means", "windows", "on"), rows)))


def _metric(name: str) -> str:
    return METRIC_WORDS.get(name, str(name).replace("_", " "))


def describe_maps(tables: LearnTables) -> Section:
    """Write the section with the maps."""
    figures = [figure for figure in (tables.figures.get(name) for name in MAPS) if figure is not None]
    if not figures:
        return Section("Maps of the embedding", ("No map was drawn.",))
    intro = (
        "Each dot is a window. PCA shows the two directions in which embeddings vary most. UMAP keeps neighbours "
        "together and nothing else: how far clumps lie apart, and how large they are, means nothing. Windows that "
        "hold a seizure are balanced: there are far more here than in a recording. Of unseen participants, windows "
        "the fine-tuned detector got wrong are larger and outlined: diamonds were missed, squares are false alarms."
    )
    return Section("Maps of the embedding", (intro, *figures))
