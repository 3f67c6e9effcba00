"""In which order windows are seen: pure functions of (seed, epoch, rank, world size)."""
