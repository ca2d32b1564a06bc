"""Sentences under a picture, broken to its width."""

from PySide6.QtWidgets import QLabel, QSizePolicy


class Caption(QLabel):
    """Lays the column out anew only when its words change."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setProperty("role", "muted")
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMinimumWidth(1)

    def say(self, text: str) -> None:
        """Show ``text``; nothing takes no room."""
        if text != self.text():
            self.setText(text)
        self.setVisible(bool(text))
