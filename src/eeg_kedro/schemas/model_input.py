"""Tables of the layer 05_model_input: who is on which side, and what is drawn."""

from eeg_kedro.sampling.categories import CATEGORIES, MANIFEST_TYPES, TRAINING_COLUMNS
from eeg_kedro.sampling.folds import FOLD_TYPES
from eeg_kedro.sampling.pretrain_plan import PLAN_TYPES
from eeg_kedro.sampling.splits import ROLES, SPLIT_TYPES
from eeg_kedro.schemas.table_schema import TableSchema, at_least, not_above, one_of

SPLIT = TableSchema(
    "input_participant_split",
    SPLIT_TYPES,
    {"role": one_of(*ROLES), "n_windows": at_least(0)},
    missing=("hours",),
    unique=["participant"],
)
BALANCED = TableSchema(
    "input_balanced_windows",
    {name: MANIFEST_TYPES[name] for name in TRAINING_COLUMNS} | {"split": "str"},
    {
        "n_samples": at_least(1),
        "window_start_sample": at_least(0),
        "seizure_samples": at_least(0),
        "category": one_of(*CATEGORIES),
    },
    relations=[not_above("seizure_samples", "n_samples")],
)
FOLDS = TableSchema(
    "input_participant_folds",
    FOLD_TYPES,
    {"side": one_of("test", "rest")},
    unique=["fold", "participant", "inner_fold"],
)
PRETRAIN_PLAN = TableSchema(
    "input_pretrain_plan",
    PLAN_TYPES,
    {"side": one_of("train", "validation", "none"), "start_sample": at_least(0), "n_tokens": at_least(0)},
    missing=("x", "y", "z", "center", "spread"),
)
