"""Which process this is among those that train together, and what they tell each other."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import torch
import torch.distributed as dist


@dataclass(frozen=True)
class Ranks:
    """One process among ``world_size``; alone, every exchange is free.

    Attributes
    ----------
    rank, world_size : int
        Number of this process, from 0, and how many there are over all machines.
    local_world_size : int
        How many there are on this machine.
    device : torch.device
        Where this process computes.
    """

    rank: int = 0
    world_size: int = 1
    local_world_size: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    @classmethod
    def single(cls, device: str | torch.device = "cpu") -> Self:
        """Return the only process there is."""
        return cls(device=torch.device(device))

    @classmethod
    def from_environment(cls, device: str = "cpu", environment: Mapping[str, str] | None = None) -> Self:
        """Read who this is from the variables that torchrun sets; alone where there are none.

        Parameters
        ----------
        device : str
            ``cpu`` or ``cuda``; the latter becomes the GPU of this process on its machine.
        environment : mapping, optional
            In place of ``os.environ``.
        """
        found = os.environ if environment is None else environment
        world_size = int(found.get("WORLD_SIZE", "1"))
        index = int(found.get("LOCAL_RANK", "0"))
        return cls(
            rank=int(found.get("RANK", "0")),
            world_size=world_size,
            local_world_size=int(found.get("LOCAL_WORLD_SIZE", str(world_size))),
            device=torch.device("cuda", index) if device == "cuda" else torch.device(device),
        )

    @property
    def leads(self) -> bool:
        """Whether this is the process that reports and saves."""
        return self.rank == 0

    def sum_(self, flat: torch.Tensor) -> torch.Tensor:
        """Replace a tensor by its sum over all processes, in place, and return it."""
        if self.world_size > 1:
            dist.all_reduce(flat)
        return flat

    def gather_text(self, text: str) -> list[str]:
        """Return the text of every process, in the order of their ranks."""
        if self.world_size == 1:
            return [text]
        texts: list[str | None] = [None] * self.world_size
        dist.all_gather_object(texts, text)
        return [found or "" for found in texts]

    def barrier(self) -> None:
        """Wait until all processes are here."""
        if self.world_size > 1:
            dist.barrier()
