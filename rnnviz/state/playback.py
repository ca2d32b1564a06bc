"""Walking along the tokens by itself."""

from PySide6.QtCore import QObject, QTimer, Signal

from rnnviz.state.selection import Selection

INTERVAL_MS = 250


class Playback(QObject):
    """Moves the cursor one token at a time and stops at the last one."""

    playing_changed = Signal(bool)

    def __init__(self, selection: Selection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._selection = selection
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._advance)

    @property
    def playing(self) -> bool:
        """Whether the cursor is walking."""
        return self._timer.isActive()

    def toggle(self) -> None:
        """Start, from the first token when at the last; or stop."""
        if self.playing:
            self.stop()
            return
        if self._at_the_end():
            self._selection.choose(token=0)
        self._timer.start()
        self.playing_changed.emit(True)

    def stop(self) -> None:
        """Stand still."""
        if self.playing:
            self._timer.stop()
            self.playing_changed.emit(False)

    def _advance(self) -> None:
        self._selection.move(tokens=1)
        if self._at_the_end():
            self.stop()

    def _at_the_end(self) -> bool:
        return self._selection.cursor.token >= self._selection.tokens - 1
