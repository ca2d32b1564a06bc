"""Trained weights from files of other programs: opened without running anything of theirs, searched, made layers."""

from rnnviz.checkpoints.describe import describe_checkpoint, inspect
from rnnviz.checkpoints.opened import Opened, open_checkpoint

__all__ = ["Opened", "describe_checkpoint", "inspect", "open_checkpoint"]
