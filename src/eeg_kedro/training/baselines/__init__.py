"""Detectors that learn next to nothing, and what a network has to be better than."""
