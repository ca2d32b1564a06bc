"""Sentences under a picture, broken to its width."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy


class Caption(QLabel):
    """Lays the column out anew only when its words change."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setProperty("role", "muted")
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMinimumWidth(1)

    def say(self, text: str) -> None:
        """Show ``text``; nothing takes no room."""
        if text != self.text():
            self.setText(text)
        self.setVisible(bool(text))

    def minimumSizeHint(self) -> QSize:
        """One line. Qt's own is the height at the least width: a column of scrolled panels would be given that."""
        return QSize(1, self.fontMetrics().lineSpacing())


class Lines(QLabel):
    """As high as its lines. A height that follows from the width made layouts give others less than they need."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)

    def say(self, text: str) -> None:
        """Show ``text``."""
        self.setText(text)
        self._fit()

    def hasHeightForWidth(self) -> bool:
        """Never: the height is set as soon as the width is known."""
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(max(self.heightForWidth(self.width()), 0))
