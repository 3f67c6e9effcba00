"""Work small enough to test the machinery around it; a module of its own because workers import it."""

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
from pydantic import BaseModel

from eeg_kedro.errors import HeaderError, SignalError


@dataclass(frozen=True)
class TinySource:
    root: str
    relative: str

    @property
    def path(self):
        return Path(self.root) / self.relative

    def stamp(self):
        try:
            found = self.path.stat()
        except FileNotFoundError as error:
            raise SignalError("the file is gone", file=self.relative, remedy="put it back") from error
        return found.st_size, found.st_mtime_ns


class TinyOptions(BaseModel):
    scale: float = 1.0


def read_number(file):
    return float(file.path.read_text())


def make_table(read, options):
    return pd.DataFrame(
        {"value": [read() * options.scale, float(os.environ.get("OMP_NUM_THREADS") == "never")]}
    )


def make_table_slowly(read, options, seconds, log):
    with open(log, "a") as file:
        file.write(f"{os.getpid()}\n")
    time.sleep(seconds)
    return make_table(read, options)


def refuse(read, options):
    raise HeaderError("header cut short", file=read.args[0].relative, value=12, remedy="copy it again")


class Unpicklable(Exception):  # noqa: N818
    def __init__(self, one, two):
        super().__init__("only one argument is kept")


def fail_unpicklably(read, options):
    raise Unpicklable(1, 2)


def die(read, options):
    os._exit(9)


def change_the_source(read, options):
    table = make_table(read, options)
    read.args[0].path.write_text("12345")
    return table


def interrupt(read, options):
    raise KeyboardInterrupt


def count_threads(read, options):
    from threadpoolctl import threadpool_info

    return pd.DataFrame({"threads": [max(pool["num_threads"] for pool in threadpool_info())]})


def tasks(sources: Iterable[TinySource], options, function=make_table, **keywords):
    return {
        source.path.stem: partial(function, partial(read_number, source), options, **keywords)
        for source in sources
    }
