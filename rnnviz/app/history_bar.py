"""The bar for going back in time: the whole run at a glance, and every kept update to be opened again."""

import numpy as np
from PySide6.QtCore import QRectF, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton

from rnnviz.app.icons import icon
from rnnviz.domain.arrays import Array
from rnnviz.drawing.canvas import Canvas
from rnnviz.drawing.colour_map import magnitude_table, quantise_log
from rnnviz.drawing.decades import Decades
from rnnviz.drawing.heat_map import HeatMap
from rnnviz.drawing.items import bars_path, path_item, rect_item
from rnnviz.drawing.theme import Theme
from rnnviz.state.flow_map import FlowMap

HEIGHT = 34  # pixels, three of them for the marks of kept updates
GO_ON = "A new run that shares the past up to here (G)"
NOT_FROM_A_RECORDING = "A recording was trained elsewhere: there is no network here that could go on"
ABOUT = (
    "<p>Each column is one moment of the run, left the first update, right the newest; each row is a token, the first "
    "on top. Bright: a large gradient ‖∂L/∂h‖ of the top layer reaches that token (log scale). Small marks below: "
    "updates that are kept. Click or drag to open one again exactly as it was; [ and ] go from one to the next, L "
    "returns to the present.</p>"
)


class _Map(Canvas):
    """Emits where it is clicked or dragged, and that its size has changed."""

    chosen = Signal(float)  # share of the width
    resized = Signal()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a moment."""
        self.chosen.emit(min(max(event.position().x() / max(self.width(), 1), 0.0), 1.0))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag through time."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.mousePressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say that there is more or less room."""
        super().resizeEvent(event)
        self.resized.emit()


class HistoryBar(QFrame):
    """Emits the updates to be shown; None is the present."""

    update_chosen = Signal(object)  # int, or None for live
    branch_wished = Signal()
    lane_chosen = Signal(int)
    previous_wished = Signal()
    next_wished = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "bar")
        self._kept: tuple[int, ...] = ()
        self._shown: int | None = None
        self._recorded = False
        self._newest = 0
        self._flow = FlowMap()
        self._decades = Decades()
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 2, 14, 8)
        row.setSpacing(5)
        caption = QLabel("History")
        caption.setProperty("role", "muted")
        row.addWidget(caption)
        row.addWidget(self._build_lanes())
        self._buttons: dict[str, QToolButton] = {}
        self._add_button(row, "previous", "The kept update before ([)", self.previous_wished)
        self._map = _Map(theme)
        self._map.setFixedHeight(HEIGHT)
        self._map.setToolTip(ABOUT)
        self._map.setAccessibleName("History: gradient per token and update")
        self._map.chosen.connect(self._on_chosen)
        self._map.resized.connect(self._draw)
        row.addWidget(self._map, 1)
        self._add_button(row, "next", "The kept update after (])", self.next_wished)
        self._place = QLabel()
        self._place.setFixedWidth(170)  # the map must not move under the pointer that drags through it
        row.addWidget(self._place)
        self._branch = self._add_push_button(row, "Go on from here", GO_ON)
        self._branch.clicked.connect(self.branch_wished)
        self._live = self._add_push_button(row, "Live", "Back to the present (L)")
        self._live.clicked.connect(lambda: self.update_chosen.emit(None))
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self._theme = theme
        for name, button in self._buttons.items():
            button.setIcon(icon(name, theme))
        self._map.set_theme(theme)
        self._picture = HeatMap(self._map.root)
        self._picture.set_table(magnitude_table(theme))
        self._marks = path_item(self._map.root, fill=theme.muted)
        self._cursor = rect_item(self._map.root, theme.amber)
        self._draw()

    def show_lanes(self, labels: tuple[str, ...], shown: int) -> None:
        """Offer the run and what is trained beside it; nothing to choose where it is alone."""
        with QSignalBlocker(self._lane):
            self._lane.clear()
            self._lane.addItems(["this run", *labels])
            self._lane.setCurrentIndex(shown)
        self._lane.setVisible(bool(labels))

    def show_run(self, flow: FlowMap, newest: int, kept: tuple[int, ...]) -> None:
        """Show how far the run has come, and offer the updates that are kept."""
        if flow is not self._flow:  # another run's: its colours have a range of their own
            self._decades = Decades()
        self._flow, self._newest, self._kept = flow, newest, kept
        self._draw()

    def show_recorded(self, *, recorded: bool) -> None:
        """From a recording nothing can go on: the button says so."""
        self._recorded = recorded
        self._branch.setToolTip(NOT_FROM_A_RECORDING if recorded else GO_ON)
        self._tell()

    def show_update(self, update: int | None) -> None:
        """Say which update the window shows; None is the present."""
        self._shown = update
        self._draw_marks()
        self._tell()

    def previous(self) -> None:
        """Choose the kept update before the one that is shown."""
        before = [update for update in self._kept if update < (self._shown or self._newest)]
        if before:
            self.update_chosen.emit(before[-1])

    def next(self) -> None:
        """Choose the kept update after the one that is shown; after the last comes the present."""
        if self._shown is not None:
            after = [update for update in self._kept if update > self._shown]
            self.update_chosen.emit(after[0] if after else None)

    def _on_chosen(self, share: float) -> None:
        """The kept update that is nearest, or the present where that is."""
        wanted = 1 + share * max(self._newest - 1, 0)
        past = [update for update in self._kept if update < self._newest]
        nearest = min((self._newest, *past), key=lambda update: abs(update - wanted))
        chosen = nearest if nearest in past else None
        if chosen != self._shown:
            self.update_chosen.emit(chosen)

    def _draw(self) -> None:
        width = max(self._map.viewport().width(), 1)
        norms = self._flow.picture(min(width, 600), self._newest)
        self._picture.setVisible(bool(len(norms)))
        if len(norms):
            self._decades.follow(norms)
            self._picture.place(QRectF(0, 0, width, HEIGHT - 4))
            self._picture.show_bytes(quantise_log(norms, self._decades.low, self._decades.high))
        self._draw_marks()
        self._tell()

    def _draw_marks(self) -> None:
        left = self._x_of(np.array(self._kept, float)) - 0.5
        self._marks.setPath(bars_path(left, np.array(HEIGHT - 3.0), 1, np.full(len(left), 3.0)))
        self._cursor.setVisible(self._newest > 0)
        (x,) = self._x_of(np.array([self._shown or self._newest], float))
        self._cursor.setRect(QRectF(x - 1, 0, 2, HEIGHT))

    def _x_of(self, updates: Array) -> Array:
        width = max(self._map.viewport().width(), 1)
        return np.asarray(np.clip((updates - 1) / max(self._newest - 1, 1) * width, 1, width - 1))

    def _tell(self) -> None:
        past = self._shown is not None
        self._branch.setEnabled(past and not self._recorded)
        self._live.setEnabled(past)
        where = f"update {self._shown:,} of {self._newest:,}" if past else f"live · {len(self._kept)} kept"
        self._place.setText(where if self._newest else "nothing to go back to yet")
        self._buttons["previous"].setEnabled(any(update < (self._shown or self._newest) for update in self._kept))
        self._buttons["next"].setEnabled(past)

    def _build_lanes(self) -> QComboBox:
        self._lane = QComboBox()
        self._lane.setToolTip("Whose sequence is shown (T)")
        self._lane.setAccessibleName("Shown network")
        self._lane.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._lane.activated.connect(self.lane_chosen)
        self._lane.hide()
        return self._lane

    def _add_button(self, row: QHBoxLayout, name: str, about: str, do: object) -> None:
        button = QToolButton()
        button.setToolTip(about)
        button.setAccessibleName(about)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(do)
        self._buttons[name] = button
        row.addWidget(button)

    def _add_push_button(self, row: QHBoxLayout, text: str, about: str) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(about)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row.addWidget(button)
        return button
