import errno
import json
from functools import partial

import pandas as pd
import pytest
from kedro.io import DatasetError
from tiny_tables import TinyOptions, change_the_source, count_threads, interrupt, refuse, tasks

from eeg_kedro.datasets import ParallelPartitionedDataset, TableDataset
from eeg_kedro.errors import DiskFullError


def counts(dataset):
    return {name: dataset.summary()[name] for name in ("expected", "done", "skipped", "failed")}


def stamps(folder):
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("*.parquet")}


class FullDisk(TableDataset):
    def save(self, data):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_partitions_are_loaded_lazily_and_sorted(windows, plan):
    windows().save(dict(reversed(plan.items())))
    loaded = windows().load()
    assert list(loaded) == sorted(plan)
    assert loaded["p3_r0"]()["value"][0] == 3.0


def test_nothing_but_partitions_and_their_status_is_written(windows, plan, tmp_path):
    windows().save(plan)
    found = sorted(
        path.relative_to(tmp_path / "windows").as_posix() for path in (tmp_path / "windows").rglob("*")
    )
    files = [f"{key}.parquet" for key in plan]
    records = [
        f"_status/{name}"
        for name in ("_plan.json", "_run", "_summary.json", *(f"{key}.json" for key in plan))
    ]
    assert found == sorted(["_status", *files, *records])


def test_an_unchanged_run_makes_nothing_again(windows, plan, tmp_path):
    windows().save(plan)
    before = stamps(tmp_path / "windows")
    windows("threads").save(plan)
    assert stamps(tmp_path / "windows") == before
    assert counts(windows()) == {"expected": 5, "done": 0, "skipped": 5, "failed": 0}


def test_a_touched_source_is_the_only_one_made_again(windows, sources, plan):
    windows().save(plan)
    sources["p2_r0"].path.write_text("22")
    windows().save(plan)
    assert counts(windows()) == {"expected": 5, "done": 1, "skipped": 4, "failed": 0}
    assert windows().load()["p2_r0"]()["value"][0] == 22.0


def test_a_changed_parameter_makes_all_again(windows, sources, plan):
    windows().save(plan)
    windows().save(tasks(sources.values(), TinyOptions(scale=2)))
    assert counts(windows())["done"] == 5
    assert windows().load()["p3_r0"]()["value"][0] == 6.0


def test_changed_code_makes_all_again(windows, plan, monkeypatch):
    windows().save(plan)
    monkeypatch.setattr("eeg_kedro.datasets.fingerprint.recording_code", lambda: "another version")
    windows().save(plan)
    assert counts(windows())["done"] == 5


def test_changed_options_of_the_writer_make_all_again(windows, plan):
    windows().save(plan)
    writer = {"type": "eeg_kedro.datasets.TableDataset", "save_args": {"compression": "gzip"}}
    windows(dataset=writer).save(plan)
    assert counts(windows())["done"] == 5


def test_a_damaged_partition_is_made_again(windows, plan, tmp_path):
    windows().save(plan)
    (tmp_path / "windows/p1_r0.parquet").write_bytes(b"PAR1")
    assert not windows().exists()
    windows().save(plan)
    assert counts(windows())["done"] == 1


def test_a_partition_no_longer_expected_is_removed_with_its_record(windows, plan, tmp_path):
    windows().save(plan)
    del plan["p1_r0"]
    windows().save(plan)
    assert list(windows().load()) == sorted(plan)
    assert list((tmp_path / "windows").rglob("p1_r0*")) == []


def test_files_of_others_are_neither_loaded_nor_removed(windows, plan, tmp_path):
    stranger = tmp_path / "windows/stranger.parquet"
    stranger.parent.mkdir()
    stranger.write_bytes(b"not ours")
    windows().save(plan)
    assert "stranger" not in windows().load()
    assert stranger.read_bytes() == b"not ours"


def test_parts_left_by_a_killed_writer_are_removed(windows, plan, tmp_path):
    part = tmp_path / "windows/.p1_r0.parquet.0123.part"
    part.parent.mkdir()
    part.write_bytes(b"half")
    windows().save(plan)
    assert not part.exists()


@pytest.mark.parametrize("kind", ["serial", "threads"])
def test_a_failure_is_recorded_and_the_others_go_on(windows, sources, plan, kind, tmp_path):
    plan |= tasks([sources["p1_r0"]], TinyOptions(), refuse)
    windows(kind).save(plan)
    assert counts(windows()) == {"expected": 5, "done": 4, "skipped": 0, "failed": 1}
    record = json.loads((tmp_path / "windows/_status/p1_r0.json").read_text())
    assert {name: record[name] for name in ("state", "error", "error_type", "remedy")} == {
        "state": "failed",
        "error": "p1_r0.txt: header cut short (found 12)",
        "error_type": "HeaderError",
        "remedy": "copy it again",
    }


def test_load_tells_the_status_of_failed_partitions_too(windows, sources, plan):
    plan |= tasks([sources["p1_r0"]], TinyOptions(), refuse)
    windows().save(plan)
    loaded = windows().load()
    assert "p1_r0" not in loaded
    assert loaded.status["p1_r0"]["state"] == "failed"
    assert loaded.status["p2_r0"]["state"] == "done"


def test_a_failure_leaves_no_stale_partition_behind(windows, sources, plan, tmp_path):
    windows().save(plan)
    windows().save(plan | tasks([sources["p1_r0"]], TinyOptions(), refuse))
    assert not (tmp_path / "windows/p1_r0.parquet").exists()


def test_a_failed_partition_is_tried_again(windows, sources, plan):
    windows().save(plan | tasks([sources["p1_r0"]], TinyOptions(), refuse))
    windows().save(plan)
    assert counts(windows()) == {"expected": 5, "done": 1, "skipped": 4, "failed": 0}


def test_all_failing_does_not_raise_and_loads_nothing(windows, sources):
    windows().save(tasks(sources.values(), TinyOptions(), refuse))
    assert windows().load() == {}
    assert counts(windows())["failed"] == 5


def test_it_exists_only_when_every_expected_partition_does(windows, sources, plan, tmp_path):
    assert not windows().exists()
    windows().save(plan | tasks([sources["p1_r0"]], TinyOptions(), refuse))
    assert not windows().exists()
    windows().save(plan)
    assert windows().exists()
    (tmp_path / "windows/p4_r0.parquet").unlink()
    assert not windows().exists()


def test_a_source_that_changes_while_it_is_read_fails_its_partition(windows, sources, plan):
    plan |= tasks([sources["p1_r0"]], TinyOptions(), change_the_source)
    windows().save(plan)
    assert windows().load().status["p1_r0"]["error_type"] == "ChangedFileError"
    assert counts(windows())["done"] == 4


def test_a_source_that_is_gone_fails_its_partition(windows, sources, plan):
    sources["p1_r0"].path.unlink()
    windows().save(plan)
    assert windows().load().status["p1_r0"]["error"] == "p1_r0.txt: the file is gone"
    assert counts(windows())["done"] == 4


@pytest.mark.parametrize("kind", ["serial", "threads"])
def test_a_full_disk_ends_the_save_at_once_with_free_bytes_and_remedy(windows, plan, kind):
    dataset = windows(kind, max_workers=1, dataset=FullDisk)
    with pytest.raises(DatasetError, match=r"bytes free.*Remedy: free some space") as raised:
        dataset.save(plan)
    assert isinstance(raised.value.__cause__, DiskFullError)
    assert dataset.summary()["failed"] == 1
    assert not dataset.exists()


def test_an_interrupt_keeps_what_is_done(windows, sources, plan):
    plan |= tasks([sources["p3_r0"]], TinyOptions(), interrupt)
    with pytest.raises(KeyboardInterrupt):
        windows().save(plan)
    assert counts(windows())["done"] == 3
    assert list(windows().load()) == ["p0_r0", "p1_r0", "p2_r0"]


def test_a_run_that_lost_the_folder_to_another_stops(windows, tmp_path):
    with pytest.raises(DatasetError, match="another run has taken over"):
        windows().save({"p0_r0": partial(overtake, str(tmp_path / "windows"))})
    assert list((tmp_path / "windows").glob("*.parquet")) == []


def overtake(folder):
    ParallelPartitionedDataset(path=folder, dataset="eeg_kedro.datasets.TableDataset").save({})
    return pd.DataFrame({"value": [1.0]})


def test_a_task_that_cannot_be_fingerprinted_is_refused_before_anything_is_done(windows, plan, tmp_path):
    with pytest.raises(DatasetError, match="cannot fingerprint"):
        windows().save(plan | {"p9_r9": lambda: None})
    assert not (tmp_path / "windows").exists()


def test_values_made_in_advance_are_always_written(windows):
    for _ in range(2):
        windows().save({"a": pd.DataFrame({"value": [1.0]})})
        assert counts(windows())["done"] == 1
    assert windows().load()["a"]()["value"][0] == 1.0


@pytest.mark.parametrize("key", ["", "../a", "a/b", "_plan", ".a", "a b", "é"])
def test_a_key_that_is_no_file_name_is_refused_before_anything_is_done(windows, tmp_path, key):
    with pytest.raises(DatasetError, match="cannot be a file name"):
        windows().save({key: pd.DataFrame()})
    assert not (tmp_path / "windows").exists()


def test_a_remote_folder_is_refused(windows):
    with pytest.raises(DatasetError, match="local or mounted folders only"):
        windows(path="s3://bucket/windows")


def test_a_folder_never_saved_to_cannot_be_loaded(windows):
    with pytest.raises(DatasetError, match="No partitions found"):
        windows().load()


def test_a_folder_never_saved_to_may_be_allowed_to_hold_nothing(windows):
    assert windows(allow_absent=True).load() == {}
    assert windows(allow_absent=True).load().status == {}
    assert not windows(allow_absent=True).exists()


def test_partitions_somebody_else_wrote_are_loaded_where_nothing_was_ever_saved(windows, tmp_path):
    (tmp_path / "windows").mkdir()
    pd.DataFrame({"value": [1.0]}).to_parquet(tmp_path / "windows/p0_r0.parquet")
    assert list(windows(allow_absent=True).load()) == ["p0_r0"]


def test_the_preview_shows_failed_partitions_first(windows, sources, plan):
    windows().save(plan | tasks([sources["p3_r0"]], TinyOptions(), refuse))
    preview = windows().preview(nrows=2)
    assert preview["columns"] == ["partition", "state", "seconds", "error", "remedy"]
    assert [row[:2] for row in preview["data"]] == [["p3_r0", "failed"], ["p0_r0", "done"]]
    json.dumps(preview)


def test_the_preview_of_a_folder_never_saved_to_is_empty(windows):
    assert windows().preview()["data"] == []


@pytest.mark.parametrize("kind", ["serial", "threads"])
def test_numeric_libraries_compute_with_one_thread(windows, sources, kind):
    windows(kind).save(tasks(sources.values(), TinyOptions(), count_threads))
    assert windows().load()["p0_r0"]()["threads"][0] == 1


def test_the_catalog_can_make_it_and_write_it_down(tmp_path):
    from kedro.io import DataCatalog

    entry = {
        "type": "eeg_kedro.datasets.ParallelPartitionedDataset",
        "path": str(tmp_path / "w"),
        "dataset": {"type": "eeg_kedro.datasets.TableDataset"},
        "executor": {"kind": "serial", "max_workers": None, "address": None},
    }
    catalog = DataCatalog.from_config({"windows": entry})
    assert not catalog.exists("windows")
    assert catalog.to_config()[0]["windows"]["executor"] == entry["executor"]
