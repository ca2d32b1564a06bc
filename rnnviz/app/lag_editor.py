"""The lag: a whole number that can be left to the task, with what it counts and what fits in words."""

from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QCheckBox

from rnnviz.app.editors import Editor, IntegerEditor
from rnnviz.drawing.caption import Lines
from rnnviz.tasks.task import LagDial


class LagEditor(Editor):
    """Off, it shows the task's own lag. The slider runs over what fits, the box takes all that is allowed."""

    def __init__(self, limits: tuple[int, int]) -> None:
        super().__init__()
        self._own = 0
        self._switch = QCheckBox()
        self._switch.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._switch.setAccessibleName("Another lag than the task's own")
        self._switch.toggled.connect(self._on_edited)
        self._number = IntegerEditor(limits, limits)
        self._number.edited.connect(self._on_edited)
        self.below = Lines()
        self.below.setProperty("role", "muted")
        self.row.addWidget(self._switch)
        self.row.addWidget(self._number, 1)

    def offer(self, dial: LagDial, length: int) -> None:
        """Say what ``dial`` counts and what fits ``length`` tokens; show its own lag where none is set."""
        low, high = dial.least, max(dial.least, dial.greatest(length))
        self._own = min(max(dial.own(length), low), high)
        self._number.set_slider(low, high)
        if not self._switch.isChecked():
            self._number.set_value(self._own)
        about = f"{dial.about[0].upper()}{dial.about[1:]}.\nAt T = {length}: {dial.fitting(length)}; off: {self._own}."
        self.below.say(about.replace(" = ", "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}"))

    def set_value(self, value: Any) -> None:
        """Show ``value``, or a switched-off number for None."""
        with QSignalBlocker(self._switch):
            self._switch.setChecked(value is not None)
        self._number.setEnabled(value is not None)
        self._number.set_value(self._own if value is None else value)

    def _on_edited(self) -> None:
        given = self._switch.isChecked()
        self._number.setEnabled(given)
        self.edited.emit(self._number.value if given else None)
