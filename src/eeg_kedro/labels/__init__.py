"""What labels mean, and integer interval arithmetic."""
