import pandas as pd
import pytest

TABLE = "time,FP1,F3\n" + "".join(f"{i / 100},{i},{-i}\n" for i in range(500))
EVENTS = "onset\tduration\teventType\n1\t2\tsz\n"


def test_a_table_with_a_sidecar_is_a_recording(corpus):
    corpus.text("p_1.csv", TABLE)
    corpus.text("p_1.json", '{"sfreq": 100, "unit": "mV", "reference": "Cz"}')
    corpus.text("p_1_events.tsv", EVENTS)
    (row,) = corpus.survey().inventory.to_dict("records")
    assert (row["source_format"], row["sfreq"], row["n_times"], row["reference"]) == ("csv", 100, 500, "Cz")
    assert (row["ch_names"], row["unit_scales"], row["n_seizures"]) == (["FP1", "F3"], [1000, 1000], 1)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_rate_and_unit_may_come_from_the_options(corpus, suffix):
    corpus.text("p_1.csv", TABLE)
    if suffix == ".parquet":
        pd.read_csv(corpus.root / "p_1.csv").to_parquet(corpus.root / "p_1.parquet")
        (corpus.root / "p_1.csv").unlink()
    inventory = corpus.survey("csv", csv_sfreq=100, csv_unit="uV").inventory
    assert (inventory["sfreq"][0], inventory["n_times"][0]) == (100, 500)


def test_a_table_without_rate_is_refused_by_name(corpus):
    corpus.text("p_1.csv", TABLE)
    row = corpus.row(corpus.survey("csv"), "p_1.csv")
    assert (row["status"], row["failed"]) == ("refused", True)
    assert "ingest.csv_sfreq" in row["remedy"]


def test_a_broken_sidecar_is_named(corpus):
    corpus.text("p_1.csv", TABLE)
    corpus.text("p_1.json", "{")
    survey = corpus.survey("csv")
    assert "no JSON object" in corpus.row(survey, "p_1.json")["reason"]
    assert corpus.row(survey, "p_1.csv")["status"] == "refused"


NO_JSON = {"brackets": "[" * 200_000, "digits": '{"sfreq": ' + "9" * 5000 + "}", "text": "{"}
HUGE = '{"sfreq": ' + "9" * 400 + ', "unit": "uV"}'


@pytest.mark.parametrize("content", [*NO_JSON.values(), HUGE], ids=[*NO_JSON, "huge"])
def test_one_bad_sidecar_stops_neither_the_batch_nor_the_look_for_a_layout(corpus, content):
    corpus.text("p_1.csv", TABLE)
    corpus.text("p_1.json", content)
    corpus.text("q_1.csv", TABLE)
    corpus.text("q_1.json", '{"sfreq": 100, "unit": "uV"}')
    survey = corpus.survey()
    assert survey.inventory["participant"].tolist() == ["q"]
    assert corpus.row(survey, "p_1.csv")["failed"]
    assert len(corpus.row(survey, "p_1.csv")["reason"]) < 300


@pytest.mark.parametrize("stated", ['"Haagse, Harry"', '{"patient": "Harry"}', "5", '["Cz"]'])
def test_a_reference_that_is_none_is_not_taken_over_but_told(corpus, stated):
    corpus.text("p_1.csv", TABLE)
    corpus.text("p_1.json", f'{{"sfreq": 100, "unit": "uV", "reference": {stated}}}')
    survey = corpus.survey("csv")
    assert survey.inventory["reference"][0] == "unknown"
    assert "the reference that the sidecar states is none we know" in corpus.row(survey, "p_1.csv")["reason"]
    assert "Harry" not in str([table.to_dict() for table in survey.tables])
