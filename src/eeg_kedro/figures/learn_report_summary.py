"""What was done, in five sentences that the tables dictate."""

from __future__ import annotations

import pandas as pd

from eeg_kedro.figures.detectors import order_models, pick_scores, say_model
from eeg_kedro.figures.learn_report_tables import (
    ROLES,
    LearnTables,
    count,
    decimal,
    listed,
    percent,
    with_interval,
)
from eeg_kedro.scoring.window_outcomes import PRIMARY


def summarise(tables: LearnTables) -> tuple[str, ...]:
    """Say what data there were, who was for what, and what was trained, embedded and scored."""
    return (_data(tables), _split(tables), _pretraining(tables), _embedding(tables), _detectors(tables))


def seizures_of(inventory: pd.DataFrame) -> int:
    """Count annotated seizures; a recording nobody annotated has none to count."""
    return int(inventory.loc[inventory["annotated"].eq(True), "n_seizures"].sum())


def _data(tables: LearnTables) -> str:
    inventory = tables.int_inventory
    if inventory is None:
        return "Data: there is no inventory of the recordings, so this report cannot say what the data were."
    known = int(inventory["annotated"].eq(True).sum())
    who = count(inventory["participant"].nunique(), "participant")
    hours, runs = decimal(inventory["duration"].sum() / 3600), count(len(inventory), "recording")
    return (
        f"Data: {hours} h of EEG in {runs} of {who}; "
        f"annotated: {known:,} of them, with {count(seizures_of(inventory), 'seizure')}."
    )


def _split(tables: LearnTables) -> str:
    if tables.input_participant_split is None:
        return "Participants: nobody was assigned to training, validation or test."
    sides = ", ".join(f"{len(tables.of_role(role)):,} for {role}" for role in ROLES)
    said = f"Participants: {sides.replace('for train,', 'for training,')}; recordings of one person stay together"
    sampling = tables.report_sampling
    train = sampling.loc[sampling["role"] == "train"] if sampling is not None else pd.DataFrame()
    if train.empty:
        return f"{said}."
    row = train.iloc[0]
    before, after = percent(row["prior"]), percent(row["drawn_prior"])
    share = f", of which {after} hold a seizure instead of {before}" if before and after else ""
    return f"{said}; {row['n_drawn']:,} of {row['n_windows']:,} training windows were drawn{share}."


def _pretraining(tables: LearnTables) -> str:
    history, gates = tables.report_pretrain_history, tables.report_pretrain_gates
    if history is None:
        return "Pretraining: none is on record."
    name = f" {history['model'].iloc[0]}" if "model" in history else ""
    epochs = count(len(history), "epoch")
    said = f"Pretraining: the encoder{name} learned for {epochs} to fill in masked EEG, without labels"
    if gates is None:
        return f"{said}; whether it learned the signal was not measured."
    judged = gates["passed"].dropna()
    passed = f"{int(judged.sum())} of {count(len(judged), 'gate')}"
    return f"{said}; it passed {passed} that ask whether it learned the signal."


def _embedding(tables: LearnTables) -> str:
    history, quality = tables.report_embed_history, tables.report_embed_quality
    if history is None and quality is None:
        return "Embedding: none was trained or measured."
    said = "Embedding: each window became one vector"
    if history is not None:
        stages = [*dict.fromkeys(history["stage"])] if "stage" in history else []
        said += f", learned in {count(len(history), 'epoch')}"
        said += f" ({', then '.join(map(str, stages))})" if len(stages) > 1 else ""
    shown = [
        f"{words} {decimal(tables.quality_of(name))}"
        for name, words in (
            ("label_knn_auroc", "neighbours tell seizure windows with AUROC"),
            ("participant_probe_accuracy", "the participant can be read off with accuracy"),
        )
        if tables.quality_of(name) is not None
    ]
    return f"{said}{'; on unseen participants ' + ', and '.join(shown) if shown else ''}."


def _detectors(tables: LearnTables) -> str:
    predictions = tables.output_predictions
    if predictions is None:
        return "Detectors: none was trained, so nothing was predicted or scored."
    models = order_models(predictions["model"])
    said = f"Detectors: {listed(map(say_model, models))}"
    seeds = int(predictions.groupby("model")["seed"].nunique().max())
    said += f"; {count(seeds, 'seed')} where training is random"
    rows = pick_scores(tables.report_score_summary, "szcore_event", "f1")
    rows = rows.dropna(subset=["mean"]) if len(rows) else rows
    if rows.empty:
        return f"{said}; there is no event score on {tables.scored_role} participants."
    first = rows.sort_values("n_participants", kind="stable").iloc[
        -1
    ]  # F1 leaves out who has neither seizure nor alarm
    people, seizures = (
        count(first["n_participants"], f"{tables.scored_role} participant"),
        count(first["n_seizures"], "seizure"),
    )
    applied = "applied once to" if tables.scored_role == "test" else "scored there, too: on"
    said += f"; settings were chosen on validation and {applied} {people} with {seizures}"
    said += f" in {decimal(first['hours'])} h. Event F1"
    mine, others = rows[rows["model"] == PRIMARY], rows[rows["model"] != PRIMARY]
    parts = []
    if len(mine):
        own = mine.iloc[0]
        parts.append(f"{say_model(PRIMARY)} {with_interval(own['mean'], own['low'], own['high'])}")
    if len(others):
        best = others.iloc[int(others["mean"].to_numpy().argmax())]
        shown = with_interval(best["mean"], best["low"], best["high"])
        parts.append(f"{'the best of the others, ' if parts else ''}{say_model(best['model'])} {shown}")
    return f"{said}: {'; '.join(parts)} (in brackets: 95 % interval over participants)."
