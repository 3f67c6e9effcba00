"""Each rule holds for the project, and each rule fails on a planted violation."""

from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import get_type_hints

import pytest
import yaml
from kedro.pipeline import Node, Pipeline
from pydantic import BaseModel

from eeg_kedro.pipeline_registry import register_pipelines
from tests.architecture import rules

PROJECT = Path(__file__).resolve().parents[2]
SUMS = {"process_primary", "sample", "learn", "demo", "__default__"}
VERBS = [
    path.name for path in (PROJECT / "src/eeg_kedro/pipelines").iterdir() if (path / "pipeline.py").exists()
]


@pytest.fixture(scope="module")
def pipelines():
    return {verb: import_module(f"eeg_kedro.pipelines.{verb}").create_pipeline() for verb in VERBS}


def test_every_verb_is_registered_beside_the_sums():
    assert {*register_pipelines()} == {*VERBS} | SUMS


@pytest.fixture(scope="module")
def catalogs():
    files = (PROJECT / "conf/base/catalog").glob("*.yml")
    return {file.stem: yaml.safe_load(file.read_text()) for file in files}


@pytest.fixture(scope="module")
def parameters():
    files = (PROJECT / "conf/base/parameters").glob("*.yml")
    return {file.stem: yaml.safe_load(file.read_text()) for file in files}


@pytest.fixture(scope="module")
def sources():
    return {str(path.relative_to(PROJECT)): path.read_text() for path in (PROJECT / "src").rglob("*.py")}


def identity(x):
    return x


PLANTED = Pipeline(
    [Node(identity, inputs="params:known", outputs=f"out_{i}", name=f"node_{i}") for i in range(9)]
)


def test_catalog_entries_stand_in_their_layer(catalogs):
    assert rules.misplaced_entries(catalogs) == []


@pytest.mark.parametrize(
    ("file", "name", "layer", "path"),
    [
        ("01_raw", "int_x", "01_raw", "a/01_raw/x"),
        ("02_intermediate", "int_x", "03_primary", "a/02_intermediate/x"),
        ("02_intermediate", "int_x", "02_intermediate", "a/03_primary/x"),
        ("02_intermediate", "x", "02_intermediate", "a/02_intermediate/x"),
    ],
)
def test_a_misplaced_catalog_entry_is_seen(file, name, layer, path):
    entry = {"filepath": path, "metadata": {"kedro-viz": {"layer": layer}}}
    assert rules.misplaced_entries({file: {name: entry}})


def test_each_parameter_file_has_one_key_of_its_name(parameters):
    assert rules.stray_parameter_files(parameters) == []


def test_a_stray_parameter_key_is_seen():
    assert rules.stray_parameter_files({"clean": {"clean": {}, "window": {}}}) == ["clean"]


def test_every_parameter_is_read_by_a_node(parameters, pipelines):
    inputs = {name for pipe in pipelines.values() for name in pipe.inputs()}
    assert rules.unread_parameters(parameters, inputs) == []


def test_an_unread_parameter_is_seen():
    assert rules.unread_parameters(["known", "unknown"], PLANTED.inputs()) == ["unknown"]


def test_datasets_that_cross_pipelines_are_declared(catalogs, pipelines):
    declared = {name for entries in catalogs.values() for name in entries}
    assert rules.undeclared_datasets(pipelines, declared) == []


def test_an_undeclared_dataset_is_seen():
    assert "out_3" in rules.undeclared_datasets({"planted": PLANTED}, ["out_1"])


def test_pipelines_have_at_most_eight_nodes(pipelines):
    assert rules.crowded_pipelines(pipelines) == []


def test_a_crowded_pipeline_is_seen():
    assert rules.crowded_pipelines({"planted": PLANTED}) == ["planted"]


def test_data_flow_from_earlier_layers_to_later_ones(pipelines):
    assert rules.circular_layers(pipelines) == []


def test_a_flow_back_to_an_earlier_layer_is_seen():
    back = Pipeline([Node(identity, inputs="prm_x", outputs="int_x", name="identity")])
    assert rules.circular_layers({"planted": back}) == ["prm_x -> int_x"]


def test_nodes_are_named_after_their_function_and_tagged(pipelines):
    assert rules.anonymous_nodes(pipelines) == []


def test_an_anonymous_node_is_seen():
    assert "node_1" in rules.anonymous_nodes({"planted": PLANTED})


def test_every_pipeline_is_documented(pipelines):
    docs = {path.stem: path.read_text() for path in (PROJECT / "docs/pipelines").glob("*.md")}
    assert rules.undocumented_pipelines(pipelines, docs) == []


def test_an_undocumented_pipeline_is_seen():
    assert rules.undocumented_pipelines(["a"], {"a": "## Purpose"}) == ["a"]


def test_modules_have_nouns_for_names():
    assert rules.vague_modules(path.relative_to(PROJECT) for path in (PROJECT / "src").rglob("*.py")) == []


def test_a_vague_module_is_seen():
    assert rules.vague_modules([Path("src/eeg_kedro/signal/utils.py")])


def test_modules_stay_readable(sources):
    assert rules.long_modules({name: text.count("\n") for name, text in sources.items()}) == []


def test_a_long_module_is_seen():
    assert rules.long_modules({"a.py": 301}) == ["a.py"]


def test_no_machine_path_is_shipped(sources):
    ours = [
        *(PROJECT / "conf").rglob("*.yml"),
        *(PROJECT / "docs").rglob("*.md"),
        *PROJECT.glob("*.*"),
        PROJECT / "Makefile",
    ]
    texts = {str(path): path.read_text() for path in ours if path.is_file()} | sources
    assert rules.machine_paths(texts) == []


def test_a_machine_path_is_seen():
    assert rules.machine_paths({"a.yml": "path: /ho" + "me/someone/eeg"}) == ["a.yml"]


def test_no_error_is_swallowed(sources):
    assert rules.swallowed_errors(sources) == []


@pytest.mark.parametrize(
    "line", ["except:", "except Exception:", "except Exception as error:", "except (OSError, Exception):"]
)
def test_a_swallowed_error_is_seen(line):
    assert rules.swallowed_errors({"a.py": f"try:\n    x\n{line}\n    pass\n"}) == ["a.py"]


def option_names(model, prefix=""):
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from option_names(field.annotation, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def test_parameter_files_show_every_option(parameters, pipelines):
    read = [(node.inputs, node.func) for pipe in pipelines.values() for node in pipe.nodes]
    fields = {
        name.removeprefix("params:"): [*option_names(get_type_hints(func)[argument])]
        for inputs, func in read
        for name, argument in zip(inputs, signature(func).parameters, strict=True)
        if name.startswith("params:")
    }
    assert (
        rules.drifted_parameters({name: content[name] for name, content in parameters.items()}, fields) == []
    )


def test_an_option_missing_from_its_file_is_seen():
    assert rules.drifted_parameters({"clean": {"sfreq": 1}}, {"clean": ["sfreq", "l_freq"]}) == [
        "clean.l_freq"
    ]
    nested = {"clean": {"ica": {"seed": 1, "sede": 1}}}
    assert rules.drifted_parameters(nested, {"clean": ["ica.seed", "ica.tol"]}) == [
        "clean.ica.sede",
        "clean.ica.tol",
    ]


def test_links_between_documents_lead_somewhere():
    documents = [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")]
    assert rules.broken_links({path: path.read_text() for path in documents}) == []


def test_a_broken_link_is_seen():
    assert rules.broken_links({PROJECT / "README.md": "see [this](docs/nowhere.md)"})
