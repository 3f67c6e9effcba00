"""The columns of ``output_predictions``: one row per model, seed and run."""

PREDICTION_TYPES = {
    "model": "str",
    "name": "str",
    "seed": "int64",
    "participant": "str",
    "run": "str",
    "role": "str",
    "duration": "float64",
    "probability": "object",
    "prior_trained": "float64",
    "prior_true": "float64",
    "note": "str",
}
