from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from eeg_kedro.errors import SignalError
from eeg_kedro.io.source_file import SourceFile
from eeg_kedro.io.spectrogram_columns import (
    hms_columns,
    is_spectrogram,
    match_columns,
    read_spectrogram_facts,
)

GRID = [Decimal("0.1953125") * step for step in range(3, 103)]
CHAINS = ("LL", "RL", "LP", "RP")


def _columns(rounding):
    rounded = [format(freq.quantize(Decimal("0.01"), rounding).normalize(), "f") for freq in GRID]
    return ("time", *(f"{chain}_{freq}" for chain in CHAINS for freq in rounded))


@pytest.fixture
def write(tmp_path):
    def spectrogram(columns=None, time=None, **replaced):
        time = np.arange(1, 600, 2) if time is None else time
        data = (
            dict.fromkeys(columns or hms_columns(), np.ones(len(time), np.float32))
            | {"time": time}
            | replaced
        )
        pq.write_table(pa.table(data), tmp_path / "5.parquet")
        return SourceFile(str(tmp_path), "5.parquet")

    return spectrogram


def test_names_are_rounded_half_up():
    assert hms_columns() == _columns(ROUND_HALF_UP)
    assert len(hms_columns()) == 401


def test_names_of_any_rounding_are_matched_to_the_same_frequencies():
    python = ("time", *(f"{chain}_{round(float(freq), 2):g}" for chain in CHAINS for freq in GRID))
    for columns in (
        python,
        _columns(ROUND_DOWN),
        ("time", *(f"{c}_{float(f)}" for c in CHAINS for f in GRID)),
    ):
        matched = match_columns(columns)
        assert (matched.missing, matched.repeated, matched.extra) == ((), (), ())
        called = dict(matched.renamed)
        assert [called.get(name, name) for name in columns] == [*hms_columns()]
    assert dict(match_columns(python).renamed).keys() == {f"{c}_{f}" for c in CHAINS for f in (3.12, 15.62)}


def test_other_frequencies_are_not_matched():
    matched = match_columns((*hms_columns(), "LL_0.39", "LL_20.12", "LL_3.2", "XX_3.13", "LL_", "patient"))
    assert len(matched.extra) == 6
    assert not is_spectrogram(("time", "Fp1", "LL_3.13"))


def test_a_file_of_the_competition_is_described(write):
    assert read_spectrogram_facts(write()) == (300, 1.0, (), ())
    assert read_spectrogram_facts(write(columns=hms_columns()[::-1], note=["x"] * 300)) == (
        300,
        1.0,
        (),
        ("note",),
    )
    assert read_spectrogram_facts(write(time=np.arange(601.0, 1201, 2))).first_time == 601


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"columns": hms_columns()[:-2]}, "2 columns of a spectrogram are missing"),
        ({"LL_3.12": [1.0] * 300}, "two columns of a spectrogram are one"),
        ({"LL_3.13": ["a"] * 300}, "hold no numbers"),
        ({"time": ["a"] * 300}, "hold no numbers"),
        ({"time": np.arange(300)}, "not two seconds apart"),
        ({"time": [1.0, None, 5.0], "columns": hms_columns()}, "not two seconds apart"),
        ({"time": np.zeros(0, np.int64)}, "no rows"),
    ],
)
def test_what_is_wrong_is_told(write, wrong, what):
    with pytest.raises(SignalError, match=what):
        read_spectrogram_facts(write(**wrong))
