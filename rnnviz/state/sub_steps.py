"""Walks through the sub-steps of one update, forwards and backwards."""

from PySide6.QtCore import QObject, QTimer, Signal

from rnnviz.domain.phase import PHASES, Phase

EACH_MS = 1500


class SubSteps(QObject):
    """Off, or at one phase of the newest update."""

    phase_changed = Signal(object)  # Phase, or None when off
    update_wished = Signal()  # the next update is to be made
    playing_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._place: int | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(EACH_MS)
        self._timer.timeout.connect(self.on)

    @property
    def phase(self) -> Phase | None:
        """Where it stands; None when off."""
        return None if self._place is None else PHASES[self._place]

    @property
    def playing(self) -> bool:
        """Whether it goes on by itself."""
        return self._timer.isActive()

    def on(self) -> None:
        """Go on by one; after the last phase comes the first one of the next update."""
        if self._place is None:
            self._go(0)
        elif self._place + 1 < len(PHASES):
            self._go(self._place + 1)
        else:
            self._place = 0
            self.update_wished.emit()
            self.phase_changed.emit(self.phase)

    def back(self) -> None:
        """Go back by one, as far as the first phase of this update."""
        if self._place is not None:
            self._go(max(self._place - 1, 0))

    def choose(self, phase: Phase) -> None:
        """Go to ``phase`` of this update."""
        self._go(PHASES.index(phase))

    def toggle_playing(self) -> None:
        """Go on by itself, or stop doing so."""
        if self.playing:
            self._stop()
            return
        self._timer.start()
        self.playing_changed.emit(True)
        if self._place is None:
            self._go(0)

    def leave(self) -> None:
        """Show everything at once again."""
        self._stop()
        if self._place is not None:
            self._place = None
            self.phase_changed.emit(None)

    def _stop(self) -> None:
        if self.playing:
            self._timer.stop()
            self.playing_changed.emit(False)

    def _go(self, place: int) -> None:
        if place != self._place:
            self._place = place
            self.phase_changed.emit(self.phase)
