"""Windows tables as small as a question needs them."""

import pandas as pd

from eeg_kedro.sampling.categories import CATEGORIES

STRIDE, SFREQ = 15.0, 256.0


def windows(participant, none=0, partial=0, full=0, unknown=0, run="1"):
    """Windows of one run: those nobody annotated first, then without, partial and full."""
    names = [None] * unknown
    for name, n in zip(CATEGORIES, (none, partial, full), strict=True):
        names += [name] * n
    columns = {"participant": participant, "run": run, "category": pd.array(names, dtype="str")}
    onset = [STRIDE * i for i in range(len(names))]
    table = pd.DataFrame(columns, index=range(len(names))).assign(onset=onset, duration=60.0, sfreq=SFREQ)
    samples = table["category"].map(dict(zip(CATEGORIES, (0, 5000, 15360), strict=True))).fillna(0)
    return table.assign(
        window_start_sample=(table["onset"] * SFREQ).astype("int64"),
        n_samples=15360,
        seizure_samples=samples.astype("int32"),
    )


def sides(**roles):
    """One participant per side, or several: ``sides(a="train", b="test")``."""
    table = pd.DataFrame({"participant": [*roles], "person": [*roles], "role": [*roles.values()]})
    return table.assign(split=table["role"])


def row(report, split):
    return report.set_index("split").loc[split]
