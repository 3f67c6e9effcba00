"""A Pandera schema made from the column types a table is built with, so that the two cannot drift apart."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pandera.errors
import pandera.pandas as pa

from eeg_kedro.errors import ArtifactError

TOGETHER = "rows: "  # begins the names of checks of several columns
Checks = Mapping[str, pa.Check | list[pa.Check]]
# types with a value for "not known" that nothing computes by accident, as it does NaN
WITH_MISSING = ("Int", "boolean", "object", "category")


class TableSchema:
    """What the columns of one table must be; an absent table passes: whether it may be is its dataset's to say.

    Parameters
    ----------
    name : str
        The table's name in the catalog.
    types : mapping
        ``{column: dtype}``, as the table is made with; further columns are not looked at.
    checks : mapping
        What the values of a column must be.
    missing : collection of str
        Columns of text or floats that may lack values; a missing one in another, or an infinite one, is damage.
    unique : sequence of str
        Columns whose values together name a row.
    relations : sequence of Check
        What columns must be to one another.
    """

    def __init__(
        self,
        name: str,
        types: Mapping[str, str],
        checks: Checks | None = None,
        *,
        missing: Collection[str] = (),
        unique: Sequence[str] = (),
        relations: Sequence[pa.Check] = (),
    ) -> None:
        self.name = name
        known = {column: _as_list(check) for column, check in (checks or {}).items()}
        columns = {
            column: pa.Column(
                dtype,
                [*known.get(column, []), *([_finite()] if dtype.startswith("float") else [])],
                nullable=column in missing or dtype.startswith(WITH_MISSING),
            )
            for column, dtype in types.items()
        }
        self._schema = pa.DataFrameSchema(columns, checks=list(relations), unique=list(unique) or None)

    def validate(self, data: Any) -> Any:
        """Check a table and give it back unchanged.

        Raises
        ------
        ArtifactError
            Naming the columns that are missing, of another type, or hold a value that they cannot.
        """
        if data is None:
            return None
        if not isinstance(data, pd.DataFrame):
            kind = type(data).__name__
            raise ArtifactError("not a table", file=self.name, value=kind, allowed="a pandas DataFrame")
        table = data if data.index.is_unique else data.reset_index(drop=True)
        try:
            # in place: nothing is ever coerced, and a manifest of millions of windows is not copied
            self._schema.validate(table, lazy=True, inplace=True)
        except pandera.errors.SchemaErrors as error:
            raise ArtifactError(
                "the table is not what its schema says",
                file=self.name,
                value="; ".join(_name_failures(error.failure_cases)),
                allowed="what src/eeg_kedro/schemas says",
                remedy="restore the file, or run the pipeline that writes it again with the parameters you gave "
                "then; if that has just run, report this",
            ) from error
        return data


def _name_failures(cases: pd.DataFrame) -> Iterator[str]:
    """Say of each column and check what was found, with up to three examples."""
    for (column, check), rows in cases.fillna({"column": ""}).groupby(["column", "check"], sort=False):
        shown = ", ".join(str(value)[:40] for value in rows["failure_case"].head(3))
        if check == "column_in_dataframe":  # the schema's own column is not given here, only as the case
            yield f"column {shown}: missing"
        elif not column or str(check).startswith(TOGETHER):  # pandera names any column of a row
            yield f"{check}: {shown}"
        else:
            yield f"column {column}: {check} does not hold for {len(rows)} value(s), such as {shown}"


def at_least(low: float) -> pa.Check:
    """Make the check for numbers from ``low`` on; missing ones pass."""
    return pa.Check.ge(low, ignore_na=True)


def within(low: float, high: float) -> pa.Check:
    """Make the check for numbers between ``low`` and ``high``, both allowed; missing ones pass."""
    return pa.Check.in_range(low, high, ignore_na=True)


def one_of(*values: str) -> pa.Check:
    """Make the check for one of several words."""
    return pa.Check.isin(list(values), ignore_na=True)


def named() -> pa.Check:
    """Make the check for names of participants and runs: letters, digits and hyphens, at least one."""
    return whole(r"[A-Za-z0-9-]+", "letters, digits and hyphens")


def whole(pattern: str, name: str) -> pa.Check:
    """Make the check for texts that a pattern describes from end to end."""
    return pa.Check(lambda column: column.str.fullmatch(pattern), name=name)


def floats(types: Mapping[str, str]) -> tuple[str, ...]:
    """Return the float columns: of tables that tell of what could not be measured."""
    return tuple(column for column, dtype in types.items() if dtype.startswith("float"))


def distinct(column: str) -> pa.Check:
    """Make the check that no list of a column names a thing twice."""

    def holds(table: pd.DataFrame) -> pd.Series:
        found = [not isinstance(cell, str) and len({*cell}) == len(cell) for cell in table[column]]
        return pd.Series(found, index=table.index, dtype=bool)

    return pa.Check(holds, name=f"{TOGETHER}lists of different values in {column}")


def _finite() -> pa.Check:
    return pa.Check(lambda column: ~np.isinf(column), name="finite")


def _as_list(check: pa.Check | list[pa.Check]) -> list[pa.Check]:
    return check if isinstance(check, list) else [check]


def same_length(*columns: str) -> pa.Check:
    """Make the check that the lists in some columns have one length in each row."""

    def holds(table: pd.DataFrame) -> pd.Series:
        lengths = np.array([[len(cell) for cell in table[name]] for name in columns], np.int64)
        return pd.Series((lengths == lengths[:1]).all(axis=0), index=table.index)

    return pa.Check(holds, name=f"{TOGETHER}lists of one length in {', '.join(columns)}")


def not_above(lower: str, upper: str) -> pa.Check:
    """Make the check that one column is nowhere above another."""
    return pa.Check(lambda table: table[lower] <= table[upper], name=f"{TOGETHER}{lower} not above {upper}")
