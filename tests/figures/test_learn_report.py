import html
import re

import numpy as np
import pandas as pd
import pytest

from eeg_kedro.figures.calibration import draw_calibration
from eeg_kedro.figures.embedding_map import draw_by_label
from eeg_kedro.figures.event_timeline import draw_timelines
from eeg_kedro.figures.learn_report import SECTIONS, write_learn_report
from eeg_kedro.figures.learn_report_cautions import find_cautions
from eeg_kedro.figures.learn_report_missing import describe_missing
from eeg_kedro.figures.learn_report_summary import summarise
from eeg_kedro.figures.learn_report_tables import LearnTables, count, decimal, listed, percent, with_interval
from tests.figures.learn_tables import make_map, make_tables


@pytest.fixture(scope="module")
def given():
    tables = make_tables(15)
    table = make_map(tables)
    return {name: one for name, one in tables.items() if name != "output_embeddings"} | {
        "report_embedding_map": table
    }


@pytest.fixture(scope="module")
def figures(given):
    names = ("output_detections", "int_events", "output_predictions", "report_run_scores")
    return {
        "report_map_label_figure": draw_by_label(given["report_embedding_map"]),
        "report_timeline_figure": draw_timelines(*(given[name] for name in names), 5),
        "report_calibration_figure": draw_calibration(given["report_calibration"]),
    }


def doubts(given, **changes):
    return " ".join(find_cautions(LearnTables(**{**given, **changes})))


def text_of(page):
    bare = re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", " ", bare)).replace("\u00a0", " ")


def test_a_report_is_whole_small_and_loads_nothing(given, figures):
    page = write_learn_report(LearnTables(**given, figures=figures))
    assert page.count('class="figure"') == 3
    assert len(page) < 15e6
    assert not re.search(r'(src|href)\s*=\s*"(https?:)?//', page)
    assert page == write_learn_report(LearnTables(**given, figures=figures))


def test_every_section_is_there_and_predictions_are_no_diagnosis(given):
    page = write_learn_report(LearnTables(**given))
    assert page.count("<h2>") == 2 + len(SECTIONS)
    assert page.count("Not a medical device") == 4  # top, scores, recordings, bottom


def test_what_was_done_is_five_sentences_with_the_numbers_of_the_tables(given):
    said = summarise(LearnTables(**given))
    assert len(said) == 5
    assert "15.00 h of EEG in 30 recordings of 15 participants" in said[0]
    assert "9 for training, 3 for validation, 3 for test" in said[1]
    assert "12 epochs" in said[2]
    assert "3 of 4 gates" in said[2]
    assert "AUROC 0.91" in said[3]
    assert "3 seeds" in said[4]
    mean = given["report_score_summary"].query("model == 'pretrained' and metric == 'f1'")["mean"].iloc[0]
    assert f"fine-tuned from pretrained {mean:.2f} (" in said[4]


@pytest.mark.parametrize("name", [name for name in LearnTables.__dataclass_fields__ if name != "figures"])
def test_each_table_may_be_missing_or_empty(given, name):
    for table in (None, given[name].iloc[:0]):
        assert "What was not done" in write_learn_report(LearnTables(**{**given, name: table}))


def test_with_nothing_at_all_every_section_says_so():
    page = text_of(write_learn_report(LearnTables()))
    assert "Nothing was scored on test participants" in page
    assert page.count("(report_") + page.count("(output_") >= 12
    assert "nan" not in page.lower().split()


def test_no_cell_shows_a_nan(given):
    page = text_of(write_learn_report(LearnTables(**given)))
    assert not re.search(r"\b(nan|None|<NA>)\b", page)


@pytest.mark.parametrize("n_people", [1, 40])
def test_one_participant_and_forty_are_reported(n_people):
    tables = make_tables(n_people, windows_each=6)
    tables.pop("output_embeddings")
    assert f"of {count(n_people, 'participant')}" in text_of(write_learn_report(LearnTables(**tables)))


def test_failed_gates_few_people_and_lost_recordings_are_cautions(given):
    said = doubts(given)
    assert "failed the gate channel_diversity" in said
    assert "Operating points of the pretrained network (fa_1)" in said
    assert "3 test persons carry all scores" in said
    assert "1 recording of 31 could not be used" in said
    assert "Not annotated: 4 recordings of 30" in said
    assert "less than a day" in said
    assert "known roughly only" in said


def test_pretraining_that_cannot_be_told_or_did_not_help_is_a_caution(given):
    verdict = given["report_pretraining_verdict"]
    helped = {
        value: verdict.assign(helped=pd.array([value] * len(verdict), "boolean")) for value in (True, False)
    }
    assert "Whether pretraining helped cannot be told" in doubts(given)
    assert "Pretraining did not help" in doubts(given, report_pretraining_verdict=helped[False])
    assert "helped" not in doubts(given, report_pretraining_verdict=helped[True])


def test_a_rival_that_is_better_is_named(given):
    summary = given["report_score_summary"].copy()
    assert "is not the best" not in doubts(given)
    summary.loc[(summary["model"] == "line_length") & (summary["metric"] == "f1"), "mean"] = 0.99
    assert "line length + regression reaches 0.99" in doubts(given, report_score_summary=summary)


def test_scores_of_validation_are_not_taken_for_test(given):
    summary = given["report_score_summary"].assign(role="validation")
    assert "on whom thresholds were tuned" in doubts(given, report_score_summary=summary)
    page = write_learn_report(LearnTables(**{**given, "report_score_summary": summary}))
    assert "Scores on validation participants" in page


def test_a_collapsed_embedding_is_a_caution(given):
    quality = given["report_embed_quality"].copy()
    assert "collapsed" not in doubts(given)
    quality.loc[quality["metric"] == "effective_rank", "value"] = 1.2
    assert "The embedding has collapsed (effective rank 1.20" in doubts(given, report_embed_quality=quality)


def test_a_test_participant_that_was_trained_on_is_the_gravest_doubt(given):
    card = given["output_overlap_card"].assign(scored=True)
    first = find_cautions(LearnTables(**{**given, "output_overlap_card": card}))[0]
    assert first.startswith("Scored on people that were trained on: p01")


def test_no_seizure_in_test_is_a_caution_and_leaves_scores_undone():
    tables = make_tables(5, n_test_seizures=0)
    tables.pop("output_embeddings")
    assert "No test participant has an annotated seizure" in doubts(tables)
    undone = " ".join(describe_missing(LearnTables(**tables)).items)
    assert "test participants have no annotated seizure" in undone


def test_what_was_not_done_is_read_off_the_tables(given):
    few = given["output_predictions"].query("model != 'eegnet'")
    summary = given["report_score_summary"].assign(low=np.nan)
    changed = {**given, "output_predictions": few, "report_score_summary": summary}
    said = " ".join(describe_missing(LearnTables(**changed)).items)
    assert "Not compared with: EEGNet." in said
    assert "scores have no interval" in said
    assert "control gain: Not run" in said


def test_a_device_is_only_spoken_of_where_a_table_knows_it(given):
    known = given["report_finetune_history"].assign(device="cpu")
    assert (
        "No GPU was used."
        in describe_missing(LearnTables(**{**given, "report_finetune_history": known})).items
    )
    assert "No GPU was used." not in describe_missing(LearnTables(**given)).items


def test_the_embedding_is_told_by_test_participants_where_there_are_both(given):
    quality = given["report_embed_quality"]
    both = pd.concat([quality, quality.assign(role="validation", value=0.5)], ignore_index=True)
    assert LearnTables(report_embed_quality=both).quality_of("label_knn_auroc") == 0.91
    assert LearnTables(report_embed_quality=both.iloc[:0]).quality_of("label_knn_auroc") is None


def test_texts_of_files_are_escaped(given):
    ingest = given["int_ingest_report"].assign(reason="<script>alert(1)</script>", failed=True)
    assert "<script>alert" not in write_learn_report(LearnTables(**{**given, "int_ingest_report": ingest}))


def test_numbers_are_worded():
    assert (count(1, "seizure"), count(1200, "seizure")) == ("1 seizure", "1,200 seizures")
    assert with_interval(0.5, 0.25, 0.75) == "0.50 (0.25\u00a0to\u00a00.75)"
    assert with_interval(0.5, np.nan, 0.75) == "0.50"
    assert with_interval(np.nan, 0.1, 0.2) is None
    assert (decimal(-0.001), percent(0.004), percent(0.31), percent(0.0)) == ("0.00", "0.4 %", "31 %", "0 %")
    assert listed("abcd", most=2) == "a, b and 2 more"


def test_a_note_of_several_points_is_said_once(given):
    points = given["output_operating_points"].assign(note="too little validation")
    page = text_of(write_learn_report(LearnTables(**{**given, "output_operating_points": points})))
    assert page.count("oo little validation") == 2  # as a caution, and below the table
    assert "(event_f1, fa_1, fa_2.5, fa_5, fa_10)" in page
