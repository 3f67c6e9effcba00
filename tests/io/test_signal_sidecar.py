import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeg_kedro.errors import SignalError
from eeg_kedro.io.signal_sidecar import name_channels, read_rate, read_unit
from eeg_kedro.io.source_file import SourceFile

TABLE = SourceFile("/nowhere", "p_1.csv")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.integers(10**300, 10**400),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@pytest.mark.parametrize("sfreq", [10**400, "9" * 400, -(10**400), float("inf"), [256], True, None, "nan"])
def test_what_is_no_rate_is_a_short_error(sfreq):
    with pytest.raises(SignalError, match="sfreq") as caught:
        read_rate(TABLE, {"sfreq": sfreq})
    assert len(caught.value.reason) < 250


@pytest.mark.parametrize("names", [5, "FP1", {"FP1": 1}, [["FP1"]], [1, 2]])
def test_what_is_no_list_of_names_is_an_error(names):
    with pytest.raises(SignalError, match="`ch_names` are no names"):
        name_channels(TABLE, (), 2, {"ch_names": names})


@given(VALUES)
def test_nothing_a_sidecar_can_state_stops_with_another_error(value):
    sidecar = json.loads(json.dumps({"sfreq": value, "unit": value, "ch_names": value}))
    for read in (read_rate, read_unit, lambda file, told: name_channels(file, (), 2, told)):
        with suppress(SignalError):
            read(TABLE, sidecar)
