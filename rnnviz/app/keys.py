"""All keys in one table: what they do, and the words in which the help says so."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence


class Key(NamedTuple):
    """One or more key combinations for one action."""

    combinations: tuple[str, ...]  # in Qt's spelling
    shown: str
    about: str
    action: Callable[[], object]


def key_map(keys: tuple[Key, ...]) -> Mapping[str, Callable[[], object]]:
    """Actions by the portable name of their keys."""
    return {QKeySequence(name).toString(): key.action for key in keys for name in key.combinations}


def name_of(event: QKeyEvent) -> str:
    """Return the portable name of the pressed keys; it does not matter whether they are on the number pad."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return QKeySequence(QKeyCombination(modifiers, Qt.Key(event.key()))).toString()
