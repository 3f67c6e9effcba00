"""A Pandera schema made from the column types a table is built with, so that the two cannot drift apart."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pandera.errors
import pandera.pandas as pa

from eeg_kedro.errors import ArtifactError

Checks = Mapping[str, pa.Check | list[pa.Check]]
# types that have a value for "not known"; a missing value in any other column is damage
WITH_MISSING = ("float", "Int", "boolean", "object", "category")


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
        Text columns that may lack values.
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
        known = checks or {}
        columns = {
            column: pa.Column(
                dtype, known.get(column), nullable=column in missing or dtype.startswith(WITH_MISSING)
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
        try:
            # in place: nothing is ever coerced, and a manifest of millions of windows is not copied
            return self._schema.validate(data, lazy=True, inplace=True)
        except pandera.errors.SchemaErrors as error:
            raise ArtifactError(
                "the table is not what its schema says",
                file=self.name,
                value="; ".join(_name_failures(error.failure_cases)),
                allowed="what src/eeg_kedro/schemas says",
                remedy="restore the file or run the pipeline that writes it; if that has just run, report this",
            ) from error


def _name_failures(cases: pd.DataFrame) -> Iterator[str]:
    """Say of each column and check what was found, with up to three examples."""
    for (column, check), rows in cases.fillna({"column": ""}).groupby(["column", "check"], sort=False):
        shown = ", ".join(str(value)[:40] for value in rows["failure_case"].head(3))
        if check == "column_in_dataframe":  # the schema's own column is not given here, only as the case
            yield f"column {shown}: missing"
        elif not column:
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
    return pa.Check.str_matches(r"^[A-Za-z0-9-]+$", name="letters, digits and hyphens")


def same_length(*columns: str) -> pa.Check:
    """Make the check that the lists in some columns have one length in each row."""

    def holds(table: pd.DataFrame) -> pd.Series:
        lengths = np.array([[len(cell) for cell in table[name]] for name in columns], np.int64)
        return pd.Series((lengths == lengths[:1]).all(axis=0), index=table.index)

    return pa.Check(holds, name=f"lists of one length in {', '.join(columns)}")


def not_above(lower: str, upper: str) -> pa.Check:
    """Make the check that one column is nowhere above another."""
    return pa.Check(lambda table: table[lower] <= table[upper], name=f"{lower} not above {upper}")
