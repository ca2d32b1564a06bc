"""A plot over updates: pyqtgraph's, with ranges that move seldom, since every new range draws all ticks anew."""

import math
from collections.abc import Generator
from contextlib import contextmanager

import numpy as np
import pyqtgraph
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QResizeEvent, QTransform
from PySide6.QtWidgets import QGraphicsItem, QGraphicsSimpleTextItem, QSizePolicy, QStyleOptionGraphicsItem, QWidget

from rnnviz.analysis.thinning import thin
from rnnviz.domain.arrays import Array
from rnnviz.drawing.decades import power_of_ten
from rnnviz.drawing.items import label_font, pen, set_text
from rnnviz.drawing.theme import Theme

FAR = 1e9  # updates
SHORTEST, WIDER = 100.0, 1.5  # updates that an axis has room for at first, and how much wider it gets at a time
MOST = 8  # labels at an axis of powers of ten
TICK = 13.0  # pixels that a label of it needs
SPIKE = 3  # times the 95th percentile: what is higher may leave a linear plot
RISE, ROUNDS = 1.15, 10  # times so much as often as that at most, for a label
TALLEST = 280  # pixels; where panels are scrolled, the layout would let plots grow beyond the window


class TimePlot(pyqtgraph.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """Curves by name. Only finite values reach pyqtgraph, which raises on others."""

    def __init__(self, theme: Theme, *, log: bool) -> None:
        self._labels: dict[str, LineLabel] = {}  # at the ends of lines
        self._y_range: tuple[float, float] | None = None
        self._fitted = (0.0, 1.0)  # what the values asked for when that was set; labels may have added to it
        self._log = log
        super().__init__(enableMenu=False)
        self._curves: dict[str, pyqtgraph.PlotDataItem] = {}
        self._shown: dict[str, Array] = {}  # what each curve has on the upright axis
        self._x_end = 0.0
        item = self.getPlotItem()
        item.hideButtons()
        item.disableAutoRange()
        item.setLogMode(False, log)
        item.getViewBox().setMouseEnabled(x=False, y=False)
        item.getViewBox().sigResized.connect(self._part_labels)  # after the widget itself
        for side in ("left", "bottom"):
            item.getAxis(side).setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
            item.getAxis(side).setStyle(tickLength=3, tickTextOffset=3, showValues=False)  # of nothing
        item.getAxis("left").setWidth(46)
        item.getAxis("left").tickStrings = lambda values, *_: [short(value) for value in values]
        item.getAxis("bottom").setHeight(18)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMaximumHeight(TALLEST)
        self._fit_x(1)
        self.set_theme(theme)

    def sizeHint(self) -> QSize:
        """Ask for what it needs; a policy that ignores this counts as no height at all beside wrapped text."""
        least: QSize = self.minimumSize()
        return least.expandedTo(QSize(100, 40))

    def set_theme(self, theme: Theme) -> None:
        """Colour the plot's own parts."""
        self._theme = theme
        for label in self._labels.values():
            label.set_theme(theme)
        self.setBackground(theme.panel)
        for side in ("left", "bottom"):
            self.getPlotItem().getAxis(side).setPen(pen(theme.line))
            self.getPlotItem().getAxis(side).setTextPen(theme.muted)
        self.getPlotItem().showGrid(x=False, y=True, alpha=0.15)

    def add_curve(self, name: str, colour: str, width: float = 1.0, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> None:
        """Add an empty curve, or give the one of this name another pen."""
        if name not in self._curves:
            self._curves[name] = self.plot([], [], name=name)
        self._curves[name].setPen(pen(colour, width, style))

    def show_curve(self, name: str, x: Array, y: Array) -> None:
        """Replace the points of a curve; those that cannot be drawn are left out."""
        drawable = np.isfinite(y) & (y > 0) if self._log else np.isfinite(y)
        thin_x, thin_y = thin(x[drawable], y[drawable])
        self._shown[name] = thin_y
        self._curves[name].setData(thin_x, thin_y)

    @contextmanager
    def cut(self) -> Generator[None]:
        """Leave out what lies outside the plot while it is painted into a file: an SVG does not clip."""
        (left, right), (_, high) = self.getPlotItem().getViewBox().viewRange()
        whole = {name: curve.getOriginalDataset() for name, curve in self._curves.items()}
        for name, (x, y) in whole.items():
            if x is not None and len(x):
                self._curves[name].setData(*_inside(x, y, (left, right), 10.0**high if self._log else high))
        try:
            yield
        finally:
            for name, (x, y) in whole.items():
                self._curves[name].setData([] if x is None else x, [] if y is None else y)

    def show_line(self, name: str, words: str, value: float) -> None:
        """Draw the curve ``name`` level at ``value``, with ``words`` above its right end."""
        self.show_curve(name, np.array([0.0, FAR]), np.array([value, value]))
        label = self._labels.get(name)
        if label is None:
            label = self._labels[name] = LineLabel(self._theme)
            self.getPlotItem().getViewBox().addItem(label, ignoreBounds=True)
        label.setBrush(self._curves[name].opts["pen"].color())
        set_text(label, words)
        label.setPos(self._x_end, value)
        self._part_labels()

    def hide_line(self, name: str) -> None:
        """Draw a line no more."""
        self.show_curve(name, np.empty(0), np.empty(0))
        if name in self._labels:
            set_text(self._labels[name], "")
            self._part_labels()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep labels apart at the axis; those of lines when the view within follows."""
        super().resizeEvent(event)
        self._tick()

    def _part_labels(self, _: object = None) -> None:
        """Each label above its line, or below where the plot ends; pushed up where it would touch a lower one.

        Where that leaves no room for the highest the plot gets some above, if that helps.
        """
        low, high = self._y_range or (0.0, 1.0)
        higher = (low + (high - low) * RISE**rounds for rounds in range(1, ROUNDS))
        while not self._place_labels(low, high) and not self._log:
            high = next(higher, math.inf)
            if math.isinf(high):
                self._place_labels(*(self._y_range or (0.0, 1.0)))
                return
        if self._y_range is not None and high != self._y_range[1]:
            self._y_range = low, high
            self.setYRange(low, high, padding=0)

    def _place_labels(self, low: float, high: float) -> bool:
        """Place them in a plot that reaches from ``low`` to ``high``; say whether all are inside."""
        pixels = self.getPlotItem().getViewBox().height() / (high - low)
        ceiling, top = -high * pixels, math.inf
        for label in sorted(self._labels.values(), key=lambda label: label.y()):
            if not label.text():
                continue
            box, line = label.boundingRect(), -label.y() * pixels
            above = min(line, top) - box.height()
            top = line if above < ceiling and line + box.height() <= top else above
            label.setTransform(QTransform.fromTranslate(-box.width() - 4, top - line))
        return bool(top >= ceiling)

    def fit(self, updates: int) -> None:
        """Make room for all curves; ranges grow in large steps and shrink only when much too large."""
        self._fit_x(updates)
        self.fit_values()

    def fit_values(self) -> None:
        """Make room upwards; without a log scale a spike far above everything else leaves the picture."""
        values = np.concatenate([*self._shown.values(), np.empty(0)])
        self._number_axes(numbered=bool(values.size))
        if values.size:
            high = float(values.max())
            usual = high if self._log else float(np.percentile(values, 95)) * SPIKE
            self._fit_y(float(values.min()), min(high, usual))

    def _number_axes(self, *, numbered: bool) -> None:
        for side in ("left", "bottom"):
            axis = self.getPlotItem().getAxis(side)
            if axis.style["showValues"] != numbered:
                axis.setStyle(showValues=numbered)

    def _fit_x(self, updates: int) -> None:
        if updates > self._x_end or updates < self._x_end / 4:
            # One of few widths, so that plots which are drawn in turns have the same.
            self._x_end = SHORTEST * WIDER ** max(math.ceil(math.log(max(updates, 1) / SHORTEST, WIDER)), 0)
            self.setXRange(0, self._x_end, padding=0)
            for label in self._labels.values():
                label.setX(self._x_end)

    def _fit_y(self, low: float, high: float) -> None:
        wanted = _decades_around(low, high) if self._log else _around_zero(low, high)
        present = self._y_range
        if present is not None and present[0] <= wanted[0] and wanted[1] <= present[1] * (1 + 1e-9):
            much = (self._fitted[1] - self._fitted[0]) > 1.6 * (wanted[1] - wanted[0])
            if not much:
                return
        self._y_range = self._fitted = wanted
        self.setYRange(*wanted, padding=0)
        self._part_labels()
        self._tick()

    def _tick(self) -> None:
        if self._log and self._y_range is not None:
            most = max(int(self.getPlotItem().getViewBox().height() // TICK), 2)
            self.getPlotItem().getAxis("left").setTicks([log_ticks(*self._y_range, min(most, MOST))])


class LineLabel(QGraphicsSimpleTextItem):
    """Words on a faint ground of their own, so that a line behind does not strike them out."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
        self.setFont(label_font(7.5))
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take the colour of the ground from ``theme``."""
        self._ground = QColor(theme.panel)
        self._ground.setAlphaF(0.8)
        self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the ground, then the words."""
        painter.fillRect(self.boundingRect(), self._ground)
        super().paint(painter, option, widget)  # type: ignore[arg-type]  # may be None, the stubs forget it


def _inside(x: Array, y: Array, ends: tuple[float, float], high: float) -> tuple[Array, Array]:
    """The part of a curve over ``ends``; NaN for points above ``high``."""
    inside = (x > ends[0]) & (x < ends[1])
    borders = np.clip(np.array(ends, float), x[0], x[-1])
    at = np.interp(borders, x, y)
    new_x = np.concatenate([borders[:1], x[inside], borders[1:]])
    new_y = np.concatenate([at[:1], y[inside], at[1:]])
    return new_x, np.where(new_y > high, np.nan, new_y)


def log_ticks(low: float, high: float, most: int = MOST) -> list[tuple[float, str]]:
    """Places (log10) and labels of at most ``most`` round numbers in 10^low … 10^high; pyqtgraph's own overlap."""
    decades = range(int(np.floor(low)), int(np.ceil(high)) + 1)
    dense = [steps for steps, widest in (((1, 2, 5), 1.5), ((1, 3), 3.0)) if high - low <= widest]
    offered = []
    for steps in (*dense, (1,)):
        every = 1 if len(steps) > 1 else -(-len(decades) // most)
        values = [step * 10.0**exponent for exponent in decades[::every] for step in steps]
        offered.append([value for value in values if low <= np.log10(value) <= high])
    fitting = next((values for values in offered if 2 <= len(values) <= most), None)
    chosen = offered[0][:: max(-(-len(offered[0]) // most), 1)] if fitting is None else fitting
    return [(float(np.log10(value)), short(value)) for value in chosen]


def short(value: float) -> str:
    """Return a label of few characters: “0.2”, “15”, “10⁵”, “2.5·10⁵”; wider ones would be left out."""
    if value == 0 or 1e-2 <= abs(value) < 1e4:
        return f"{value:.3g}"
    exponent = math.floor(math.log10(abs(value)))
    factor = f"{value / 10.0**exponent:.2g}"
    return power_of_ten(exponent) if factor == "1" else f"{factor}·{power_of_ten(exponent)}"


def _around_zero(low: float, high: float) -> tuple[float, float]:
    """From 0 to above the highest, or below it where there are negative values: somebody's own loss may be."""
    return min(low * 1.15, 0.0), max(high * 1.15, 0.0) or float(low >= 0)


def _decades_around(low: float, high: float) -> tuple[float, float]:
    """Half decades around both, as log10."""
    bottom, top = np.floor(np.log10(low) * 2) / 2, np.ceil(np.log10(high) * 2) / 2
    return float(bottom), float(max(top, bottom + 1))
