"""What runs: the trainer, one update at a time, and the runner, which owns the worker thread."""
