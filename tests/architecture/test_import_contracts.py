"""The import contracts hold, and each one breaks on a planted violation."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"

PLANTED = [
    ("every import runs downhill", "signal/planted.py", "import eeg_kedro.io.source_file"),
    (
        "a pipeline never imports a pipeline",
        "pipelines/clean/planted.py",
        "import eeg_kedro.pipelines.window",
    ),
    ("domain packages do not know kedro, mlflow or dash", "sampling/planted.py", "import mlflow"),
    ("signal and io know no torch, no plotly", "signal/planted.py", "import plotly"),
    ("signal and io know no torch, no plotly", "sampling/planted.py", "import torch"),
    ("models and losses know torch only", "models/planted.py", "import numpy"),
    ("models and losses know torch only", "losses/planted.py", "import pandas"),
    ("every import runs downhill", "models/planted.py", "import eeg_kedro.training"),
    ("every import runs downhill", "scoring/planted.py", "import eeg_kedro.training"),
    ("labels know numpy and pandas only", "labels/planted.py", "import scipy"),
]


def lint(folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache", "--config", str(PROJECT / "pyproject.toml")],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Contracts" in done.stdout, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(
        PROJECT / "src" / "eeg_kedro", tmp_path / "eeg_kedro", ignore=shutil.ignore_patterns("__pycache__")
    )
    return tmp_path


def test_every_contract_is_kept(copy):
    assert "BROKEN" not in lint(copy)


@pytest.mark.parametrize(
    ("contract", "module", "line"), PLANTED, ids=[f"{name}: {line}" for name, _, line in PLANTED]
)
def test_a_planted_import_breaks_its_contract(copy, contract, module, line):
    (copy / "eeg_kedro" / module).write_text(line + "\n")
    assert f"{contract} BROKEN" in lint(copy)


def test_torch_sequences_may_import_torch(copy):
    (copy / "eeg_kedro/sampling/sequences/planted.py").write_text("import torch\n")
    assert "BROKEN" not in lint(copy)


HEAVY = ("torch", "mne", "sklearn", "mlflow", "umap", "safetensors")
START = "import sys; {line}; print(*[name for name in {heavy} if name in sys.modules])"
REGISTRY = "from eeg_kedro.pipeline_registry import register_pipelines; register_pipelines()"


def loaded_by(line):
    command = [sys.executable, "-c", START.format(line=line, heavy=HEAVY)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def test_listing_pipelines_loads_nothing_heavy():
    assert loaded_by(REGISTRY) == []


def test_a_heavy_import_is_seen():
    assert loaded_by("import torch") == ["torch"]
