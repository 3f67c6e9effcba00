"""What two processes train, for `test_two_ranks`: started with spawn, results go through files."""

import gc
import json
import os
from pathlib import Path

import torch
import torch.distributed as dist

from eeg_kedro.errors import NonFiniteError
from eeg_kedro.training.ranks import Ranks
from tests.training.tiny_task import TinyTask, digest, train


def work(index, port, folder):
    """Train in one of two processes; write what came out."""
    variables = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "RANK": str(index)}
    os.environ.update(variables | {"LOCAL_RANK": str(index), "WORLD_SIZE": "2"})
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    ranks = Ranks.from_environment()
    equal = train(TinyTask(ranks=ranks), epochs=4)[-1]
    torch.save(dict(equal.checkpoint.weights), Path(folder) / f"weights{index}.pt")
    found = {"losses": [row["validation_loss"] for row in equal.checkpoint.history]}
    found |= {"resumed": resumed(ranks), "error": poisoned(ranks), "draws": draws(ranks)}
    (Path(folder) / f"found{index}.json").write_text(json.dumps(found))
    gc.collect()
    ranks.barrier()
    dist.destroy_process_group()


def resumed(ranks):
    """Digest of the weights after an uninterrupted run, then after a resume from each of its steps."""
    whole = train(TinyTask(dropout=0.3, ranks=ranks), save_steps=1)
    ends = [train(TinyTask(0.3, ranks), resume=report.checkpoint)[-1] for report in whole]
    return [digest(end.checkpoint.weights) for end in [whole[-1], *ends]]


def poisoned(ranks):
    """Message of the error where item 5, of the second process, is no number."""
    try:
        train(TinyTask(ranks=ranks, poisoned=(0, 3, 5)))
    except NonFiniteError as error:
        return str(error)


def draws(ranks):
    """Digest of which units dropout took in the first step."""
    seen, task = [], TinyTask(dropout=0.5, ranks=ranks)
    task.model[2].register_forward_hook(lambda *found: seen.append(found[2].detach() == 0))
    train(task, epochs=1)
    return seen[0].int().tolist()
