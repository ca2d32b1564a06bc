"""Commands without a window: ``rnnviz NAME …``. One file each, and its line here."""

from rnnviz.commands.command import Command
from rnnviz.commands.render import RENDER

LIST: tuple[Command, ...] = (RENDER,)
COMMANDS = {command.name: command for command in LIST}

__all__ = ["COMMANDS", "Command"]
