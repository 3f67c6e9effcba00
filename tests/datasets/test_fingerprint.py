import os
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_tables import TinyOptions, TinySource, make_table, read_number

from eeg_kedro.datasets import TableDataset, WindowParquetDataset
from eeg_kedro.datasets.fingerprint import describe_task
from eeg_kedro.errors import SignalError

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


class Colour(Enum):
    RED = 1


class Other(TinyOptions):
    pass


@dataclass
class Pair:
    left: object
    right: object


def taking(*args, **kwargs):
    return args, kwargs


def print_of(*args, **kwargs):
    return describe_task(partial(taking, *args, **kwargs)).fingerprint


@given(PLAIN)
def test_equal_arguments_give_equal_fingerprints(value):
    import copy

    assert print_of(value) == print_of(copy.deepcopy(value))


@given(PLAIN, PLAIN)
def test_different_arguments_give_different_fingerprints(one, other):
    same = repr(one) == repr(other)  # repr tells 1 from True and from 1.0, and takes nan for nan
    assert same or print_of(one) != print_of(other) or one == other


def test_the_order_of_a_mapping_does_not_count():
    assert print_of({"a": 1, "b": 2}, x=1, y=2) == print_of({"b": 2, "a": 1}, y=2, x=1)


def test_the_order_of_a_set_does_not_count():
    assert print_of({"FZ", "CZ", "PZ"}) == print_of({"PZ", "FZ", "CZ"})


def test_a_list_a_tuple_and_an_array_of_strings_are_the_same_parameter():
    assert print_of(["FZ"]) == print_of(("FZ",)) == print_of(np.array(["FZ"], dtype=object))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, "1"), (1, 1.0), (None, "None"), (["a", "b"], ["ab"]), ([1, [2]], [[1], 2]),
        ({"a": 1}, [["a", 1]]),
        (TinyOptions(scale=1), TinyOptions(scale=2)), (TinyOptions(), Other()), (Colour.RED, 1),
        (np.zeros(2), np.zeros(3)), (np.zeros(2), np.zeros(2, dtype="f4")), (0.1 + 0.2, 0.3),
        (Pair(1, 2), Pair(2, 1)), (partial(taking, 1), partial(taking, 2)), (np.mean, np.std),
    ],
)  # fmt: skip
def test_these_are_told_apart(one, other):
    assert print_of(one) != print_of(other)


def test_numpy_scalars_count_as_the_number_they_hold():
    assert print_of(np.float64(0.5), np.int64(3)) == print_of(0.5, 3)


@pytest.mark.parametrize(
    "value",
    [object(), Path("a.edf"), lambda: 1, partial(lambda: 1), "x".upper, iter([]), TinyOptions().model_dump],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_stable_description_is_refused(value):
    with pytest.raises(TypeError, match="cannot fingerprint"):
        print_of(value)


def test_a_source_counts_by_name_size_and_time_but_not_by_where_the_corpus_lies(tmp_path):
    for root in ("here", "there"):
        (tmp_path / root).mkdir()
        (tmp_path / root / "a.edf").write_text("1")
        os.utime(tmp_path / root / "a.edf", ns=(5, 5))
    here, there = (TinySource(str(tmp_path / root), "a.edf") for root in ("here", "there"))
    assert print_of(here) == print_of(there)
    os.utime(here.path, ns=(6, 6))
    assert print_of(here) != print_of(there)


def test_sources_are_found_however_deep_they_are(sources):
    file = sources["p1_r0"]
    nested = partial(make_table, partial(read_number, file), TinyOptions())
    assert describe_task(nested).sources == ((file, file.stamp()),)


def test_a_source_that_is_gone_is_a_typed_error(sources):
    sources["p1_r0"].path.unlink()
    with pytest.raises(SignalError, match="gone"):
        print_of(sources["p1_r0"])


def test_the_load_of_another_dataset_counts_by_its_file(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(b"1")
    before = print_of(WindowParquetDataset(filepath=path).load)
    assert print_of(WindowParquetDataset(filepath=path).load) == before
    path.write_bytes(b"22")
    assert print_of(WindowParquetDataset(filepath=path).load) != before
    path.unlink()
    with pytest.raises(SignalError, match=r"a\.parquet: the file is gone"):
        print_of(WindowParquetDataset(filepath=path).load)


def test_the_writer_and_its_options_count():
    task = partial(taking, 1)
    prints = [
        describe_task(task, TableDataset, {}),
        describe_task(task, TableDataset, {"save_args": {}}),
        describe_task(task, WindowParquetDataset, {}),
    ]
    assert len({it.fingerprint for it in prints}) == 3


def test_a_value_made_in_advance_has_no_fingerprint():
    assert describe_task(np.zeros(3)).fingerprint is None


def test_the_fingerprint_is_the_same_in_another_process():
    import subprocess
    import sys

    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from functools import partial; from tiny_tables import TinyOptions, make_table\n"
        "from eeg_kedro.datasets.fingerprint import describe_task\n"
        "print(describe_task(partial(make_table, {'b', 'a'}, TinyOptions())).fingerprint)"
    )
    answers = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        for _ in "ab"
    }
    assert len(answers) == 1
