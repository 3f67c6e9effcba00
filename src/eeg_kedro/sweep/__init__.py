"""One pipeline, run once per value of one parameter."""
