"""Commands without a window: ``rnnviz NAME …``. One file each, and its line here."""

from rnnviz.commands.command import Command

LIST: tuple[Command, ...] = ()
COMMANDS = {command.name: command for command in LIST}

__all__ = ["COMMANDS", "Command"]
