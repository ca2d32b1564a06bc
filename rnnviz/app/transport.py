"""The bar at the bottom: where in the sequence the cursor stands, and whether the numbers are right."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSlider, QToolButton

from rnnviz.app.icons import icon
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.trace import SelfCheck, Trace
from rnnviz.drawing.items import visible_token
from rnnviz.drawing.theme import Theme


class Transport(QFrame):
    """Walks through the tokens, one at a time or by itself."""

    token_chosen = Signal(int)
    play_wished = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "bar")
        self._buttons: dict[str, QToolButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 14, 8)
        row.setSpacing(5)
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, 0)
        caption = QLabel("Token")
        caption.setProperty("role", "muted")
        row.addWidget(caption)
        for name, about, move in (
            ("first", "First token (Home)", lambda: self.token_chosen.emit(0)),
            ("previous", "One token back (←)", lambda: self.token_chosen.emit(self._slider.value() - 1)),
            ("play", "Play along the tokens (P)", self.play_wished.emit),
            ("next", "One token on (→)", lambda: self.token_chosen.emit(self._slider.value() + 1)),
            ("last", "Last token (End)", lambda: self.token_chosen.emit(self._slider.maximum())),
        ):
            button = QToolButton()
            button.setToolTip(about)
            button.setAccessibleName(about)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(move)
            self._buttons[name] = button
            row.addWidget(button)
        self._slider.setAccessibleName("Token")
        self._slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._slider.valueChanged.connect(self.token_chosen)
        row.addWidget(self._slider, 1)
        self._place = QLabel()
        self._place.setMinimumWidth(130)
        self._badge = QLabel()
        self._badge.setProperty("role", "muted")
        row.addWidget(self._place)
        row.addWidget(self._badge)
        self._playing = False
        self._without_update = "before training"
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Draw the icons in other colours."""
        self._theme = theme
        for name, button in self._buttons.items():
            shown = ("pause" if self._playing else "train") if name == "play" else name
            button.setIcon(icon(shown, theme))

    def show_playing(self, playing: bool) -> None:  # noqa: FBT001  # connected to a signal
        """Say what the play button will do."""
        self._playing = playing
        self.set_theme(self._theme)

    def show_fixed(self, *, fixed: bool) -> None:
        """Say of a trace that belongs to no update what it is of."""
        self._without_update = "as in the file" if fixed else "before training"

    def show_trace(self, trace: Trace, cursor: Cursor) -> None:
        """Show the cursor's place and the newest self-check."""
        with QSignalBlocker(self._slider):
            self._slider.setMaximum(trace.tokens - 1)
            self._slider.setValue(cursor.token)
        label = "" if trace.reading is None else f" · {visible_token(trace.reading.tokens[cursor.token])}"
        update = self._without_update if trace.update is None else f"update {trace.update}"
        self._place.setText(f"{cursor.token} of 0 … {trace.tokens - 1}{label} · {update}")
        self._show_check(trace.check)

    def _show_check(self, check: SelfCheck | None) -> None:
        if check is None:
            self._badge.setText("not checked")
            self._badge.setToolTip("")
            return
        verdict = "✓ agrees with autograd" if check.passed else "✗ disagrees with autograd"
        self._badge.setText(f"{verdict} ({check.error:.0e})")
        self._badge.setToolTip(
            f"<p>At update {check.update} the gradient of the recurrent weights was rebuilt from the states, gates and "
            f"gradients that you see. It differs from the one that training used by {check.error:.1e} of its largest "
            f"entry; float32 explains up to {SelfCheck.TOLERANCE:.0e}.</p>"
        )
