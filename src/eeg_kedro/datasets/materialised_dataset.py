"""The materialised set: written once, kept while it is right, read through a map."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.io import AbstractDataset

from eeg_kedro.datasets.progress import Progress
from eeg_kedro.errors import StaleError, WindowError

if TYPE_CHECKING:
    from kedro_datasets._typing import TablePreview

    from eeg_kedro.sampling.windows.materialise import MaterialiseJob
    from eeg_kedro.sampling.windows.materialised import MaterialisedWindows

logger = logging.getLogger(__name__)
FEW_VALID = 0.5  # share of (window, channel) pairs below which the choice of channels is probably a mistake


class MaterialisedDataset(AbstractDataset["MaterialiseJob", "MaterialisedWindows"]):
    """A file on a local disk that is written by what is saved, unless it is there already.

    Parameters
    ----------
    filepath : str
        The file.
    metadata : dict, optional
        For plugins.
    """

    def __init__(self, *, filepath: str | os.PathLike[str], metadata: dict[str, Any] | None = None) -> None:
        self._filepath = Path(filepath)
        self.metadata = metadata

    def save(self, data: MaterialiseJob) -> None:
        """Write the set, or go on with what a killed run wrote of it; keep a file that is right.

        Raises
        ------
        DiskFullError, SignalError, StaleError, WindowError
            As `MaterialiseJob.write`.
        """
        name = self._filepath.name
        if self._fingerprint() == data.fingerprint:
            logger.info("%s: up to date, %d windows kept", name, data.header.n_windows)
        else:
            facts = data.write(self._filepath, _Log(name))
            logger.info("%s: %d windows, %.1f MB", name, facts["n_windows"], facts["n_bytes"] / 1e6)
        if data.header.valid_share < FEW_VALID:
            logger.warning(
                "%s: only %.0f %% of channels x windows hold a signal, the rest is zeros: "
                "balance.materialise.ch_names can name the channels that most recordings have",
                name,
                100 * data.header.valid_share,
            )

    def load(self) -> MaterialisedWindows:
        """Return a handle; nothing but the header is read until windows are asked for.

        Raises
        ------
        FileNotFoundError
            If the file is absent.
        WindowError, StaleError
            If it is damaged, or another version of this project wrote it.
        """
        from eeg_kedro.sampling.windows.materialised import MaterialisedWindows

        if not self._filepath.is_file():
            raise FileNotFoundError(
                f"no materialised set {self._filepath.name}: run `kedro run --pipelines=sample`"
            )
        return MaterialisedWindows(self._filepath)

    def preview(self) -> TablePreview:
        """Return what the file holds, for Kedro-Viz."""
        from kedro_datasets._typing import TablePreview

        found = self.load()
        facts = {
            "windows": len(found),
            "shape of a window": f"{len(found.ch_names)} channels x {found.n_samples} samples",
            "sampling rate (Hz)": found.sfreq,
            "type": str(found.dtype),
            "channels": ", ".join(found.ch_names),
            "channels x windows that hold a signal": f"{found.valid_share:.1%}",
            "megabytes": round(self._filepath.stat().st_size / 1e6, 1),
            "fingerprint": found.fingerprint,
        }
        rows = [[name, str(value)] for name, value in facts.items()]
        return TablePreview({"index": [*range(len(rows))], "columns": ["fact", "value"], "data": rows})

    def _fingerprint(self) -> str | None:
        """Return the fingerprint of the file if it is there and whole."""
        from eeg_kedro.sampling.windows.materialised import MaterialisedWindows

        try:
            return MaterialisedWindows(self._filepath).fingerprint
        except (WindowError, StaleError):
            return None

    def _exists(self) -> bool:
        return self._filepath.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._filepath.as_posix()}


class _Log:
    """Says now and then how many windows are written; those of a killed run do not count for the pace."""

    def __init__(self, name: str) -> None:
        self._name, self._progress = name, Progress(name, 0, 0)

    def __call__(self, done: int, total: int) -> None:
        if not self._progress.expected:
            self._progress = Progress(self._name, total, done)
        self._progress.done = done - self._progress.skipped
        self._progress.speak(at_once=False)
