"""What is minimised, and what it is compared with: torch and nothing else. Axes as in `eeg_kedro.models`."""
