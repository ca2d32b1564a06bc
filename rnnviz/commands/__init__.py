"""Commands without a window: ``rnnviz NAME …``. One file each, and its line here."""

from rnnviz.commands.command import Command
from rnnviz.commands.info import INFO
from rnnviz.commands.train import TRAIN

LIST: tuple[Command, ...] = (
    INFO,
    TRAIN,
)
COMMANDS = {command.name: command for command in LIST}

__all__ = ["COMMANDS", "Command"]
