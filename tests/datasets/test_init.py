import subprocess
import sys

import pytest

import eeg_kedro.datasets


def test_a_name_that_is_no_dataset_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = eeg_kedro.datasets.Nothing


def test_a_worker_imports_neither_plotly_nor_pandas_nor_dask():
    heavy = {"plotly", "pandas", "distributed", "joblib"}
    code = f"import sys, eeg_kedro.datasets.partition_worker; sys.exit(bool({heavy} & {{*sys.modules}}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
