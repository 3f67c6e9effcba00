"""The part of the report about detectors: scores, verdict, operating points, timelines, calibration, overlap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from eeg_kedro.figures.detectors import order_models, pick_scores, say_model, say_score
from eeg_kedro.figures.learn_report_tables import (
    LearnTables,
    decimal,
    listed,
    number,
    records,
    with_interval,
)
from eeg_kedro.figures.page_markup import DISCLAIMER, Caution, Section, Table
from eeg_kedro.scoring.window_outcomes import PRIMARY, TARGET, primary_rows, primary_seed

MOST_RUNS = 40
# scorer, metric, heading, decimals
MAIN = (
    ("szcore_event", "f1", "event F1", 2),
    ("szcore_event", "sensitivity", "event sensitivity", 2),
    ("szcore_event", "precision", "event precision", 2),
    ("szcore_event", "fa_per_24h", "false alarms per 24 h", 1),
    ("threshold_free", "auprc", "AUPRC", 2),
    ("threshold_free", "auroc", "AUROC", 2),
    ("threshold_free", "brier", "Brier score", 3),
    ("threshold_free", "ece", "calibration error", 3),
)
SHOWN = ("sensitivity", "f1", "fa_per_24h", "auprc", "auroc")
POINT_COLUMNS = (
    *("detector", "seed", "chosen for", "threshold", "lower threshold", "opening (s)", "closing (s)"),
    *("shortest (s)", "merge gap (s)", "F1", "sensitivity", "false alarms per 24 h"),
)
Row = dict[str, Any]


def describe_scores(tables: LearnTables) -> Section:
    """Write the section on scores: the figure, the main table, every other score."""
    heading, summary = f"Scores on {tables.scored_role} participants", tables.report_score_summary
    if summary is None:
        return Section(heading, (Caution(DISCLAIMER), "Nothing was scored.", *_figure(tables, "scores")))
    intro = (
        "Settings were chosen on validation participants alone and applied once. Events count by SzCORE's rules: those "
        "less than 90 s apart are one, those longer than 300 s are cut, any overlap counts, 30 s before and 60 s after "
        "a seizure are tolerated; so numbers differ from the bars drawn below. SzCORE by seconds and NEDC EPOCH count "
        "seconds, not events, NEDC TAES fractions of events. Means over participants and seeds; in brackets the "
        "95 % bootstrap interval over participants. The best of a column has a star; the pretrained network is tinted."
    )
    models = order_models(summary["model"])
    return Section(
        heading,
        (
            Caution(DISCLAIMER),
            intro,
            *_figure(tables, "scores"),
            _main(summary, models),
            *_other(summary, models),
        ),
    )


def _figure(tables: LearnTables, name: str) -> Iterator[object]:
    figure = tables.figures.get(f"report_{name}_figure")
    if figure is not None:
        yield figure


def _main(summary: pd.DataFrame, models: list[str]) -> Table:
    picked = [
        {row["model"]: row for row in records(pick_scores(summary, scorer, metric))}
        for scorer, metric, _, _ in MAIN
    ]
    shown = [place for place, rows in enumerate(picked) if rows]
    rows = tuple(
        (say_model(name), *(_cell(picked[place].get(name), MAIN[place][3]) for place in shown))
        for name in models
    )
    marked = frozenset(place for place, name in enumerate(models) if name == PRIMARY)
    return Table(("detector", *(MAIN[place][2] for place in shown)), rows, marked=marked)


def _cell(row: Row | None, digits: int) -> str | None:
    if row is None:
        return None
    written = with_interval(row["mean"], row["low"], row["high"], digits)
    return f"{written}\u00a0*" if written and row["best"] is True else written


def _other(summary: pd.DataFrame, models: list[str]) -> Iterator[object]:
    """List the means by other rules, over everything at once, and at fixed rates of false alarms."""
    known = summary.assign(target=summary["target"].fillna(""))
    is_event, is_macro = known["scorer"] == "szcore_event", known["average"] == "macro"
    is_main = known["target"].isin(["", TARGET])
    of_rules = is_main & ~is_event & (known["scorer"] != "threshold_free") & is_macro
    together = is_main & ~is_macro & (is_event | (known["scorer"] == "threshold_free"))
    parts = (
        ("By other rules (NEDC: Shah et al. 2021), at the same operating point. Means over seeds.", of_rules),
        ("All recordings taken together (micro) instead of a mean over participants.", together),
        (
            "At operating points that gave at most 1 to 10 false alarms per 24 h on validation.",
            ~is_main & is_event & is_macro,
        ),
    )
    for words, chosen in parts:
        rows = tuple(_means(known[chosen & known["metric"].isin(SHOWN)], models))
        if rows:
            yield words
            yield Table(("scored by", "score", "operating point", *map(say_model, models)), rows)
    yield f"{len(summary):,} means with their intervals are in report_score_summary, single seeds in report_scores."


def _means(chosen: pd.DataFrame, models: list[str]) -> Iterator[tuple[object, ...]]:
    for (target, scorer, metric), own in chosen.groupby(["target", "scorer", "metric"], sort=False):
        means = dict(zip(own["model"], own["mean"], strict=True))
        named = (say_score(scorer), say_score(metric), str(target))
        yield (*named, *(number(means.get(name)) for name in models))


def describe_verdict(tables: LearnTables) -> Section:
    """Write the section that says whether pretraining helped."""
    heading, verdict = "Did pretraining help?", tables.report_pretraining_verdict
    if verdict is None:
        return Section(heading, ("It was not compared with anything.",))
    scratch = [row for row in records(verdict) if "scratch" in str(row["comparison"])]
    plain = [f"{_helped(row)} ({say_score(row['metric'])}): {row['words']}." for row in scratch]
    rows = tuple(
        (
            row["comparison"].replace("_", " "),
            say_score(row["metric"]),
            _difference(row),
            _helped(row).lower(),
        )
        for row in records(verdict)
    )
    columns = ("comparison", "score", "difference (95 % interval)", "is the pretrained one better?")
    return Section(heading, (*(text.replace("..", ".") for text in plain), Table(columns, rows)))


def _difference(row: Row) -> str | None:
    return with_interval(row["difference"], row["low"], row["high"])


def _helped(row: Row) -> str:
    return "Cannot be told" if pd.isna(row["helped"]) else "Yes" if row["helped"] else "No"


def describe_points(tables: LearnTables) -> Section:
    """Write the section on operating points."""
    heading, points = "Operating points", tables.output_operating_points
    if points is None:
        return Section(heading, ("No operating point was chosen.",))
    mine = primary_rows(points, seed=primary_seed(tables.output_predictions))
    rest = points.loc[(points["target"] == TARGET) & ~points.index.isin(mine.index)]
    order = {name: place for place, name in enumerate(order_models(points["model"]))}
    rest = rest.assign(place=rest["model"].map(order)).sort_values(["place", "seed"], kind="stable")
    rows = tuple(_point(row) for row in (*records(mine), *records(rest)))
    intro = "How probabilities become events, and what that gave on validation: optimistic, for it was chosen there."
    figure = _figure(tables, "operating_points")
    return Section(heading, (intro, *figure, Table(POINT_COLUMNS, rows), *_notes(points)))


def _point(row: Row) -> tuple[object, ...]:
    spans = ("opening_seconds", "closing_seconds", "minimum_seconds", "merge_seconds")
    gained = (decimal(row["validation_f1"]), decimal(row["validation_sensitivity"]))
    shape = (number(row[name]) for name in ("threshold", "low_threshold", *spans))
    named = (say_model(row["model"]), row["seed"], row["target"])
    return (*named, *shape, *gained, decimal(row["validation_fa_per_24h"], 1))


def _notes(points: pd.DataFrame) -> Iterator[str]:
    """Say once what was noted, and of which points."""
    noted = points.loc[points["note"].fillna("") != ""]
    for note, own in noted.groupby("note", sort=False):
        who = listed(map(say_model, order_models(own["model"])))
        yield f"{who} ({', '.join(dict.fromkeys(map(str, own['target'])))}): {note}."


def describe_timelines(tables: LearnTables) -> Section:
    """Write the section on single recordings."""
    scores = primary_rows(tables.report_run_scores, seed=primary_seed(tables.output_predictions))
    if tables.output_predictions is None:
        return Section("Recordings: annotated and detected", ("Nothing was predicted.",))
    items: list[object] = [Caution(DISCLAIMER), *_figure(tables, "timeline")]
    if len(scores):
        worst = scores.assign(errors=scores["n_seizures"] - scores["n_detected"] + scores["n_false"])
        worst = worst.sort_values(["errors", "participant", "run"], ascending=[False, True, True])
        columns = (
            "participant",
            "run",
            "EEG (h)",
            "annotated",
            "seizures",
            "found",
            "false alarms",
            "per 24 h",
        )
        rows = tuple(_run(row) for row in records(worst.head(MOST_RUNS)))
        items.append(Table(columns, rows, is_sortable=True))
        rest = len(worst) - MOST_RUNS
        items += [f"{rest:,} more recordings in report_run_scores."] if rest > 0 else []
    return Section("Recordings: annotated and detected", tuple(items))


def _run(row: Row) -> tuple[object, ...]:
    key = (row["participant"], row["run"], decimal(row["duration"] / 3600))
    if row["annotated"] is not True:
        return (*key, "no", None, None, None, None)
    rate = decimal(row["fa_per_24h"], 1)
    return (*key, "yes", row["n_seizures"], row["n_detected"], row["n_false"], rate)


def describe_calibration(tables: LearnTables) -> Section:
    """Write the section on calibration."""
    intro = (
        "Of all seconds to which a model gives a probability of 0.3, three in ten should be seizure. Where few seconds "
        "are behind a point (below), it says little."
    )
    if tables.report_calibration is None:
        return Section("Calibration", ("No probability was compared with the truth.",))
    return Section("Calibration", (intro, *_figure(tables, "calibration")))


def describe_overlap(tables: LearnTables) -> Section:
    """Write the section on who was trained on."""
    heading, card = "Who each model has seen", tables.output_overlap_card
    if card is None:
        return Section(heading, (Caution("Which participants each model was trained on was not checked."),))
    seen = card["scored"].eq(True) & (card["used_for"] == "train")
    said = (
        f"{int(seen.sum()):,} of the participants trained on are scored, too."
        if seen.any()
        else "No participant that is scored was trained on, CHB-MIT's 01 and 21 taken for the one person they are."
    )
    rows = []
    for (stage, name), own in card.groupby(["stage", "name"], sort=False):
        who = {
            use: sorted({*own.loc[own["used_for"] == use, "participant"]}) for use in ("train", "validation")
        }
        rows.append((stage, name, *(_people(names) for names in who.values())))
    columns = ("stage", "model", "trained on", "validated on")
    return Section(heading, (said, Table(columns, tuple(rows))))


def _people(names: list[str]) -> str:
    return f"{len(names):,}: {listed(names)}" if names else "nobody"
