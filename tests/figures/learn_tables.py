"""All tables that the report of `learn` reads, made up but consistent: for pictures and for tests."""

from unittest.mock import patch

import numpy as np
import pandas as pd

from eeg_kedro.scoring.embedding_map import map_embeddings
from eeg_kedro.scoring.map_options import MapOptions
from eeg_kedro.scoring.planar_maps import map_by_pca
from tests.figures.learn_scores import (
    RUN_SECONDS,
    TRAINED,
    make_detections,
    make_points,
    make_predictions,
    make_scores,
)

SEIZURES_PER_RUN = 2
CATEGORIES = ("no_seizure", "partial_seizure", "full_seizure")


def make_tables(n_people=12, n_seeds=3, n_test_seizures=None, windows_each=60, seed=0):
    """Make the tables by their catalog names, for so many participants of two runs each."""
    random = np.random.default_rng(seed)
    people = _people(n_people)
    inventory = _inventory(people)
    events = _events(inventory, random, n_test_seizures)
    found = events.drop_duplicates(["participant", "run", "onset"]).groupby(["participant", "run"]).size()
    keys = pd.MultiIndex.from_frame(inventory[["participant", "run"]])
    inventory = inventory.assign(n_seizures=found.reindex(keys, fill_value=0).to_numpy())
    split = _split(people, inventory, events)
    predictions = make_predictions(inventory, events, split, n_seeds, random)
    embeddings = _embeddings(split, events, windows_each, random)
    return {
        "int_inventory": inventory,
        "int_events": events,
        "int_ingest_report": _ingest(inventory),
        "prm_recording_quality": inventory[["participant", "run", "duration"]].assign(
            state="done", score=random.uniform(0.6, 0.95, len(inventory)), error="", remedy=""
        ),
        "report_categories": _categories(split),
        "report_sampling": _sampling(split),
        "input_participant_split": split,
        "report_pretrain_gates": _gates(),
        "report_pretrain_history": _history(12, "mamba2_eeg_d128_l6_m40_mae", 0.9),
        "report_embed_history": _embed_history(),
        "report_embed_quality": _embed_quality(),
        "report_finetune_history": _finetune_history(n_seeds),
        "output_embeddings": embeddings,
        "output_predictions": predictions,
        "output_operating_points": make_points(n_seeds, split),
        "output_detections": make_detections(predictions),
        **make_scores(predictions, events, inventory, split, n_seeds, random),
        "output_overlap_card": _card(split, n_seeds),
    }


def make_map(tables, **options):
    """Map the embeddings by PCA twice: UMAP takes ten seconds to compile, and pictures need none of it."""
    given = (tables["output_predictions"], tables["output_operating_points"])
    with patch("eeg_kedro.scoring.embedding_map.map_by_umap", lambda points, _: map_by_pca(points)):
        return map_embeddings(tables["output_embeddings"], MapOptions(**options), *given)


def _people(n_people):
    if n_people == 1:
        return [("p01", "test")]
    n_held = max(1, n_people // 5)
    roles = ["train"] * (n_people - 2 * n_held) + ["validation"] * n_held + ["test"] * n_held
    return [(f"p{place + 1:02d}", role) for place, role in enumerate(roles)]


def _inventory(people):
    rows = [(name, f"s001-t{run:03d}", RUN_SECONDS) for name, _ in people for run in range(2)]
    table = pd.DataFrame(rows, columns=["participant", "run", "duration"])
    return table.assign(sfreq=256.0, annotated=[place % 7 != 5 for place in range(len(table))])


def _events(inventory, random, n_test_seizures):
    rows = []
    for row in inventory.to_dict("records"):
        if not row["annotated"] or n_test_seizures == 0:
            continue
        for place in range(SEIZURES_PER_RUN):
            onset = place * RUN_SECONDS / 2 + random.uniform(60, RUN_SECONDS / 2 - 200)
            for channel in ("C3", "C4"):
                rows.append((row["participant"], row["run"], onset, random.uniform(20, 110), channel))
    table = pd.DataFrame(rows, columns=["participant", "run", "onset", "duration", "channel"])
    return table.assign(label="seiz", kind="seizure", confidence=1.0)


def _split(people, inventory, events):
    table = pd.DataFrame(people, columns=["participant", "role"])
    n_seizures = events.drop_duplicates(["participant", "run", "onset"]).groupby("participant").size()
    hours = inventory.groupby("participant")["duration"].sum() / 3600
    return table.assign(
        person=table["participant"],
        split=table["role"],
        origin="drawn",
        n_runs=2,
        hours=table["participant"].map(hours),
        n_seizures=table["participant"].map(n_seizures).fillna(0).astype("Int64"),
        n_windows=230,
        partial_windows=12,
        seizure_windows=14,
    )


def _ingest(inventory):
    good = inventory[["participant", "run"]].assign(
        path="ok.edf", kind="recording", status="taken", reason="", remedy="", failed=False
    )
    broken = good.iloc[:1].assign(
        run="s002-t000",
        path="edf/p01/s002.edf",
        status="refused",
        reason="the header says 12 records, the file has 9 (found 9); allowed: 12",
        remedy="copy the file again",
        failed=True,
    )
    return pd.concat([good, broken], ignore_index=True)


def _categories(split):
    counts = {"no_seizure": 216, "partial_seizure": 12, "full_seizure": 2, "unannotated_windows": 0}
    table = split[["participant", "hours", "n_windows"]].assign(n_recordings=2, **counts)
    texts = dict.fromkeys(("short_runs", "failed_runs", "unannotated_runs", "refused_files"), "")
    return table.assign(n_refused_files=0, **texts)


def _sampling(split):
    rows = []
    for role, own in split.groupby("role", sort=False):
        n, partial = len(own), 12 * len(own)
        counts = {"partial": partial, "full": 2 * n, "none": 216 * n}
        drawn = {"partial": partial, "full": min(2 * n, 3 * partial // 10), "none": 30 * n}
        rows.append(
            {"split": role, "role": role, "n_participants": n, "n_persons": n, "n_runs": 2 * n}
            | {"hours": own["hours"].sum(), "n_seizures": own["n_seizures"].sum(), "n_windows": 230 * n}
            | {"unannotated_windows": 0, "n_drawn": sum(drawn.values()), "seizure_hours": 0.03 * n}
            | {f"{name}_available": count for name, count in counts.items()}
            | {f"{name}_drawn": count for name, count in drawn.items()}
            | {"prior": 0.06, "drawn_prior": 0.31, "prior_samples": 0.03, "drawn_prior_samples": 0.17}
            | {"seed": 0, "advice": "9 of 12 windows wanted" if role == "validation" else ""}
        )
    return pd.DataFrame(rows)


def _gates():
    rows = [
        ("leaked_share", 0.0, 0.0, True, "No masked sample is visible anywhere in its sequence"),
        ("masked_loss", 0.61, np.nan, None, "Of the model, on masked tokens of 76 sequences of 2 people"),
        ("gain_over_best_trivial", 0.14, 0.0, True, "The model beat the best trivial predictor by 14 %"),
        ("position_correlation", 0.35, 0.9, True, "Position alone explains 12 % of the output"),
        ("channel_diversity", 0.02, 0.05, False, "2.0 % lies between channels: the model goes by the place"),
        ("control_gain", np.nan, 0.02, None, "Not run: pretrain.gates.control_steps is 0"),
    ]
    table = pd.DataFrame(rows, columns=["gate", "value", "limit", "passed", "words"])
    return table.assign(passed=table["passed"].astype("boolean"), model="mamba2_eeg_d128_l6_m40_mae")


def _history(n_epochs, model, start, **columns):
    epochs = np.arange(n_epochs)
    falling = start * np.exp(-epochs / 5) + 0.4
    table = pd.DataFrame({"epoch": epochs, "step": 20 * (epochs + 1), "train_loss": falling, "lr": 1e-3})
    table = table.assign(validation_loss=falling + 0.05, tokens_per_second=5e4, seconds=3.0)
    best = epochs == int(table["validation_loss"].argmin())
    return table.assign(is_best=best, peak_memory_megabytes=900.0, model=model, **columns)


def _embed_history():
    model = "mamba2_eeg_d128_l6_m40_mae_embedder_supcon"
    parts = [
        _history(5, model, 0.8, stage=stage, validation_label_knn_auroc=0.8)
        for stage in ("patients", "seizures")
    ]
    return pd.concat(parts, ignore_index=True)


def _embed_quality():
    rows = [
        (
            "label_knn_auroc",
            0.91,
            "of a seizure and another window, the seizure is ranked higher in 91 % of pairs",
        ),
        (
            "label_probe_auroc",
            0.88,
            "a straight cut through the embeddings separates the labels with AUROC 0.88",
        ),
        (
            "participant_probe_accuracy",
            0.74,
            "the participant can be told from 74 % of windows; chance is 50 %",
        ),
        ("effective_rank", 9.3, "the embeddings use about 9 directions"),
        ("alignment", 0.42, "windows of one label are 0.42 apart (squared)"),
        ("uniformity", -2.1, "the embeddings are spread over the sphere"),
        ("mean_distance", 1.2, "two windows are 1.2 apart on average"),
    ]
    return pd.DataFrame(rows, columns=["metric", "value", "words"]).assign(n=240, role="test")


def _finetune_history(n_seeds):
    runs = [(model, seed) for model in TRAINED for seed in range(n_seeds)]
    parts = [_history(6, model, 0.6, seed=seed, name=f"{model}_s{seed}") for model, seed in runs]
    return pd.concat(parts, ignore_index=True)


def _card(split, n_seeds):
    seen = split[split["role"] != "test"]
    used = seen.assign(used_for=seen["role"], scored=False)[["participant", "person", "used_for", "scored"]]
    parts = [used.assign(model="mamba2", name="mamba2_eeg", seed=0, stage="pretrain")]
    parts += [
        used.assign(model=model, name=f"{model}_s{seed}", seed=seed, stage="finetune")
        for model in TRAINED
        for seed in range(n_seeds)
    ]
    return pd.concat(parts, ignore_index=True)


def _embeddings(split, events, windows_each, random):
    rows = []
    for name, role in split[["participant", "role"]].to_numpy():
        center, own = random.normal(0, 1, 16), events[events["participant"] == name].to_dict("records")
        for number in range(windows_each):
            run, onset = f"s001-t{number % 2:03d}", float(random.uniform(0, RUN_SECONDS - 60))
            if own and number % 3 == 0:
                seizure = own[number % len(own)]
                run, onset = seizure["run"], max(0.0, seizure["onset"] + random.uniform(-50, 20))
            covered = max((_covered(one, run, onset) for one in own), default=0.0)
            category = CATEGORIES[(covered > 0) + (covered >= 59.9)]
            vector = center + random.normal(0, 0.4, 16) + 1.5 * (covered > 0) * np.eye(16)[0]
            rows.append(
                {"participant": name, "run": run, "onset": onset, "duration": 60.0, "role": role}
                | {"category": category, "label": int(covered > 0), "embedding": vector.astype(np.float32)}
            )
    return pd.DataFrame(rows)


def _covered(event, run, onset):
    stop = min(event["onset"] + event["duration"], onset + 60)
    return (event["run"] == run) * max(0.0, stop - max(event["onset"], onset))
