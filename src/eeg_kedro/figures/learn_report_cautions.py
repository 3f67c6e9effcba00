"""How far to trust it: every reason for doubt that can be read off the tables, gravest first."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from eeg_kedro.figures.detectors import pick_scores, say_model, say_score
from eeg_kedro.figures.learn_report_tables import (
    LearnTables,
    count,
    decimal,
    listed,
    records,
    sentence,
    with_interval,
)
from eeg_kedro.scoring.window_outcomes import PRIMARY, primary_rows, primary_seed

FEW_PEOPLE = 10  # below, an interval over participants says little itself
ENOUGH_PEOPLE = 50  # to learn from; a matter of judgement
TRIVIAL = ("always_on", "always_off")
HARDLY = 0.6  # of an AUROC
WIDE = 0.3  # of a score between 0 and 1
A_DAY = 24.0  # hours: what "per 24 h" is extrapolated from
LEAST_RANK, LEAST_DISTANCE = 2.0, 1e-2  # as the collapse alarm has them
MOST_ECE = 0.1
MAIN = (("szcore_event", "f1", "event F1"), ("threshold_free", "auprc", "AUPRC"))


def find_cautions(tables: LearnTables) -> tuple[str, ...]:
    """Return one sentence per reason for doubt."""
    finders = (
        *(_absent, _stale, _overlap, _test, _verdict, _rivals),
        *(_intervals, _hours, _points, _gates, _embedding, _data),
    )
    return tuple(text for find in finders for text in find(tables))


def _absent(tables: LearnTables) -> Iterator[str]:
    if tables.report_score_summary is None:
        yield "Nothing was scored on test participants: this report shows what was prepared, not how good it is."
    elif tables.output_overlap_card is None:
        yield "Nobody checked whether models were scored on people they were trained on."


def _overlap(tables: LearnTables) -> Iterator[str]:
    card = tables.output_overlap_card
    if card is None:
        return
    seen = card.loc[card["scored"].eq(True) & (card["used_for"] == "train")]
    if len(seen):
        people, names = listed(sorted({*seen["participant"]})), listed(sorted({*seen["name"]}))
        yield f"Scored on people that were trained on: {people}, by {names}. Scores of these models do not count."


def _test(tables: LearnTables) -> Iterator[str]:
    if tables.scored_role != "test":
        yield (
            f"No annotated test participant: all scores are of {tables.scored_role} participants, on whom thresholds "
            "were tuned, and are too good."
        )
    if tables.input_participant_split is None:
        return
    people = tables.of_role("test")
    n = people["person"].nunique()
    if not n:
        yield "There is no test participant: nothing here was measured on somebody the choices did not depend on."
        return
    if not int(people["n_seizures"].fillna(0).sum()):
        yield "No test participant has an annotated seizure: whether seizures are found cannot be told."
    if n < FEW_PEOPLE:
        verb = "carries" if n == 1 else "carry"
        yield (
            f"{count(n, 'test person')} {verb} all scores: one more or less may change the order of the models, and an "
            "interval over so few is itself uncertain."
        )


def _verdict(tables: LearnTables) -> Iterator[str]:
    rows = [row for row in records(tables.report_pretraining_verdict) if "scratch" in str(row["comparison"])]
    told = {bool(row["helped"]) for row in rows if pd.notna(row["helped"])}
    if told == {True, False}:
        yield "The measures disagree on whether pretraining helped: " + " ".join(
            sentence(row["words"]) for row in rows
        )
        return
    for row in rows:
        if pd.isna(row["helped"]):
            yield f"Whether pretraining helped cannot be told ({say_score(row['metric'])}): {sentence(row['words'])}"
        elif not row["helped"]:
            yield f"Pretraining did not help ({say_score(row['metric'])}): {sentence(row['words'])}"


def _stale(tables: LearnTables) -> Iterator[str]:
    """Say that the scores are of other models than those that predicted last."""
    predictions, scores = tables.output_predictions, tables.report_scores
    if predictions is None or scores is None or scores.empty:
        return
    said, scored = (
        {(str(row["model"]), int(row["seed"])) for row in records(table[["model", "seed"]].drop_duplicates())}
        for table in (predictions, scores)
    )
    if said != scored:
        yield "The scores are of an earlier fine-tuning: run `kedro run --pipelines=score`, then this report again."


def _rivals(tables: LearnTables) -> Iterator[str]:
    for scorer, metric, words in MAIN:
        rows = pick_scores(tables.report_score_summary, scorer, metric)
        known = rows.dropna(subset=["mean"]) if len(rows) else rows
        if known.empty or PRIMARY not in {*known["model"]}:
            continue
        best = known.iloc[int(known["mean"].to_numpy().argmax())]
        own = float(known.loc[known["model"] == PRIMARY, "mean"].iloc[0])
        if best["mean"] > own:
            yield (
                f"By {words} the pretrained network is not the best: {say_model(best['model'])} reaches "
                f"{decimal(best['mean'])}, it {decimal(own)}.{_why(tables)}"
            )
        for name in TRIVIAL:
            trivial = known.loc[known["model"] == name, "mean"]
            if len(trivial) and trivial.iloc[0] >= own:
                yield f"By {words} the pretrained network is no better than a detector that is {say_model(name)}."
        if known["n_participants"].nunique() > 1:
            yield (
                f"The {words} of two models is not always a mean over the same people: it is undefined for a "
                "participant without seizures in whom nothing was detected."
            )


def _why(tables: LearnTables) -> str:
    """Name the likeliest reason why a network loses against less: how few people it has learned from."""
    split = tables.input_participant_split
    n = 0 if split is None else int((split["role"] == "train").sum())
    if not 0 < n < ENOUGH_PEOPLE:
        return ""
    return (
        f" The likeliest reason: {count(n, 'participant')} to learn from; a network must find in them what a "
        "regression on ready-made features is given, and pretraining saw no more people than that."
    )


def _intervals(tables: LearnTables) -> Iterator[str]:
    for scorer, metric, words in MAIN:
        rows = pick_scores(tables.report_score_summary, scorer, metric)
        for row in records(rows[rows["model"] == PRIMARY]):
            if pd.notna(row["mean"]) and (pd.isna(row["low"]) or pd.isna(row["high"])):
                people = count(row["n_participants"], "participant")
                yield f"The {words} of the pretrained network has no interval: {people} cannot give one."
            elif row["high"] - row["low"] > WIDE:
                shown = with_interval(row["mean"], row["low"], row["high"])
                yield f"The {words} of the pretrained network is known roughly only: {shown}."
            if pd.notna(row["mean"]) and int(row["n_seeds"]) == 1 and metric == "f1":
                yield "One seed was trained: how much chance in training matters was not measured."


def _hours(tables: LearnTables) -> Iterator[str]:
    if tables.input_participant_split is None:
        return
    short = {
        role: float(tables.of_role(role)["hours"].sum())
        for role in ("validation", "test")
        if float(tables.of_role(role)["hours"].sum()) < A_DAY
    }
    if short:
        parts = " and ".join(f"{role} has {decimal(hours)} h" for role, hours in short.items())
        fewest = min(hours for hours in short.values())
        one = f": one false alarm in {decimal(fewest)} h counts as {24 / fewest:.3g}" if fewest else ""
        yield f"{parts[0].upper()}{parts[1:]}, less than a day; false alarms per 24 h are extrapolated{one}."


def _points(tables: LearnTables) -> Iterator[str]:
    notes: dict[str, list[str]] = {}
    for row in records(
        primary_rows(tables.output_operating_points, seed=primary_seed(tables.output_predictions))
    ):
        if row.get("note"):
            notes.setdefault(str(row["note"]), []).append(str(row["target"]))
    for note, targets in notes.items():
        yield f"Operating points of the pretrained network ({', '.join(targets)}): {sentence(note)}"
    rows = pick_scores(tables.report_score_summary, "threshold_free", "ece")
    for row in records(rows[rows["model"] == PRIMARY]):
        if row["mean"] > MOST_ECE:
            yield (
                f"Probabilities of the pretrained network are off by {decimal(row['mean'])} on average (expected "
                "calibration error)."
            )


def _gates(tables: LearnTables) -> Iterator[str]:
    for row in records(tables.report_pretrain_gates):
        if pd.notna(row["passed"]) and not row["passed"]:
            yield f"Pretraining failed the gate {row['gate']}: {sentence(row['words'])}"
    history = tables.report_pretrain_history
    if history is not None and "is_best" in history and history["is_best"].any():
        best = int(history.loc[history["is_best"].astype(bool), "epoch"].max())
        if best == int(history["epoch"].max()) and len(history) > 1:
            yield "Pretraining was best in its last epoch: it was ended before it had learned what it could."


def _embedding(tables: LearnTables) -> Iterator[str]:
    rank, distance = tables.quality_of("effective_rank"), tables.quality_of("mean_distance")
    if (rank is not None and rank < LEAST_RANK) or (distance is not None and distance < LEAST_DISTANCE):
        yield (
            f"The embedding has collapsed (effective rank {decimal(rank)}, mean distance {decimal(distance)}): "
            "its maps show noise."
        )
    auroc = tables.quality_of("label_knn_auroc")
    if auroc is not None and auroc < HARDLY:
        yield (
            f"The embedding hardly tells seizures of unseen people (kNN AUROC {decimal(auroc)}; guessing is 0.50): "
            "what its maps show is rather who was recorded."
        )


def _data(tables: LearnTables) -> Iterator[str]:
    report = tables.int_ingest_report
    if report is not None and report["failed"].any():
        n_recordings = int((report["kind"] == "recording").sum())
        failed = count(int(report["failed"].sum()), "recording")
        yield f"{failed} of {n_recordings:,} could not be used; see ingest problems below."
    inventory = tables.int_inventory
    if inventory is not None and not inventory["annotated"].all():
        n = int((~inventory["annotated"].astype(bool)).sum())
        runs = f"{count(n, 'recording')} of {len(inventory):,}"
        yield f"Not annotated: {runs}. Nobody knows what they hold, and no score counts them."
    for row in records(tables.report_sampling):
        if row.get("advice"):
            yield f"Sampling of {row['split']}: {sentence(row['advice'])}"
