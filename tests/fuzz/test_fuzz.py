"""Every parser on bytes of strangers: its seeds are read, what once broke it no longer does, nor do mutations.

`make fuzz` runs ten thousand cases per parser; here it is a few hundred.
"""

import random
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eeg_kedro.errors import EegError
from tests.fuzz.limits import LimitError, check
from tests.fuzz.run import mutate
from tests.fuzz.seeds import SEEDS
from tests.fuzz.targets import TARGETS, THREADED

FOUND = sorted((Path(__file__).parent / "found").glob("*"))
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="alarms are of POSIX")


def test_every_target_has_seeds():
    assert set(SEEDS) == set(TARGETS)


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_every_seed_is_read_by_its_parser(tmp_path, target):
    name, parse = TARGETS[target]
    for seed in SEEDS[target]:
        assert check(parse, tmp_path, name, seed, memory=target not in THREADED)


@pytest.mark.parametrize("path", FOUND, ids=[path.name for path in FOUND])
def test_what_once_broke_a_parser_no_longer_does(tmp_path, path):
    target = path.name.rsplit("-", 1)[0]
    name, parse = TARGETS[target]
    check(parse, tmp_path, name, path.read_bytes(), memory=target not in THREADED)


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_a_few_hundred_mutations_break_nothing(tmp_path, target):
    name, parse = TARGETS[target]
    rng = random.Random(target)
    for turn in range(150):
        memory = turn % 10 == 0 and target not in THREADED
        check(parse, tmp_path, name, mutate(rng.choice(SEEDS[target]), rng), memory=memory)


@pytest.mark.parametrize("target", sorted(TARGETS))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.one_of(
        st.binary(max_size=600), st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))
    )
)
def test_any_bytes_at_all_break_nothing(tmp_path, target, data):
    name, parse = TARGETS[target]
    check(parse, tmp_path, name, data, memory=False)


def test_a_parser_that_hangs_is_seen(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.fuzz.limits.MOST_SECONDS", 0.05)
    with pytest.raises(LimitError, match="longer than"):
        check(lambda file: time.sleep(5), tmp_path, "a", b"", memory=False)


def test_a_parser_that_takes_too_much_memory_is_seen(tmp_path):
    with pytest.raises(LimitError, match="bytes of memory"):
        check(lambda file: bytes(5 << 20), tmp_path, "a", b"", memory=True)


def test_any_error_but_a_typed_one_is_seen(tmp_path):
    with pytest.raises(KeyError):
        check(lambda file: {}["a"], tmp_path, "a", b"", memory=False)

    def refuse(file):
        raise EegError("no")

    assert not check(refuse, tmp_path, "a", b"", memory=False)
