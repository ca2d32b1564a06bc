"""The line that says which sub-step of the update is lit, and what happens in it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton

from rnnviz.app.icons import icon
from rnnviz.domain.phase import PHASES, Phase
from rnnviz.drawing.theme import Theme


class SubStepBar(QFrame):
    """Shown while one update is walked through."""

    phase_chosen = Signal(object)  # Phase
    on_wished = Signal()
    back_wished = Signal()
    play_wished = Signal()
    leave_wished = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "bar")
        self._playing = False
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 5, 14, 5)
        row.setSpacing(4)
        self._tools: dict[str, QToolButton] = {}
        self._add_tool(row, "previous", "One sub-step back (,)", self.back_wished)
        self._add_tool(row, "play", "Go on by itself", self.play_wished)
        self._add_tool(row, "next", "One sub-step on (.)", self.on_wished)
        self._phases: dict[Phase, QToolButton] = {}
        for phase in PHASES:
            button = QToolButton()
            button.setText(phase)
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _=False, chosen=phase: self._choose(chosen))
            self._phases[phase] = button
            row.addWidget(button)
        self._caption = QLabel()
        self._caption.setWordWrap(True)
        row.addSpacing(8)
        row.addWidget(self._caption, 1)
        leave = QToolButton()
        leave.setText("Esc")
        leave.setToolTip("Show everything at once again (Esc)")
        leave.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        leave.clicked.connect(self.leave_wished)
        row.addWidget(leave)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Draw the icons in other colours."""
        self._theme = theme
        for name, tool in self._tools.items():
            shown = ("pause" if self._playing else "train") if name == "play" else name
            tool.setIcon(icon(shown, theme))

    def show_phase(self, phase: Phase | None, caption: str) -> None:
        """Light ``phase``; None lights nothing."""
        for name, button in self._phases.items():
            button.setChecked(name == phase)
        self._caption.setText(caption)

    def show_playing(self, playing: bool) -> None:  # noqa: FBT001  # connected to a signal
        """Say what the play button will do."""
        self._playing = playing
        self.set_theme(self._theme)

    def _choose(self, phase: Phase) -> None:
        self._phases[phase].setChecked(True)  # the lit one stays lit
        self.phase_chosen.emit(phase)

    def _add_tool(self, row: QHBoxLayout, name: str, about: str, wish: object) -> None:
        tool = QToolButton()
        tool.setToolTip(about)
        tool.setAccessibleName(about)
        tool.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        tool.clicked.connect(wish)
        self._tools[name] = tool
        row.addWidget(tool)
