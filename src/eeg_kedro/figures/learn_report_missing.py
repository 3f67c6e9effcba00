"""What was not done: read off what is absent, empty or not a number."""

from __future__ import annotations

from collections.abc import Iterator

from eeg_kedro.figures.detectors import order_models, say_model, say_score
from eeg_kedro.figures.learn_report_tables import LearnTables, count, listed, records
from eeg_kedro.figures.page_markup import Section
from eeg_kedro.scoring.window_outcomes import primary_rows, primary_seed

# table -> what its absence means
ABSENT = {
    "int_inventory": "The recordings were not listed (int_inventory).",
    "int_ingest_report": "What became of each file is not on record (int_ingest_report).",
    "prm_recording_quality": "The quality of the recordings was not judged (prm_recording_quality).",
    "report_categories": "Windows were not counted per participant (report_categories).",
    "report_sampling": "No balanced set was drawn (report_sampling).",
    "input_participant_split": "Participants were not split (input_participant_split).",
    "report_pretrain_history": "No encoder was pretrained (report_pretrain_history).",
    "report_pretrain_gates": "No pretrained encoder was measured (report_pretrain_gates).",
    "report_embed_history": "No embedding was trained (report_embed_history).",
    "report_embed_quality": "The embedding was not measured (report_embed_quality).",
    "report_embedding_map": "No map was made (report_embedding_map).",
    "report_finetune_history": "No detector was fine-tuned (report_finetune_history).",
    "output_predictions": "Nothing was predicted (output_predictions).",
    "output_operating_points": "No operating point was chosen (output_operating_points).",
    "output_detections": "Probabilities were not turned into events (output_detections).",
    "report_score_summary": "Nothing was scored (report_score_summary).",
    "report_pretraining_verdict": "Nobody asked whether pretraining helped (report_pretraining_verdict).",
    "report_calibration": "Probabilities were not compared with the truth (report_calibration).",
    "output_overlap_card": "Nobody checked who was trained on (output_overlap_card).",
}
EXPECTED = ("pretrained", "scratch", "eegnet", "band_power", "line_length", "always_on", "always_off")


def describe_missing(tables: LearnTables) -> Section:
    """Write the section: one sentence for each thing that was left undone."""
    finders = (_tables, _gates, _models, _recordings, _scores, _participants, _machine)
    found = [text for find in finders for text in find(tables)]
    always = (
        "No one but the annotators has looked at these recordings for this report: no second reader, no test at "
        "another site, no trial over time. Nothing here shows that a detector helps a patient."
    )
    return Section("What was not done", (*found, always))


def _tables(tables: LearnTables) -> Iterator[str]:
    absent = tables.absent()
    yield from (words for name, words in ABSENT.items() if name in absent)


def _gates(tables: LearnTables) -> Iterator[str]:
    gates = tables.report_pretrain_gates
    if gates is not None:
        unknown = gates.loc[gates["value"].isna()]
        yield from (f"Gate {row['gate'].replace('_', ' ')}: {row['words']}." for row in records(unknown))


def _models(tables: LearnTables) -> Iterator[str]:
    predictions = tables.output_predictions
    if predictions is not None:
        absent = [name for name in EXPECTED if name not in {*predictions["model"]}]
        if absent:
            yield f"Not compared with: {listed(map(say_model, absent))}."


def _recordings(tables: LearnTables) -> Iterator[str]:
    runs = primary_rows(tables.report_run_scores, seed=primary_seed(tables.output_predictions))
    if len(runs):
        unknown = runs.loc[~runs["annotated"].eq(True)]
        if len(unknown):
            runs_said = count(len(unknown), "recording")
            yield f"{runs_said} of test participants: predicted, but not scored, since nobody annotated them."
        lost = runs.loc[runs["annotated"].eq(True) & runs["n_seizures"].isna()]
        if len(lost):
            yield (
                f"{count(len(lost), 'recording')} of test participants: annotated, but scored for no model, since "
                f"one could not predict it: {listed(sorted({*lost['note'].astype(str)}))}."
            )


def _scores(tables: LearnTables) -> Iterator[str]:
    summary = tables.report_score_summary
    if summary is None:
        return
    unknown = summary.loc[summary["mean"].isna() & summary["target"].isin(["", "event_f1"])]
    if len(unknown) and not int(summary["n_seizures"].fillna(0).max()):
        yield "Sensitivity, F1 and AUPRC were not computed: test participants have no annotated seizure."
    elif len(unknown):
        for model in order_models(unknown["model"]):
            names = dict.fromkeys(
                say_score(f"{row['scorer']} {row['metric']}")
                for row in records(unknown[unknown["model"] == model])
            )
            yield f"Undefined for {say_model(model)}: {listed(names)}."
    no_interval = summary.loc[summary["mean"].notna() & (summary["low"].isna() | summary["high"].isna())]
    if len(no_interval):
        yield f"{len(no_interval):,} of {len(summary):,} scores have no interval: too few participants to draw from."


def _participants(tables: LearnTables) -> Iterator[str]:
    table = tables.report_embedding_map
    if table is None:
        return
    everybody = table.loc[table["panel"] == "all"]
    without = len({*everybody["participant"]} - {*table["panel"]})
    if without:
        people = count(without, "participant")
        yield (
            f"{people} without a map of their own: too few windows (report.maps.fewest_points), or more people "
            "than report.maps.most_participants."
        )
    first = everybody.iloc[0] if len(everybody) else None
    if first is not None and first["n_shown"] < first["n_total"]:
        yield f"The maps show {first['n_shown']:,} of {first['n_total']:,} windows."


def _machine(tables: LearnTables) -> Iterator[str]:
    """Say on what nothing was trained, where the histories know it, and that they do not know it else."""
    histories = [tables.report_pretrain_history, tables.report_embed_history, tables.report_finetune_history]
    devices = {
        str(device) for one in histories if one is not None and "device" in one for device in one["device"]
    }
    if devices and not any("cuda" in device for device in devices):
        yield "No GPU was used."
    elif not devices:
        yield (
            "The tables do not say on which machines, or on how many processes, the models were trained; no speed "
            "was compared."
        )
