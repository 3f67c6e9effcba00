"""A run for tests to kill: FOLDER CORPUS KIND LOG."""

import sys
from pathlib import Path

from tiny_tables import TinyOptions, TinySource, make_table_slowly, tasks

from eeg_kedro.datasets import ParallelPartitionedDataset

if __name__ == "__main__":
    folder, corpus, kind, log = sys.argv[1:]
    files = [TinySource(corpus, path.name) for path in sorted(Path(corpus).iterdir())]
    ParallelPartitionedDataset(
        path=folder,
        dataset="eeg_kedro.datasets.TableDataset",
        executor={"kind": kind, "max_workers": 2},
    ).save(tasks(files, TinyOptions(), make_table_slowly, seconds=0.25, log=log))
