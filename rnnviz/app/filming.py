"""A film of the training: the window is photographed every so many updates, while everything goes on."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QWidget,
)

from rnnviz.app.asking import Asker
from rnnviz.app.notice import Notice
from rnnviz.exchange.messages import Failed
from rnnviz.files.film import FORMATS, MOST_PICTURES, Film, missing_for
from rnnviz.state.session import Session

LOOK_EVERY_MS = 100


class Wanted(NamedTuple):
    """What film."""

    form: str = "gif"
    pictures: int = 60
    every: int = 5  # updates from one picture to the next, at least
    per_second: int = 10
    width: int = 960  # pixels


class FilmDialog(QDialog):
    """Asks what film."""

    wished = Signal(object)  # Wanted

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("A film of the training")
        usual, form = Wanted(), QFormLayout(self)
        self._form = QComboBox()
        self._form.addItems([name.upper() for name in FORMATS])
        form.addRow("Format", self._form)
        self._boxes = {
            "pictures": _box(usual.pictures, 2, MOST_PICTURES),
            "every": _box(usual.every, 1, 100_000),
            "per_second": _box(usual.per_second, 1, 50),
            "width": _box(usual.width, 320, 1920),
        }
        titles = ("Pictures", "Updates from one to the next", "Pictures a second", "Width in pixels")
        for title, box in zip(titles, self._boxes.values(), strict=True):
            form.addRow(title, box)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        form.addRow(buttons)

    def _accept(self) -> None:
        numbers = {name: box.value() for name, box in self._boxes.items()}
        self.accept()
        self.wished.emit(Wanted(self._form.currentText().lower(), **numbers))


class FilmBar(QFrame):
    """How far it is, and Cancel."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "bar")
        self._text, self.progress, self.cancel = QLabel(), QProgressBar(), QPushButton("Cancel")
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 4, 14, 4)
        row.addWidget(self._text)
        row.addWidget(self.progress, 1)
        row.addWidget(self.cancel)
        self.hide()

    def tell(self, name: str, taken: int, pictures: int) -> None:
        """“film.gif: picture 12 of 60”."""
        self.progress.setRange(0, pictures)
        self.progress.setValue(taken)
        self._text.setText(f"{name}: " + ("being written …" if taken >= pictures else f"picture {taken} of {pictures}"))
        self.show()


class Around(NamedTuple):
    """What it tells, asks and photographs."""

    notice: Notice
    asker: Asker
    show_latest: Callable[[], None]


class Filming(QObject):
    """One film at a time."""

    def __init__(self, session: Session, around: Around, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self._notice, self._asker, self._show_latest = around
        self.bar = FilmBar()
        self._film: Film | None = None
        self._wanted = Wanted()
        self._taken, self._next = 0, 0
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)
        self.bar.cancel.clicked.connect(self.cancel)
        session.refreshed.connect(self._on_refreshed)  # by then a new trace is drawn
        session.failed.connect(self._on_failed)

    def ask(self) -> None:
        """Ask what film."""
        if self._film is not None:
            self._notice.show_remark("A film is being made already.")
            return
        dialog = FilmDialog(self._window)
        dialog.wished.connect(self._ask_where)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def start(self, path: Path, wanted: Wanted) -> None:
        """Train, and take pictures until there are enough."""
        self.bar.tell(path.name, 0, wanted.pictures)
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)  # so that the bar has its height
        seen = self._window.height() - self.bar.height() * self.bar.isVisible()
        height = round(seen * wanted.width / self._window.width())
        size = wanted.width // 2 * 2, height // 2 * 2
        try:
            self._film = Film(path, size, wanted.per_second)
        except OSError as error:
            self.bar.hide()
            self._notice.show_remark(f"{path}: cannot be written: {error.strerror or error}")
            return
        self._wanted, self._taken, self._next = wanted, 0, 0
        self._timer.start()
        if not self._session.running:
            self._session.run()

    def cancel(self) -> None:
        """Give the film up; its thread ends by itself."""
        self.bar.hide()
        if self._film is not None:
            self._film.cancel()

    def close(self) -> None:
        """Give the film up and wait until nothing is left of it."""
        self.cancel()
        self._timer.stop()
        if self._film is not None:
            self._film.wait()
            self._film = None

    def _ask_where(self, wanted: Wanted) -> None:
        missing = missing_for(wanted.form)
        if missing:
            self._notice.show_remark(missing)
            return
        path = self._asker.where("Write the film to", f"training.{wanted.form}", wanted.form)
        if path is not None:
            self.start(path, wanted)

    def _on_refreshed(self) -> None:
        film, trace = self._film, self._session.trace
        if film is None or trace is None or film.cancelled or self._taken >= self._wanted.pictures:
            return
        update = trace.update or 0
        if update < self._next or not film.ready:
            return
        self._show_latest()
        film.add(_pixels(self._window, self.bar, film.size))
        self._taken += 1
        self._next = update + self._wanted.every
        self.bar.tell(film.path.name, self._taken, self._wanted.pictures)
        if self._taken == self._wanted.pictures:
            film.finish()

    def _on_failed(self, failed: Failed) -> None:
        """No more pictures come: the film ends with those that there are."""
        film = self._film
        if film is not None and failed.kind in {"diverged", "crashed", "lost"} and self._taken < self._wanted.pictures:
            self._wanted = self._wanted._replace(pictures=self._taken)
            film.finish()

    def _look(self) -> None:
        film = self._film
        if film is None or film.alive:
            return
        self._timer.stop()
        self.bar.hide()
        self._film = None
        if film.cancelled:
            return
        if film.error is not None:
            self._notice.show_remark(f"{film.path}: the film could not be written: {film.error}")
        elif film.path.exists():
            self._notice.show_remark(f"Written: {film.path} ({self._taken} pictures)")


def _pixels(window: QWidget, bar: QWidget, size: tuple[int, int]) -> bytes:
    """The window without the ``bar``, scaled, three bytes a pixel without gaps."""
    smooth = Qt.TransformationMode.SmoothTransformation
    whole = window.grab().toImage()
    picture = _without(whole, bar).scaled(*size, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
    plain = picture.convertToFormat(QImage.Format.Format_RGB888)
    width, stride, data = 3 * size[0], plain.bytesPerLine(), bytes(plain.constBits())
    return data if stride == width else b"".join(data[row : row + width] for row in range(0, len(data), stride))


def _without(picture: QImage, bar: QWidget) -> QImage:
    """What lies above ``bar`` right over what lies below it."""
    if not bar.isVisible():
        return picture
    ratio = picture.devicePixelRatio()
    above = round(bar.mapTo(bar.window(), bar.rect().topLeft()).y() * ratio)
    cut, width = round(bar.height() * ratio), picture.width()
    made = QImage(width, picture.height() - cut, picture.format())
    source = picture.copy()
    source.setDevicePixelRatio(1)
    painter = QPainter(made)
    painter.drawImage(0, 0, source, 0, 0, width, above)
    painter.drawImage(0, above, source, 0, above + cut)
    painter.end()
    return made


def _box(value: int, low: int, high: int) -> QSpinBox:
    box = QSpinBox()
    box.setRange(low, high)
    box.setValue(value)
    return box
