"""Fingerprints of code: what the program says, not how it is laid out or documented."""

from __future__ import annotations

import ast
import hashlib
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import eeg_kedro

# the layers a recording passes through in a worker; what lies above them only plans or looks
RECORDING_LAYERS = ("errors.py", "io", "labels", "signal")
NUMERIC_PACKAGES = (
    "PyWavelets", "mne", "mne-icalabel", "numpy", "onnxruntime", "pyarrow", "python-picard", "scikit-learn", "scipy",
)  # fmt: skip
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def recording_code() -> str:
    """Hash the code every recording passes through and the versions of the packages it computes with."""
    root = Path(eeg_kedro.__file__).parent
    digest = hashlib.sha256(repr(sys.version_info[:2]).encode())
    for name in NUMERIC_PACKAGES:
        digest.update(f"{name} {_version(name)}\n".encode())
    for layer in RECORDING_LAYERS:
        place = root / layer
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(f"{path.relative_to(root).as_posix()} {_file_code(path)}\n".encode())
    return digest.hexdigest()


@cache
def module_code(name: str) -> str:
    """Hash the code of one module; compiled modules are covered by the versions of the packages."""
    file = getattr(sys.modules.get(name), "__file__", None)
    if file is None and name == "__main__":
        raise TypeError("a function typed at a prompt has no source to fingerprint: put it in a module")
    return _file_code(Path(file)) if file and file.endswith(".py") else name


def _file_code(path: Path) -> str:
    tree = ast.parse(path.read_bytes())
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"
