"""What a sweep is asked for: which pipeline, which parameter, which values."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import reduce
from pathlib import PurePath
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from eeg_kedro.errors import ParameterError

Scalar = str | int | float | bool | None


@dataclass(frozen=True)
class SweepRequest:
    """One parameter, several values, everything else alike.

    Parameters
    ----------
    pipeline : str
        What to run for each value.
    parameter : str
        Dotted name, as after ``kedro run --params``.
    values : tuple of scalars
        In the order in which they are run.
    given : mapping
        Other runtime parameters, nested.
    env : str, optional
        Configuration environment.
    tag : str, optional
        What the configuration has in ``<pipeline>.tag``; None if that pipeline has no such option.
    configured : mapping
        All parameters that the pipeline reads, as the configuration has them: values that were run under another
        configuration are no part of this sweep.
    """

    pipeline: str
    parameter: str
    values: tuple[Scalar, ...]
    given: Mapping[str, Any] = field(default_factory=dict)
    env: str | None = None
    tag: str | None = None
    configured: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tags = [self.tag_of(value) for value in self.values]
        if self._tags_itself() and len({*tags}) < len(tags):
            raise ParameterError(
                "two values would share one checkpoint",
                value=tags,
                remedy="leave one of them out; only letters, digits, dots and dashes tell values apart",
            )

    @property
    def fingerprint(self) -> str:
        """What a later call must have in common to go on with this sweep: all but the values."""
        common = [self.pipeline, self.parameter, self.given, self.env or "", self.tag or "", self.configured]
        return hashlib.sha256(json.dumps(common, sort_keys=True, default=str).encode()).hexdigest()[:16]

    @property
    def leaf(self) -> str:
        """Last part of the parameter's name."""
        return self.parameter.rpartition(".")[2]

    def tag_of(self, value: Scalar) -> str:
        """Give the tag that keeps the checkpoints of one value apart from those of the others."""
        parts = [part for part in (self.tag, self.leaf, show(value)) if part]
        return re.sub(r"[^A-Za-z0-9.-]+", "-", "-".join(parts))

    def runtime_params(self, value: Scalar, run_id: str) -> dict[str, Any]:
        """Give the runtime parameters of the session for one value, tracked as the run ``run_id``."""
        layers = [dict(self.given), _nest(self.parameter, value)]
        if self._tags_itself():
            layers.append(_nest(f"{self.pipeline}.tag", self.tag_of(value)))
        tracked = {"mlflow_run_id": run_id, "mlflow_run_name": self.name_of(value)}
        return reduce(merge, [*layers, tracked])

    def name_of(self, value: Scalar) -> str:
        """Give the name of the run of one value."""
        return f"{self.leaf}={show(value)}"

    def _tags_itself(self) -> bool:
        return self.tag is not None and self.parameter != f"{self.pipeline}.tag"


def parse_values(text: str) -> tuple[Scalar, ...]:
    """Read comma-separated values as ``kedro run --params`` reads one: ``1e-3`` is a number, ``null`` is none.

    Raises
    ------
    ParameterError
        If there is none, one twice, or one that is no scalar.
    """
    values = tuple(_parse_value(part.strip()) for part in text.split(",") if part.strip())
    if not values or len({key_of(value) for value in values}) < len(values):
        raise ParameterError(
            "a sweep needs values that differ",
            value=text,
            allowed="numbers, words, true, false or null with commas between",
            remedy="for instance --values=0.2,0.4,0.6",
        )
    return values


def _parse_value(text: str) -> Scalar:
    try:
        value = OmegaConf.to_container(OmegaConf.from_dotlist([f"value={text}"]))["value"]  # type: ignore[call-overload, index]
    except OmegaConfBaseException:
        value = [text]
    if value is None or isinstance(value, str | int | float):
        return value
    raise ParameterError(
        "a value of a sweep is one number, word, true, false or null",
        value=text,
        remedy="write lists and mappings into an environment of conf/ and sweep over something else",
    )


def check_parameter(
    parameter: str, parameters: Mapping[str, Any], inputs: Collection[str], pipeline: str
) -> None:
    """Refuse a parameter that is none, or that makes no difference to the pipeline.

    Parameters
    ----------
    parameter : str
        Dotted name.
    parameters : mapping
        All parameters of the project, nested.
    inputs : collection of str
        Free inputs of the pipeline, ``params:`` among them.
    pipeline : str
        Its name.

    Raises
    ------
    ParameterError
        If there is no such parameter, it has options of its own, or the pipeline does not read it.
    """
    found: Any = parameters
    for part in parameter.split("."):
        if not isinstance(found, Mapping) or part not in found:
            known = ", ".join(found) if isinstance(found, Mapping) else ""
            remedy = "conf/base/parameters lists every option"
            raise ParameterError("no such parameter", value=parameter, allowed=known, remedy=remedy)
        found = found[part]
    if isinstance(found, Mapping):
        raise ParameterError("a parameter with options of its own", value=parameter, allowed=", ".join(found))
    read = names_read(inputs)
    if parameter.split(".")[0] not in read:
        what = f"the pipeline {pipeline} does not read this parameter: all values would give the same"
        raise ParameterError(what, value=parameter, allowed=", ".join(sorted(read)))


def names_read(inputs: Collection[str]) -> set[str]:
    """Return the first names of the parameters among the inputs of a pipeline."""
    return {name.removeprefix("params:").split(".")[0] for name in inputs if name.startswith("params:")}


def show(value: Scalar) -> str:
    """Spell a value for names and tags; of a folder or file only its name, which says enough."""
    if isinstance(value, str):
        return PurePath(value).name if PurePath(value).is_absolute() else value
    return json.dumps(value)


def key_of(value: Scalar) -> str:
    """Give what a finished run of this value is recognised by."""
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]


def _nest(name: str, value: Scalar) -> dict[str, Any]:
    first, _, rest = name.partition(".")
    return {first: _nest(rest, value) if rest else value}


def merge(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one nested mapping over another."""
    merged = dict(one)
    for key, value in other.items():
        old = merged.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[key] = merge(old, value) if both else value  # type: ignore[arg-type]
    return merged
