"""The cell at the chosen token: its textbook drawing and formula with the numbers of one unit in them."""

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainterPath, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QGraphicsRectItem, QGraphicsSimpleTextItem

from rnnviz.analysis.live_values import live_values
from rnnviz.analysis.tables import live
from rnnviz.cells import CELLS
from rnnviz.cells.cell import Cell
from rnnviz.cells.sketch import Node, Wire, plain_sketch
from rnnviz.config import RunConfig
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.table import Table
from rnnviz.domain.trace import Trace
from rnnviz.drawing.canvas import Canvas
from rnnviz.drawing.items import (
    centre,
    label_font,
    path_item,
    pen,
    rect_item,
    right_align,
    set_text,
    text_item,
    visible_token,
)
from rnnviz.drawing.theme import Theme
from rnnviz.panels.panel import Panel

WIDTH, HEIGHT = 100.0, 60.0  # the sketch's own units
SKETCH_HEIGHT = 158  # pixels
FORMULA_LINES = 5
LINE = 15  # pixels


class CellPanel(Panel):
    """Redrawn when the cell or the size changes; otherwise only numbers change."""

    name = "cell"
    title = "Cell at token"
    phases = frozenset({"forward"})
    how_to_read = (
        "The cell's textbook drawing, with the numbers of the chosen unit at the chosen token. Choose another unit "
        "with ↑ ↓ or by clicking a row of a picture; below are the cell's equations and the same with its numbers. "
        "h₋ and c₋ are the states one token before."
    )
    stretch = 0

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._canvas = Canvas(theme)
        self._canvas.setFixedHeight(SKETCH_HEIGHT + FORMULA_LINES * LINE + 6)
        self.body.addWidget(self._canvas)
        # Lines of a picture and not a label, for a label lays the whole column out anew at every change.
        self._formula: list[QGraphicsSimpleTextItem] = []
        self._values: dict[str, QGraphicsSimpleTextItem] = {}
        self._anchors: dict[str, tuple[float, float, str]] = {}
        self._cell: Cell | None = None
        self._shown: tuple[Trace, Cursor] | None = None

    def set_theme(self, theme: Theme) -> None:
        """Redraw in other colours."""
        super().set_theme(theme)
        self._canvas.set_theme(theme)
        self._redraw()

    def show_config(self, config: RunConfig) -> None:
        """Before there is a trace: the drawing and the equations."""
        if self._shown is None:
            self._cell = CELLS[config.cell]
            self._redraw()

    def show_trace(self, trace: Trace, cursor: Cursor) -> None:
        """Fill in the numbers at the cursor."""
        self._shown = trace, cursor
        cell = CELLS[trace.layers[cursor.layer].cell]
        if cell is not self._cell:
            self._cell = cell
            self._redraw()
        else:
            self._fill_in()

    def numbers(self) -> Table:
        """The numbers of the chosen unit at the chosen token."""
        if self._shown is None:
            return Table(self.title)
        trace, cursor = self._shown
        return live(self.title, trace.layers[cursor.layer], cursor)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Redraw to the new width."""
        super().resizeEvent(event)
        self._redraw()

    def _fill_in(self) -> None:
        if self._cell is None:
            return
        if self._shown is None:
            self._write(self._cell, ())
            return
        trace, cursor = self._shown
        layer = trace.layers[cursor.layer]
        values = live_values(layer, cursor.token, cursor.unit)
        signed = {gate.name: gate.signed for gate in self._cell.gates}
        for name, item in self._values.items():
            written = f"{values[name]:+.2f}" if signed.get(name, True) else f"{values[name]:.2f}"
            set_text(item, written.replace("-", "−"))
            x, y, align = self._anchors[name]
            _put(item, x, y, align)
        self._write(self._cell, [line.format(**values) for line in self._cell.formulas if _can_fill(line, values)])
        token = "" if trace.reading is None else f" {visible_token(trace.reading.tokens[cursor.token])}"
        self.set_subtitle(f"{cursor.token}{token} · unit {cursor.unit} · {layer.name} · {self._cell.title}")

    def _write(self, cell: Cell, known: Sequence[str]) -> None:
        """The equations of ``cell``, and below them ``known``: the same with numbers."""
        padded = [*cell.equations, *known, *[""] * FORMULA_LINES][:FORMULA_LINES]
        for item, line in zip(self._formula, padded, strict=True):
            _fit_text(item, line.replace("-", "−"), self._canvas.width() - 16)

    def _redraw(self) -> None:
        self._canvas.clear()
        self._values, self._anchors = {}, {}
        if self._cell is None:
            return
        self._scale = self._canvas.width() / WIDTH, SKETCH_HEIGHT / HEIGHT
        sketch = self._cell.sketch
        if not sketch.nodes:
            sketch = plain_sketch({gate.name: gate.letter for gate in self._cell.gates})
        for wire in sketch.wires:
            self._draw_wire(wire, self._canvas.root)
        for node in sketch.nodes:
            self._draw_node(node, self._canvas.root)
        root, font = self._canvas.root, label_font(8.5)
        self._formula = [text_item(root, self.theme.text, font, changes=True) for _ in range(FORMULA_LINES)]
        for line, item in enumerate(self._formula):
            item.setPos(8, SKETCH_HEIGHT + line * LINE)
            if line < len(self._cell.equations):
                item.setBrush(QColor(self.theme.muted))
        self._canvas.setToolTip(_in_words(self._cell))
        self._fill_in()

    def _place(self, x: float, y: float) -> QPointF:
        return QPointF(x * self._scale[0], y * self._scale[1])

    def _draw_wire(self, wire: Wire, root: QGraphicsRectItem) -> None:
        colours = {"cell": self.theme.text, "hidden": self.theme.positive, "plain": self.theme.muted}
        colour = colours[wire.carries]
        points = [self._place(x, y) for x, y in wire.points]
        path = QPainterPath(points[0])
        for point in points[1:]:
            path.lineTo(point)
        path_item(root, pen(colour, 2 if wire.carries == "cell" else 1.3)).setPath(path)
        path_item(root, fill=colour).setPath(_arrow_head(points[-2], points[-1]))

    def _draw_node(self, node: Node, root: QGraphicsRectItem) -> None:
        assert self._cell is not None  # noqa: S101  # _redraw has looked
        place = self._place(node.x, node.y)
        hue = self._hue(node)
        label = text_item(root, hue, label_font(9, bold=node.kind == "gate"), node.label)
        width = max(label.boundingRect().width() + 10, 20.0)
        two_lines = node.kind == "gate" and node.value is not None
        if node.kind != "port":
            box = rect_item(root, self.theme.raised, border=hue if node.kind == "gate" else self.theme.muted)
            width, tall = (38.0, 30.0) if two_lines else (width, 19.0)
            box.setRect(place.x() - width / 2, place.y() - tall / 2, width, tall)
            label.setZValue(1)
        if node.kind == "port" and node.value is not None:
            # Names of states stand above their wire, the numbers below, both pushed in from the picture's edge.
            at_left = node.x < WIDTH / 2
            x = 3.0 if at_left else self._canvas.width() - 3.0
            _put(label, x, place.y() - 9, "left" if at_left else "right")
            self._add_value(node.value, root, x, place.y() + 9, "left" if at_left else "right")
            return
        centre(label, max(place.x(), label.boundingRect().width() / 2 + 3), place.y() - (7 if two_lines else 0))
        if node.value is not None:
            self._add_value(node.value, root, place.x(), place.y() + 7, "centre")

    def _hue(self, node: Node) -> str:
        assert self._cell is not None  # noqa: S101  # _redraw has looked
        block = self._cell.gate_block(node.value or "")
        return self.theme.text if block is None else self.theme.gate(block)

    def _add_value(self, name: str, root: QGraphicsRectItem, x: float, y: float, align: str) -> None:
        item = text_item(root, self.theme.text, label_font(8.5), changes=True)
        item.setZValue(2)
        self._values[name] = item
        self._anchors[name] = (x, y, align)


def _in_words(cell: Cell) -> str:
    """The cell's equations, and in what it differs from others of its name."""
    lines = "<br>".join(escape(line) for line in cell.equations)
    return f"<p>{lines}</p><p>{escape(cell.note)}</p>" if cell.note else f"<p>{lines}</p>"


def _put(item: QGraphicsSimpleTextItem, x: float, y: float, align: str) -> None:
    """Put the left edge, the middle or the right edge of ``item`` at x."""
    width = item.boundingRect().width()
    right_align(item, x + {"left": width, "centre": width / 2, "right": 0}[align], y)


def _fit_text(item: QGraphicsSimpleTextItem, text: str, width: float) -> None:
    """Show ``text``, made smaller where it is wider than ``width``."""
    set_text(item, text)
    item.setScale(min(1.0, width / max(item.boundingRect().width(), 1.0)))


def _can_fill(line: str, values: dict[str, float]) -> bool:
    try:
        line.format(**values)
    except KeyError:  # a cell that cannot say its parts is shown by its equations
        return False
    return True


def _arrow_head(start: QPointF, end: QPointF) -> QPainterPath:
    along = end - start
    length = max((along.x() ** 2 + along.y() ** 2) ** 0.5, 1e-9)
    along = along / length
    across = QPointF(-along.y(), along.x())
    path = QPainterPath()
    path.addPolygon(QPolygonF([end, end - along * 6 + across * 3, end - along * 6 - across * 3]))
    path.closeSubpath()
    return path
