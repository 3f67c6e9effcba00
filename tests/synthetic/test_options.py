from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from eeg_kedro.synthetic.options import FabricateOptions

CONF = Path(__file__).resolve().parents[2] / "conf/base/parameters/fabricate.yml"


def test_the_configuration_states_the_defaults():
    stated = yaml.safe_load(CONF.read_text())["fabricate"]
    assert stated.pop("seed") == "${globals:seed}"  # one seed for the project, 0 unless changed
    assert FabricateOptions(**stated) == FabricateOptions()


@pytest.mark.parametrize(
    "wrong",
    [
        {"layouts": ["edf"]},
        {"layouts": []},
        {"participants": 0},
        {"minutes": 0.5},
        {"seizure_rate": -1},
        {"tusz_sfreqs": [255]},
        {"participant": 3},
    ],
)
def test_a_wrong_value_or_name_is_refused(wrong):
    with pytest.raises(ValidationError):
        FabricateOptions(**wrong)


def test_no_two_recordings_share_a_seed():
    options = FabricateOptions()
    seeds = [options.run_seed(layout, n, r) for layout in options.layouts for n in range(5) for r in range(5)]
    assert len({*seeds}) == len(seeds)
