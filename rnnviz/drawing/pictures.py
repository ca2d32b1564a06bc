"""Pictures for files: the same painting as PNG, SVG or PDF, made in memory."""

import re
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QPoint, QRectF, QSizeF
from PySide6.QtGui import QColor, QImage, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QAbstractGraphicsShapeItem, QGraphicsItem, QGraphicsScene, QGraphicsView, QWidget

from rnnviz.drawing.time_plot import TimePlot

SHARPNESS = 2.0  # pixels of a PNG for each on the screen
POINTS = 72.0  # units of an inch in which a PDF's page is measured, one for each pixel on the screen


@dataclass(frozen=True)
class Painting:
    """Something that can be painted at (0, 0) as often as it is wanted."""

    title: str
    size: QSizeF  # pixels on the screen
    paint: Callable[[QPainter], None]


def image_of(painting: Painting, sharpness: float = SHARPNESS) -> QImage:
    """Paint ``painting`` with ``sharpness`` pixels for each on the screen."""
    image = QImage((painting.size * sharpness).toSize(), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(sharpness)
    image.fill(0)
    with _painter(image) as painter:
        painting.paint(painter)
    return image


def png(painting: Painting) -> bytes:
    """The picture with twice as many pixels as on the screen."""
    image = image_of(painting)
    return _written(lambda buffer: image.save(buffer, "PNG"))  # type: ignore[call-overload]  # a format is a str there


def svg(painting: Painting) -> bytes:
    """The picture as lines, letters and, for what is one byte a cell, embedded pictures."""

    def write(buffer: QBuffer) -> None:
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setTitle(painting.title)
        generator.setDescription("made with rnnviz")
        generator.setResolution(96)
        generator.setSize(painting.size.toSize())
        generator.setViewBox(QRectF(0, 0, painting.size.width(), painting.size.height()))
        with _painter(generator) as painter:
            painting.paint(painter)

    size = painting.size.toSize()
    pixels = f'width="{size.width()}" height="{size.height()}"'.encode()
    made = re.sub(rb'width="[\d.]+mm" height="[\d.]+mm"', pixels, _written(write), count=1)
    # Cells are to stay cells where a viewer makes them larger.
    return made.replace(b"<image ", b'<image style="image-rendering:pixelated" ')


def pdf(painting: Painting) -> bytes:
    """One page of the picture's size."""

    def write(buffer: QBuffer) -> None:
        writer = QPdfWriter(buffer)
        writer.setTitle(painting.title)
        writer.setCreator("rnnviz")
        writer.setPageMargins(QMarginsF(0, 0, 0, 0))
        writer.setPageSize(QPageSize(painting.size, QPageSize.Unit.Point))
        writer.setResolution(int(POINTS * 4))
        with _painter(writer) as painter:
            painter.scale(4, 4)
            painting.paint(painter)

    return _written(write)


def scene_painting(title: str, scene: QGraphicsScene, part: QRectF, others: Sequence[QGraphicsItem] = ()) -> Painting:
    """A part of a scene without ``others``, which an SVG would have in it although they lie outside."""

    def paint(painter: QPainter) -> None:
        with ExitStack() as stack:
            stack.enter_context(_uncached([scene]))
            stack.enter_context(_as_thick_as_on_the_screen([scene]))
            stack.enter_context(_hidden(others))
            scene.render(painter, QRectF(0, 0, part.width(), part.height()), part)

    return Painting(title, part.size(), paint)


def widget_painting(title: str, widget: QWidget, colour: str, margin: int = 0) -> Painting:
    """A widget with everything in it on a ground of ``colour``."""
    size = QSizeF(widget.width() + 2 * margin, widget.height() + 2 * margin)

    def paint(painter: QPainter) -> None:
        painter.fillRect(QRectF(0, 0, size.width(), size.height()), QColor(colour))
        with ExitStack() as stack:
            scenes = [view.scene() for view in widget.findChildren(QGraphicsView)]
            stack.enter_context(_uncached(scenes))
            stack.enter_context(_as_thick_as_on_the_screen(scenes))
            for plot in widget.findChildren(TimePlot):
                stack.enter_context(plot.cut())
            widget.render(painter, QPoint(margin, margin))

    return Painting(title, size, paint)


@contextmanager
def _painter(device: QImage | QSvgGenerator | QPdfWriter) -> Generator[QPainter]:
    painter = QPainter(device)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    try:
        yield painter
    finally:
        painter.end()


@contextmanager
def _uncached(scenes: Iterable[QGraphicsScene]) -> Generator[None]:
    """Items that Qt keeps as pictures are painted as what they are."""
    items = [item for scene in scenes for item in scene.items()]
    kept = [(item, item.cacheMode()) for item in items if item.cacheMode() != QGraphicsItem.CacheMode.NoCache]
    for item, _ in kept:
        item.setCacheMode(QGraphicsItem.CacheMode.NoCache)
    try:
        yield
    finally:
        for item, mode in kept:
            item.setCacheMode(mode)


@contextmanager
def _as_thick_as_on_the_screen(scenes: Iterable[QGraphicsScene]) -> Generator[None]:
    """Let lines grow with the picture: a cosmetic pen has its width in the picture's own, smaller pixels."""
    items = [item for scene in scenes for item in scene.items()]
    shapes = [item for item in items if isinstance(item, QAbstractGraphicsShapeItem) and item.pen().isCosmetic()]
    found = [item for item in shapes if not item.sceneTransform().isScaling()]
    for item in found:
        _set_cosmetic(item, cosmetic=False)
    try:
        yield
    finally:
        for item in found:
            _set_cosmetic(item, cosmetic=True)


def _set_cosmetic(item: QAbstractGraphicsShapeItem, *, cosmetic: bool) -> None:
    pen = item.pen()
    pen.setCosmetic(cosmetic)
    item.setPen(pen)


@contextmanager
def _hidden(items: Sequence[QGraphicsItem]) -> Generator[None]:
    seen = [item for item in items if item.isVisible()]
    for item in seen:
        item.setVisible(False)
    try:
        yield
    finally:
        for item in seen:
            item.setVisible(True)


def _written(write: Callable[[QBuffer], object]) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    write(buffer)
    buffer.close()
    return bytes(data.data())
