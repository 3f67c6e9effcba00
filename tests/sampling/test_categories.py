import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from eeg_kedro.sampling.categories import UNKNOWN, CategorizeOptions, category_codes, category_names, codes_of


def test_default_thresholds_are_exact():
    codes = category_codes(np.array([0, 1, 15359, 15360]), 15360, CategorizeOptions())
    assert codes.tolist() == [0, 1, 1, 2]


@pytest.mark.parametrize(("threshold", "full_from"), [(1.0, 2560), (0.99, 2535), (0.9, 2305)])
def test_full_begins_above_the_threshold_taken_as_a_decimal(threshold, full_from):
    options = CategorizeOptions(full_threshold=threshold)
    assert category_codes(np.array([full_from - 1, full_from]), 2560, options).tolist() == [1, 2]


def test_partial_begins_above_its_threshold():
    options = CategorizeOptions(partial_threshold=0.1)
    assert category_codes(np.array([256, 257]), 2560, options).tolist() == [0, 1]


def test_names_and_codes_are_inverse_and_missing_stays_missing():
    codes = np.array([2, UNKNOWN, 0, 1, 1], np.int8)
    names = pd.Series(category_names(codes))
    assert names.isna().tolist() == [False, True, False, False, False]
    assert codes_of(names).tolist() == codes.tolist()


@pytest.mark.parametrize(
    "wrong",
    [
        {"window_seconds": 0},
        {"full_threshold": 0.5, "partial_threshold": 0.5},
        {"npz_participant_pattern": "(?P<participant>.+)"},
        {"npz_participant_pattern": "("},
        {"windowseconds": 8},
    ],
)
def test_impossible_options_are_refused(wrong):
    with pytest.raises(ValidationError):
        CategorizeOptions(**wrong)
