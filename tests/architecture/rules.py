"""The rules of the house as functions: what they get is plain data, what they return are the violations."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

LAYERS = {
    "raw_": "01_raw",
    "int_": "02_intermediate",
    "prm_": "03_primary",
    "feat_": "04_feature",
    "input_": "05_model_input",
    "model_": "06_models",
    "output_": "07_model_output",
    "report_": "08_reporting",
}
# why a recording failed; what another thread raised; why a value of a sweep failed: told or raised elsewhere
RECORDS_EVERYTHING = {
    "src/eeg_kedro/datasets/partition_worker.py",
    "src/eeg_kedro/training/processes.py",
    "src/eeg_kedro/sweep/attempts.py",
}
VAGUE = {"utils", "common", "helpers", "core", "base", "misc", "tools"}


def misplaced_entries(catalogs: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Catalog file <-> name prefix <-> Viz layer <-> folder on disk."""
    return [
        f"{file}: {name}"
        for file, entries in catalogs.items()
        for name, entry in entries.items()
        if not _in_place(file, name, entry)
    ]


def _in_place(file: str, name: str, entry: Mapping[str, Any]) -> bool:
    layer = next((layer for prefix, layer in LAYERS.items() if name.startswith(prefix)), None)
    paths = re.findall(r"\d\d_[a-z_]+(?=/)", str({k: v for k, v in entry.items() if k != "metadata"}))
    shown = entry.get("metadata", {}).get("kedro-viz", {}).get("layer")
    return file == layer == shown and all(path == layer for path in paths)


def stray_parameter_files(parameters: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """One file per pipeline, one top key: its name."""
    return [file for file, content in parameters.items() if [*content] != [file]]


def unread_parameters(keys: Iterable[str], inputs: Iterable[str]) -> list[str]:
    read = {name.removeprefix("params:").split(".")[0] for name in inputs if name.startswith("params:")}
    return sorted(set(keys) - read)


def undeclared_datasets(pipelines: Mapping[str, Any], declared: Iterable[str]) -> list[str]:
    """Whatever crosses a pipeline stands in the catalog."""
    crossing: set[str] = set()
    for pipeline in pipelines.values():
        crossing |= {*pipeline.inputs(), *pipeline.outputs()}
    return sorted(name for name in crossing - set(declared) if not name.startswith("params:"))


def crowded_pipelines(pipelines: Mapping[str, Any], most: int = 8) -> list[str]:
    return [name for name, pipeline in pipelines.items() if len(pipeline.nodes) > most]


def anonymous_nodes(pipelines: Mapping[str, Any]) -> list[str]:
    """Every node is called like its function and tagged with its pipeline."""
    return [
        node.name
        for name, pipeline in pipelines.items()
        for node in pipeline.nodes
        if node.short_name.split(".")[-1] != node.func.__name__ or name not in node.tags
    ]


def undocumented_pipelines(names: Iterable[str], docs: Mapping[str, str]) -> list[str]:
    headings = ("## Purpose", "## Inputs", "## Outputs", "## Choices")
    return [name for name in names if not all(heading in docs.get(name, "") for heading in headings)]


def vague_modules(paths: Iterable[Path]) -> list[str]:
    return [str(path) for path in paths if VAGUE & {path.stem, *path.parts}]


def long_modules(lines: Mapping[str, int], most: int = 300) -> list[str]:
    return [name for name, count in lines.items() if count > most]


def machine_paths(texts: Mapping[str, str]) -> list[str]:
    """No path of somebody's machine, no registry host, in anything we ship."""
    pattern = re.compile(
        r"(?<![\w.])/(?:work|farm|root|home|Users)/[A-Za-z]|pypi\.org/simple|files\.pythonhosted"
    )
    return [name for name, text in texts.items() if pattern.search(text)]


def swallowed_errors(texts: Mapping[str, str]) -> list[str]:
    """No bare except, and none that catches everything, but those that tell it elsewhere."""
    pattern = re.compile(r"except\s*(?:[^:\n]*\b(?:Base)?Exception\b[^:]*)?:")
    return [name for name, text in texts.items() if pattern.search(text) and name not in RECORDS_EVERYTHING]


def circular_layers(pipelines: Mapping[str, Any]) -> list[str]:
    """Data flow from a later layer back to an earlier one; Kedro-Viz shows no layers at all then."""
    return [
        f"{source} -> {target}"
        for pipeline in pipelines.values()
        for node in pipeline.nodes
        for source in node.inputs
        for target in node.outputs
        if _layer_of(source) > _layer_of(target)
    ]


def _layer_of(name: str) -> str:
    return next((layer for prefix, layer in LAYERS.items() if name.startswith(prefix)), "")


def drifted_parameters(
    parameters: Mapping[str, Mapping[str, Any]], fields: Mapping[str, Iterable[str]]
) -> list[str]:
    """The YAML file of a step shows exactly the options, blocks within blocks: nothing hidden, nothing dead."""
    return [
        f"{name}.{field}"
        for name, shown in parameters.items()
        for field in sorted({*_dotted(shown, {*fields[name]})} ^ {*fields[name]})
    ]


def _dotted(shown: Mapping[str, Any], leaves: set[str], prefix: str = "") -> Iterable[str]:
    for key, value in shown.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and name not in leaves:
            yield from _dotted(value, leaves, f"{name}.")
        else:
            yield name


def broken_links(texts: Mapping[Path, str]) -> list[str]:
    """Links between our own documents lead somewhere."""
    links = [
        (file, link)
        for file, text in texts.items()
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    ]
    return [f"{file}: {link}" for file, link in links if not (file.parent / link).exists()]
