"""Icons by what they are for, in the colours of the theme."""

import qtawesome
from PySide6.QtGui import QIcon

from rnnviz.drawing.theme import Theme

_NAMES = {
    "train": "mdi6.play",
    "pause": "mdi6.pause",
    "update": "mdi6.skip-next",
    "reset": "mdi6.restart",
    "back": "mdi6.undo",
    "first": "mdi6.page-first",
    "previous": "mdi6.chevron-left",
    "next": "mdi6.chevron-right",
    "last": "mdi6.page-last",
    "fork": "mdi6.source-branch",
    "sub_steps": "mdi6.debug-step-into",
    "open": "mdi6.chevron-down",
    "shut": "mdi6.chevron-right",
    "view": "mdi6.eye-outline",
    "export": "mdi6.export-variant",
    "theme": "mdi6.theme-light-dark",
    "help": "mdi6.keyboard-outline",
}


def icon(name: str, theme: Theme, *, on_amber: bool = False) -> QIcon:
    """Return the icon called ``name``."""
    colour = theme.on_amber if on_amber else theme.text
    made: QIcon = qtawesome.icon(_NAMES[name], color=colour, color_disabled=theme.line)
    return made
