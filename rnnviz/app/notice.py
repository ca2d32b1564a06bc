"""A line across the window for what went wrong, until it is dismissed."""

from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from rnnviz.exchange.messages import Failed


class Notice(QFrame):
    """Says what happened and offers what helps."""

    reset_wished = Signal()
    lower_rate_wished = Signal()
    last_good_wished = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "notice")
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._good = self._button("Last good update", "Show the newest kept update whose loss was still as usual")
        self._good.clicked.connect(self.last_good_wished)
        self._lower = self._button(
            "Go back and lower the rate",
            "With a tenth of the rate, from the last kept update that had done no harm, or from the start",
        )
        self._lower.clicked.connect(self.lower_rate_wished)
        self._lower.clicked.connect(self.hide)
        self._reset = self._button("Begin anew", "Begin this run anew (R)")
        self._reset.clicked.connect(self.reset_wished)
        self._reset.clicked.connect(self.hide)
        dismiss = self._button("Dismiss", "Esc")
        dismiss.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 8, 6)
        row.addWidget(self._text, 1)
        row.addWidget(self._good)
        row.addWidget(self._lower)
        row.addWidget(self._reset)
        row.addWidget(dismiss)
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text.text()

    def show_failure(self, failed: Failed) -> None:
        """Say what failed; details behind the text."""
        self._show(failed, bad=True)

    def show_remark(self, sentence: str) -> None:
        """Say something that needs no action."""
        self._show(Failed("refused", sentence), bad=False)

    def _show(self, failed: Failed, *, bad: bool) -> None:
        self.setProperty("bad", str(bad).lower())
        self.style().polish(self)
        self._text.setText(failed.sentence)
        self._text.setToolTip(f"<pre>{escape(failed.details)}</pre>" if failed.details else "")
        for button in (self._good, self._lower):
            button.setVisible(failed.kind == "diverged")
        self._reset.setVisible(failed.kind in {"diverged", "crashed", "lost"})
        self.show()

    def _button(self, text: str, about: str) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(about)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button
