"""Predictions, scores and what is made of them, for the tables of the report: made up but consistent."""

import numpy as np
import pandas as pd

MODELS = ("pretrained", "scratch", "eegnet", "band_power", "line_length", "always_on", "always_off")
TRAINED = MODELS[:3]
SKILL = dict(zip(MODELS, (0.85, 0.7, 0.6, 0.5, 0.45, 1.0, 0.0), strict=True))
RUN_SECONDS = 1800.0


def seeds_of(model, n_seeds):
    return range(n_seeds) if model in TRAINED else range(1)


def make_predictions(inventory, events, split, n_seeds, random):
    unseen = split[split["role"] != "train"].set_index("participant")["role"]
    rows = []
    for row in inventory[inventory["participant"].isin(unseen.index)].to_dict("records"):
        truth = np.zeros(int(RUN_SECONDS))
        own = events[(events["participant"] == row["participant"]) & (events["run"] == row["run"])]
        for onset, duration in own[["onset", "duration"]].to_numpy():
            truth[int(onset) : int(onset + duration)] = 1
        key = {name: row[name] for name in ("participant", "run", "duration")}
        for model in MODELS:
            for number in seeds_of(model, n_seeds):
                noise = np.convolve(random.normal(0, 0.5, truth.size), np.ones(15) / 15, "same")
                curve = np.clip(0.05 + SKILL[model] * 0.8 * truth + noise, 0, 1)
                curve = np.full(truth.size, SKILL[model]) if model.startswith("always") else curve
                rows.append(
                    {"model": model, "name": f"{model}_s{number}", "seed": number, **key}
                    | {"role": unseen[row["participant"]], "probability": curve.astype(np.float32)}
                )
    return pd.DataFrame(rows).assign(prior_trained=0.17, prior_true=0.03)


def make_detections(predictions):
    rows = []
    for row in predictions.to_dict("records"):
        above = np.r_[False, row["probability"] >= 0.5, False].astype(np.int8)
        starts, stops = np.flatnonzero(np.diff(above) == 1), np.flatnonzero(np.diff(above) == -1)
        for start, stop in zip(starts, stops, strict=True):
            key = {name: row[name] for name in ("model", "seed", "participant", "run")}
            top = float(row["probability"][start:stop].max())
            rows.append(key | {"onset": float(start), "duration": float(stop - start), "confidence": top})
    columns = ["model", "seed", "participant", "run", "onset", "duration", "confidence"]
    return pd.DataFrame(rows, columns=columns).assign(target="event_f1")


def make_points(n_seeds, split):
    n = int((split["role"] == "validation").sum())
    rows = [
        {"model": model, "seed": seed, "target": target, "threshold": 0.5, "low_threshold": 0.4}
        | {"validation_f1": 0.7, "validation_sensitivity": 0.8, "validation_fa_per_24h": 6.0}
        | {"n_participants": n, "n_seizures": 4 * n, "note": _point_note(target)}
        for model in MODELS
        for seed in seeds_of(model, n_seeds)
        for target in ("event_f1", "fa_1", "fa_2.5", "fa_5", "fa_10")
    ]
    shape = {"opening_seconds": 0.0, "closing_seconds": 5.0, "minimum_seconds": 10.0, "merge_seconds": 30.0}
    return pd.DataFrame(rows).assign(**shape)


def _point_note(target):
    return "2 h of validation cannot show so few false alarms" if target == "fa_1" else ""


def make_scores(predictions, events, inventory, split, n_seeds, random):
    tested = split[split["role"] == "test"]
    n, hours = len(tested), float(tested["hours"].sum())
    seizures = int(tested["n_seizures"].sum())
    about = {"n_participants": n, "n_seizures": seizures, "hours": hours}
    wanted = [("event_f1", "szcore_event", name) for name in ("f1", "sensitivity", "precision", "fa_per_24h")]
    wanted += [("", "threshold_free", name) for name in ("auprc", "auroc", "brier", "ece")]
    wanted += [("event_f1", "nedc_ovlp", name) for name in ("sensitivity", "fa_per_24h")]
    wanted += [("fa_5", "szcore_event", name) for name in ("sensitivity", "fa_per_24h")]
    each, mean = [], []
    for model in MODELS:
        for target, scorer, metric in wanted:
            middle = _middle(model, metric) if seizures or metric == "fa_per_24h" else np.nan
            values = middle * random.uniform(0.9, 1.1, len(seeds_of(model, n_seeds)))
            key = {"target": target, "scorer": scorer, "average": "macro", "metric": metric, **about}
            reach = {"low": 0.75 * middle, "high": 1.2 * middle}
            each += [
                {"model": model, "seed": place, "role": "test", "value": value, **reach, **key}
                for place, value in enumerate(values)
            ]
            spread = values.std(ddof=1) if len(values) > 1 else np.nan
            mean.append({"model": model, "mean": values.mean(), "sd": spread, **reach, **key})
    summary = pd.DataFrame(mean).assign(n_seeds=n_seeds, role="test")
    summary["best"] = (summary["model"] == "pretrained") & summary["mean"].notna()
    return {
        "report_scores": pd.DataFrame(each),
        "report_score_summary": summary,
        "report_pretraining_verdict": _verdict(summary, n, n_seeds),
        "report_run_scores": _run_scores(predictions, inventory),
        "report_calibration": _calibration(n_seeds, random),
    }


def _middle(model, metric):
    if metric == "fa_per_24h":
        return {"always_on": 280.0, "always_off": 0.0}.get(model, 12 * (1.05 - SKILL[model]))
    if metric in ("brier", "ece"):
        return 0.05 + 0.1 * (1 - SKILL[model])
    return 0.0 if model == "always_off" else 0.2 if model == "always_on" else 0.9 * SKILL[model]


def _verdict(summary, n, n_seeds):
    means = summary[(summary["metric"] == "f1") & (summary["target"] == "event_f1")].set_index("model")[
        "mean"
    ]
    rows = []
    for rival in MODELS[1:]:
        gain = means["pretrained"] - means[rival]
        helped = None if rival == "scratch" or np.isnan(gain) else True
        words = (
            f"Event F1 differs by {gain:+.2f} from {rival}"
            + ("; with so few participants this may be chance" if helped is None else "")
            if np.isfinite(gain)
            else "Nobody can tell: no test participant has a seizure"
        )
        rows.append(
            (f"pretrained vs {rival}", "szcore_event f1", gain, gain - 0.2, gain + 0.2, helped, words)
        )
    columns = ["comparison", "metric", "difference", "low", "high", "helped", "words"]
    table = pd.DataFrame(rows, columns=columns).assign(n_participants=n, n_seeds=n_seeds)
    return table.assign(helped=table["helped"].astype("boolean"))


def _run_scores(predictions, inventory):
    keys = predictions[predictions["role"] == "test"][["model", "seed", "participant", "run", "duration"]]
    table = keys.merge(inventory[["participant", "run", "annotated"]], on=["participant", "run"])
    place = np.arange(len(table))
    table = table.assign(n_seizures=2, n_detected=2 - place % 2, n_false=place % 3)
    table["fa_per_24h"] = table["n_false"] * 86400 / table["duration"]
    counts = ["n_seizures", "n_detected", "n_false"]
    table[counts] = table[counts].where(table["annotated"], 0)
    return table


def _calibration(n_seeds, random):
    low = np.linspace(0, 0.9, 10)
    parts = []
    for model in MODELS:
        for seed in seeds_of(model, n_seeds):
            predicted = low + 0.05
            observed = np.clip(predicted ** (2 - SKILL[model]) + random.normal(0, 0.02, 10), 0, 1)
            counts = (7000 * np.exp(-4 * low)).astype("int64")
            table = pd.DataFrame({"bin_low": low, "bin_high": low + 0.1, "predicted": predicted})
            parts.append(table.assign(observed=observed, n=counts, model=model, seed=seed, role="test"))
    return pd.concat(parts, ignore_index=True)
