"""What can be run: each pipeline in reading order, then the named sums.

Explicit on purpose: ``find_pipelines`` narrows itself to the requested name (Kedro >= 1.5), and a sum built on it
breaks as soon as one asks for the sum.
"""

from kedro.pipeline import Pipeline

from eeg_kedro.pipelines import (
    balance,
    categorize,
    clean,
    embed,
    extract,
    fabricate,
    finetune,
    ingest,
    inspect,
    pretrain,
    report,
    score,
    window,
)

# from windows to an answer one can check
LEARN = ("pretrain", "embed", "finetune", "score", "report")


def register_pipelines() -> dict[str, Pipeline]:
    """Register the pipelines and their sums."""
    cleaning = clean.create_pipeline()  # lazy: it gives nothing a later run could start from
    single = {
        "fabricate": fabricate.create_pipeline(),
        "ingest": ingest.create_pipeline(),
        "clean": cleaning,
        "window": cleaning + window.create_pipeline(),
        "categorize": categorize.create_pipeline(),
        "inspect": inspect.create_pipeline(),
        "balance": balance.create_pipeline(),
        "extract": extract.create_pipeline(),
        "pretrain": pretrain.create_pipeline(),
        "embed": embed.create_pipeline(),
        "finetune": finetune.create_pipeline(),
        "score": score.create_pipeline(),
        "report": report.create_pipeline(),
    }
    process_primary = single["ingest"] + single["window"] + single["categorize"] + single["inspect"]
    sample = single["balance"]
    corpus_to_sample = process_primary + sample
    learn = sum((single[name] for name in LEARN), Pipeline([]))
    # the demo reads the fabricated corpus where a user's run reads raw_corpus
    on_fabricated = Pipeline(corpus_to_sample, inputs={"raw_corpus": "raw_fabricated"})
    return single | {
        "process_primary": process_primary,
        "sample": sample,
        "learn": learn,
        "demo": single["fabricate"] + on_fabricated + single["extract"] + learn,
        "__default__": corpus_to_sample,
    }
