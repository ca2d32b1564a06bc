"""Where the user points, and how far that can go in the trace that is shown."""

from PySide6.QtCore import QObject, Signal

from rnnviz.domain.cursor import Cursor
from rnnviz.domain.trace import Trace


class Selection(QObject):
    """One cursor for the whole window."""

    cursor_changed = Signal(object)  # Cursor

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cursor = Cursor()
        self._tokens = 1
        self._units: tuple[int, ...] = (1,)  # of every layer

    @property
    def cursor(self) -> Cursor:
        """Always inside the trace that is shown."""
        return self._cursor

    @property
    def tokens(self) -> int:
        """T of the trace that is shown."""
        return self._tokens

    def fit(self, trace: Trace) -> None:
        """Keep the cursor where it is, or bring it into ``trace``."""
        self._tokens, self._units = trace.tokens, tuple(layer.hidden.shape[1] for layer in trace.layers)
        self.choose()

    def choose(self, token: int | None = None, layer: int | None = None, unit: int | None = None) -> None:
        """Point at a token, layer or unit; what is left out stays."""
        wish = Cursor(
            self._cursor.token if token is None else token,
            self._cursor.layer if layer is None else layer,
            self._cursor.unit if unit is None else unit,
        )
        there = min(max(wish.layer, 0), len(self._units) - 1)
        wish = wish.within(self._tokens, len(self._units), self._units[there])
        if wish != self._cursor:
            self._cursor = wish
            self.cursor_changed.emit(wish)

    def move(self, tokens: int = 0, layers: int = 0, units: int = 0) -> None:
        """Go some tokens, layers or units further; stops at the ends."""
        cursor = self._cursor
        self.choose(cursor.token + tokens, cursor.layer + layers, cursor.unit + units)
