"""What runs: the trainer, one update at a time, the runner with the thread it happens in, the process around that."""
