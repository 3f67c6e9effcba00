"""Pipelines are verbs: each folder adapts catalog entries to domain functions, and imports no other pipeline."""
