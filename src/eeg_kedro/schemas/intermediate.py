"""Tables of the layer 02_intermediate: what the corpus holds, in our words."""

from eeg_kedro.corpora.recording import (
    EVENT_COLUMNS,
    INVENTORY_COLUMNS,
    REPORT_COLUMNS,
    VOTE_COLUMNS,
    VOTE_NAMES,
)
from eeg_kedro.corpora.recording_facts import READERS
from eeg_kedro.labels.seizure_labels import LabelKind
from eeg_kedro.schemas.table_schema import (
    TableSchema,
    at_least,
    distinct,
    named,
    one_of,
    same_length,
    whole,
    within,
)

RUN = {"participant": named(), "run": named()}
_CLASS = f"({'|'.join(VOTE_NAMES)})"
CONSENSUS = rf"{_CLASS}|tie:{_CLASS}(\|{_CLASS})+"
KINDS = tuple(kind.value for kind in LabelKind)

INVENTORY = TableSchema(
    "int_inventory",
    INVENTORY_COLUMNS,
    {
        **RUN,
        "split": one_of("", "train", "dev", "eval"),
        "sfreq": within(1e-6, 1e7),
        "n_times": at_least(1),
        "segment": at_least(0),
        "first_sample": at_least(0),
        "time_offset": at_least(0),
        "montage": one_of("referential", "bipolar", "unknown"),
        "n_seizures": at_least(0),
        "seizure_seconds": at_least(0),
        "sex": one_of("", "F", "M"),
        "age_band": whole(r"|\d{1,2}-\d{1,2}|90\+", "an age band such as 45-49"),
        "source_format": one_of(*READERS),
    },
    unique=["participant", "run"],
    relations=[
        distinct("ch_names"),
        same_length("ch_names", "recorded_names", "picks", "unit_scales"),
        same_length("aux_names", "aux_kinds", "aux_picks", "aux_scales"),
    ],
)
EVENTS = TableSchema(
    "int_events",
    EVENT_COLUMNS,
    # -1 sample: of a recording that is not here and whose rate nothing states
    {
        **RUN,
        "onset": at_least(0),
        "duration": at_least(0),
        "onset_sample": at_least(-1),
        "n_samples": at_least(-1),
        "kind": one_of(*KINDS),
        "confidence": within(0, 1),
    },
    missing=("confidence",),
)
INGEST_REPORT = TableSchema(
    "int_ingest_report",
    REPORT_COLUMNS,
    {
        "kind": one_of("recording", "annotation", "sidecar", "other"),
        "status": one_of("taken", "repaired", "refused"),
    },
    unique=["path"],
)
VOTES = TableSchema(
    "int_votes",
    VOTE_COLUMNS,
    {
        **RUN,
        "onset": at_least(0),
        "duration": within(1e-6, 1e7),
        "consensus": whole(CONSENSUS, "one class, or a stated tie of several"),
        **{f"{name}_votes": at_least(0) for name in VOTE_NAMES},
        "n_votes": at_least(1),
    },
    missing=("spectrogram_onset",),
    unique=["participant", "run", "sub_id"],
)
