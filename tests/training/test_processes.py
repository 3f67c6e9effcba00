import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

from eeg_kedro.errors import NonFiniteError, ParameterError
from eeg_kedro.training.processes import choose_device, choose_threads, count_processes, launch
from eeg_kedro.training.spool import open_spool
from tests.training import rank_workers

PARENT = """
from pathlib import Path
from eeg_kedro.training.processes import launch
from eeg_kedro.training.spool import open_spool
from tests.training.rank_workers import work_for_ever
if __name__ == "__main__":
    with open_spool(Path({folder!r}), 2) as spool:
        for message in launch(work_for_ever, (), 2, spool):
            print(message.payload["pid"], flush=True)
"""


def is_alive(pid):
    try:
        # a zombie waits for its new parent to look at it, and does nothing else
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for_end(pids, seconds=10.0):
    until = time.monotonic() + seconds
    while any(map(is_alive, pids)) and time.monotonic() < until:
        time.sleep(0.05)
    return [pid for pid in pids if is_alive(pid)]


def test_ranks_reach_each_other_and_are_heard(tmp_path):
    with open_spool(tmp_path, 2) as spool:
        heard = sorted(
            (m.payload["rank"], m.payload["total"]) for m in launch(rank_workers.add_ranks, (2.0,), 2, spool)
        )
    assert heard == [(0, 6.0), (1, 6.0)]
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_a_rank_is_raised_here_as_it_was_there(tmp_path):
    with open_spool(tmp_path, 2) as spool, pytest.raises(NonFiniteError, match=r"a_1 C3.*lower lr") as caught:
        list(launch(rank_workers.fail_in_second, ("typed",), 2, spool))
    assert isinstance(caught.value.__cause__, ChildFailedError)


def test_any_other_end_of_a_rank_is_told_in_torchs_words(tmp_path):
    with open_spool(tmp_path, 2) as spool, pytest.raises(ChildFailedError, match="Signal 9"):
        list(launch(rank_workers.fail_in_second, ("killed",), 2, spool))


# what SIGTERM does to a process is what SIGKILL does
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_ranks_end_with_their_parent_however_it_ends(tmp_path, how):
    script = tmp_path / "parent.py"
    script.write_text(PARENT.format(folder=str(tmp_path / "spools")))
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as parent:
        pids = [int(parent.stdout.readline()) for _ in range(2)]
        parent.send_signal(how)
        assert wait_for_end([parent.pid, *pids]) == []
    assert parent.returncode == -how
    assert any((tmp_path / "spools").iterdir()) == (how == signal.SIGKILL)


def test_processes_of_a_launcher_count_and_start_no_others():
    launched = {"WORLD_SIZE": "4"}
    assert count_processes(3, {}) == 3
    assert count_processes(1, launched) == 4
    with pytest.raises(ParameterError, match="nproc=2 and WORLD_SIZE=4"):
        count_processes(2, launched)


def test_cores_are_shared_evenly_unless_somebody_has_said_how_many(monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 8)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert [choose_threads(0, n) for n in (1, 2, 3, 16)] == [8, 4, 2, 1]
    assert choose_threads(5, 2) == 5
    monkeypatch.setenv("OMP_NUM_THREADS", "8")
    assert choose_threads(0, 4) == 8


def test_cuda_is_taken_where_it_is_and_refused_where_it_is_not(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto", 2) == "cpu"
    with pytest.raises(ParameterError, match="no GPU"):
        choose_device("cuda", 1)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert [choose_device(asked, 1) for asked in ("auto", "cpu")] == ["cuda", "cpu"]
    with pytest.raises(ParameterError, match=r"nproc=2, 1 GPUs"):
        choose_device("auto", 2)
