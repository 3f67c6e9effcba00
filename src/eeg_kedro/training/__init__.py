"""How a model is trained: the loop, its checkpoints, its processes, its data, and the gates it must pass."""
