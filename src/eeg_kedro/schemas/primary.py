"""Tables of the layers 03_primary and 04_feature: windows, their quality, their categories."""

from eeg_kedro.corpora.channel_quality import CHANNEL_COLUMNS
from eeg_kedro.corpora.component_table import COMPONENT_COLUMNS
from eeg_kedro.corpora.recording_quality import COLUMNS as RECORDING_COLUMNS
from eeg_kedro.sampling.categories import CATEGORIES, MANIFEST_TYPES
from eeg_kedro.sampling.segments import SEGMENT_TYPES
from eeg_kedro.schemas.table_schema import TableSchema, at_least, floats, not_above, one_of, within

QUALITY = ("quality", "artefact_share", "snr_db")  # missing where nobody looked
SECOND_TYPES = {
    "participant": "category",
    "run": "category",
    "second": "int32",
    "score": "float32",
    "artefact_share": "float32",
    "snr_db": "float32",
}

MANIFEST = TableSchema(
    "prm_window_manifest",
    MANIFEST_TYPES,
    {
        "onset": at_least(0),
        "seizure_samples": at_least(0),
        "n_samples": at_least(1),
        "category": one_of(*CATEGORIES),
        "window_start_sample": at_least(0),
        "sfreq": within(1e-6, 1e7),
        "quality": within(0, 1),
        "artefact_share": within(0, 1),
    },
    missing=("category", "labels", *QUALITY),
    relations=[not_above("seizure_samples", "n_samples")],
)
RECORDING_QUALITY = TableSchema(
    "prm_recording_quality",
    RECORDING_COLUMNS,
    {"state": one_of("done", "failed"), "n_times": at_least(0), "score": within(0, 1)},
    missing=floats(RECORDING_COLUMNS),
    unique=["participant", "run"],
)
CHANNEL_QUALITY = TableSchema(
    "prm_channel_quality",
    CHANNEL_COLUMNS,
    {"score": within(0, 1)},
    missing=floats(CHANNEL_COLUMNS),
    unique=["participant", "run", "channel"],
)
ICA_COMPONENTS = TableSchema(
    "prm_ica_components",
    COMPONENT_COLUMNS,
    {"component": at_least(0), "probability": within(0, 1)},
    missing=floats(COMPONENT_COLUMNS),
    unique=["participant", "run", "component"],
)
SECOND_QUALITY = TableSchema(
    "prm_second_quality",
    SECOND_TYPES,
    {"second": at_least(0), "score": within(0, 1), "artefact_share": within(0, 1)},
    missing=floats(SECOND_TYPES),
)
SEGMENTS = TableSchema(
    "feat_segments",
    SEGMENT_TYPES,
    {"segment_start_sample": at_least(0), "n_samples": at_least(1), "seizure_samples": at_least(0)},
    missing=("labels", *QUALITY),
    relations=[not_above("seizure_samples", "n_samples")],
)
