"""Kedro adapters: the only door to disk.

The classes are found on first use, so that a worker which needs one of them does not import Plotly for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eeg_kedro.datasets.checkpoint_dataset import CheckpointDataset
    from eeg_kedro.datasets.corpus_folder_dataset import CorpusFolderDataset
    from eeg_kedro.datasets.electrode_file import ElectrodeFileDataset
    from eeg_kedro.datasets.figure import FigureDataset
    from eeg_kedro.datasets.folder_listing_dataset import FolderListingDataset
    from eeg_kedro.datasets.html_page import HtmlPageDataset
    from eeg_kedro.datasets.label_table_file import LabelTableDataset
    from eeg_kedro.datasets.materialised_dataset import MaterialisedDataset
    from eeg_kedro.datasets.model_dataset import ModelDataset
    from eeg_kedro.datasets.model_folder_dataset import ModelFolderDataset
    from eeg_kedro.datasets.parallel_partitions import ParallelPartitionedDataset
    from eeg_kedro.datasets.table import TableDataset
    from eeg_kedro.datasets.text_files import TextFilesDataset
    from eeg_kedro.datasets.window_parquet_dataset import WindowParquetDataset
    from eeg_kedro.datasets.written_table import WrittenTableDataset

_MODULES = {
    "CheckpointDataset": "checkpoint_dataset",
    "CorpusFolderDataset": "corpus_folder_dataset",
    "ElectrodeFileDataset": "electrode_file",
    "FigureDataset": "figure",
    "FolderListingDataset": "folder_listing_dataset",
    "HtmlPageDataset": "html_page",
    "LabelTableDataset": "label_table_file",
    "MaterialisedDataset": "materialised_dataset",
    "ModelDataset": "model_dataset",
    "ModelFolderDataset": "model_folder_dataset",
    "ParallelPartitionedDataset": "parallel_partitions",
    "TableDataset": "table",
    "TextFilesDataset": "text_files",
    "WindowParquetDataset": "window_parquet_dataset",
    "WrittenTableDataset": "written_table",
}

__all__ = [
    "CheckpointDataset",
    "CorpusFolderDataset",
    "ElectrodeFileDataset",
    "FigureDataset",
    "FolderListingDataset",
    "HtmlPageDataset",
    "LabelTableDataset",
    "MaterialisedDataset",
    "ModelDataset",
    "ModelFolderDataset",
    "ParallelPartitionedDataset",
    "TableDataset",
    "TextFilesDataset",
    "WindowParquetDataset",
    "WrittenTableDataset",
]


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
