"""Tables of the layer 07_model_output: what models say."""

from eeg_kedro.sampling.splits import ROLES
from eeg_kedro.schemas.table_schema import TableSchema, at_least, floats, one_of
from eeg_kedro.scoring.detections import DETECTION_TYPES
from eeg_kedro.scoring.operating_points import OPERATING_TYPES
from eeg_kedro.scoring.overlap_card import CARD_TYPES
from eeg_kedro.scoring.prediction_types import PREDICTION_TYPES

PREDICTIONS = TableSchema(
    "output_predictions",
    PREDICTION_TYPES,
    {"role": one_of(*ROLES), "duration": at_least(0)},
    missing=floats(PREDICTION_TYPES),
)
OVERLAP_CARD = TableSchema("output_overlap_card", CARD_TYPES)
OPERATING_POINTS = TableSchema(
    "output_operating_points",
    OPERATING_TYPES,
    {"n_participants": at_least(0)},
    missing=floats(OPERATING_TYPES),
)
DETECTIONS = TableSchema(
    "output_detections",
    DETECTION_TYPES,
    {"onset": at_least(0), "duration": at_least(0)},
    missing=("confidence",),
)
