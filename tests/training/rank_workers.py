"""What ranks do in tests: functions of a module, as new processes must find them."""

import os
import signal
import time

import torch
from torch import distributed

from eeg_kedro.errors import NonFiniteError


def add_ranks(spool, scale):
    """Sum the ranks over all processes and say so."""
    total = torch.tensor([float(os.environ["RANK"]) + 1]) * scale
    distributed.all_reduce(total)
    spool.put("sum", {"rank": int(os.environ["RANK"]), "total": total.item()})


def fail_in_second(spool, kind):
    """Fail in rank 1 while rank 0 waits for it in a collective."""
    if os.environ["RANK"] == "1":
        if kind == "typed":
            raise NonFiniteError("the loss is not a number", file="a_1 C3", value=(1, 2), remedy="lower lr")
        os.kill(os.getpid(), signal.SIGKILL)
    distributed.all_reduce(torch.zeros(1))


def work_for_ever(spool):
    """Say who this is; then rank 1 sleeps, and rank 0 waits for it in a collective."""
    spool.put("pid", {"pid": os.getpid()})
    if os.environ["RANK"] == "0":
        distributed.all_reduce(torch.zeros(1))
    time.sleep(600)
