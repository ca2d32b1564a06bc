"""Connects what lets the network go on by itself: the panels that show it, the cursor, the sequence that it wrote."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from rnnviz.app.keys import Key
from rnnviz.app.panel_column import PanelColumn
from rnnviz.domain.continuation import GoingOn, OwnSequence, Sampled
from rnnviz.domain.trace import Trace
from rnnviz.state.selection import Selection
from rnnviz.state.session import Session

SETTLED_MS = 120  # a cursor that plays along the tokens does not ask for a text at each


class WrittenBar(QFrame):
    """Shown while a sequence is displayed that the network wrote itself."""

    back_wished = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "bar")
        self._text = QLabel()
        self._text.setWordWrap(True)
        back = QPushButton("Back to the task's sequence")
        back.setToolTip("H")
        back.clicked.connect(self.back_wished)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 4, 14, 4)
        row.addWidget(self._text, 1)
        row.addWidget(back)
        self.hide()

    def show_written(self, written: int | None) -> None:
        """Say from which token on the displayed sequence is the network's own; None hides the bar."""
        if written is not None:
            self._text.setText(
                f"Displayed: what the network wrote itself, from token {written} on. Every row and every loss is of "
                "this sequence, with the weights as they are now."
            )
        self.setVisible(written is not None)


class Speaking(QObject):
    """Sends orders only while somebody looks at what comes of them."""

    WANTS = frozenset({"sampling", "forecast"})

    def __init__(self, session: Session, column: PanelColumn, selection: Selection) -> None:
        super().__init__(column)
        self._session, self._column, self._selection = session, column, selection
        self._how, self._told = GoingOn(), GoingOn()
        self._place: int | None = None  # where the cursor goes when the chosen sequence is there
        self.bar = WrittenBar()
        self.bar.back_wished.connect(self.show_own)
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(SETTLED_MS)
        self._settled.timeout.connect(self._tell)
        column.going_on_chosen.connect(self.change)
        column.written_chosen.connect(self.show_written)
        column.wants_changed.connect(self._tell)
        selection.cursor_changed.connect(lambda _: self._settled.start())

    def keys(self) -> tuple[Key, ...]:
        """All this by keyboard."""
        return (
            Key(("N",), "N", "let the network write another text", self.again),
            Key(("H",), "H", "from what the network wrote back to the task's sequence", self.show_own),
        )

    def change(self, changes: dict[str, Any]) -> None:
        """Go on in another way from now on."""
        self._how = replace(self._how, **changes)
        self._tell()

    def again(self) -> None:
        """Draw another text."""
        self.change({"seed": self._how.seed + 1})

    def show_written(self, sampled: Sampled, place: int) -> None:
        """Display what was written, as long as the task's sequences or up to ``place``, with the cursor there."""
        config, trace = self._session.config, self._session.trace
        if config is None:
            return
        before = None if trace is None else trace.written
        written = len(sampled.prefix) if before is None else min(before, len(sampled.prefix))
        labels = sampled.labels[: max(config.length, place + 1) + 1]
        self._place = place
        self._session.display(OwnSequence(labels, written, sampled.initial))

    def show_own(self) -> None:
        """Display the task's own sequence again."""
        self._place = None
        self._session.display(None)

    def show_trace(self, trace: Trace) -> None:
        """Say what is displayed. To be called when everything else shows ``trace``: the cursor may move in it."""
        self.bar.show_written(trace.written)
        if self._place is not None and trace.written is not None:
            place, self._place = self._place, None
            self._selection.choose(token=place)

    def _tell(self) -> None:
        self._how = replace(self._how, after=self._selection.cursor.token)
        if self._how != self._told and self._column.wants & self.WANTS:
            self._told = self._how
            self._session.go_on(self._how)
