"""Clinical EEG recordings to models one can trust: a Kedro project."""
