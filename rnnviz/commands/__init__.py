"""Commands without a window: ``rnnviz NAME …``. One file each, and its line here."""

from rnnviz.commands.command import Command
from rnnviz.commands.info import INFO
from rnnviz.commands.render import RENDER
from rnnviz.commands.trace import TRACE
from rnnviz.commands.train import TRAIN
from rnnviz.commands.verify import VERIFY

LIST: tuple[Command, ...] = (
    INFO,
    RENDER,
    TRACE,
    TRAIN,
    VERIFY,
)
COMMANDS = {command.name: command for command in LIST}

__all__ = ["COMMANDS", "Command"]
