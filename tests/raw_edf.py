"""EDF files written byte by byte, so that every field can hold what no library would write."""

import numpy as np

from eeg_kedro.io.edf_fields import SIGNAL_FIELDS

DEFAULTS = {
    "transducer": b"AgAgCl electrode",
    "dimension": b"uV",
    "physical_min": b"-500",
    "physical_max": b"500",
    "digital_min": b"-32768",
    "digital_max": b"32767",
    "prefilter": b"HP:0.1Hz LP:75Hz N:50Hz",
    "reserved": b"",
}


def signal(label, n_samples=256, **fields):
    return DEFAULTS | {"label": label, "samples_per_record": str(n_samples).encode()} | fields


def texts(n_samples=64, **fields):
    """Describe an annotation signal."""
    return signal(b"EDF Annotations", n_samples, transducer=b"", dimension=b"", prefilter=b"", **fields)


def edf_bytes(
    signals,
    patient=b"X X X X",
    recording=b"Startdate X X X X",
    start=b"02.03.0210.11.12",
    reserved=b"",
    n_records=4,
    claimed=None,
    annotations=(),
    width=2,
    version=b"0",
    duration=b"1",
    seed=0,
):
    """Compose a file; ``annotations`` are the bytes of the annotation signals of each record, first to last."""
    n = len(signals)
    fixed = [(version, 8), (patient, 80), (recording, 80), (start, 16), (str(256 * (n + 1)).encode(), 8)]
    fixed += [(reserved, 44), (str(n_records if claimed is None else claimed).encode(), 8), (duration, 8)]
    header = b"".join(value.ljust(size)[:size] for value, size in [*fixed, (str(n).encode(), 4)])
    for name, size in SIGNAL_FIELDS.items():
        header += b"".join(one[name].ljust(size)[:size] for one in signals)
    rng, told = np.random.default_rng(seed), iter(annotations)
    body = b""
    for _ in range(n_records):
        for one in signals:
            size = int(one["samples_per_record"]) * width
            body += next(told, b"").ljust(size, b"\0") if b"Annot" in one["label"] else rng.bytes(size)
    return header + body
