"""Where the keyboard is can be seen: on the switch, and in columns that are scrolled."""

from PySide6.QtCore import QObject, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from superqt import QToggleSwitch


class Switch(QToggleSwitch):
    """A switch with a frame while it has the keyboard; its own painting knows no focus."""

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """The switch, and the frame."""
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(self.palette().highlight().color())
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            painter.end()


class FocusInView(QObject):
    """Scrolls to what gets the keyboard: Qt does so only from one part of a scrolled column to another."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._follow)

    def _follow(self, _: QWidget | None, part: QWidget | None) -> None:
        """What was clicked is in view, and must not move under the pointer."""
        if part is None or part.window() is not self._window:
            return
        if QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton:
            return
        around = part.parentWidget()
        while around is not None and not isinstance(around, QScrollArea):
            around = around.parentWidget()
        if around is not None:
            around.ensureWidgetVisible(part)
