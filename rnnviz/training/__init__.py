"""What runs: the trainer, one update at a time, the runner, which owns the thread it happens in, and the process around it."""
