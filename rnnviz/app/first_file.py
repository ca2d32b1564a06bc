"""The file that the command line names: where it is refused, the usual run begins, and the window is of use."""

from pathlib import Path

from PySide6.QtCore import QObject, Qt

from rnnviz.app.main_window import MainWindow
from rnnviz.config import RunConfig
from rnnviz.exchange.messages import Failed
from rnnviz.state.session import Session


class FirstFile(QObject):
    """Opens a file in place of the first run; ``config`` is trained when it is refused."""

    def __init__(self, window: MainWindow, session: Session, config: RunConfig) -> None:
        super().__init__(window)
        self._window, self._session, self._config = window, session, config
        self._begun = False

    def open(self, path: Path) -> None:
        """Open ``path``, and watch what comes of it."""
        self._session.start()
        self._window.open_file(path)
        self._session.failed.connect(self._begin)
        if self._window.notice.isVisible():
            self._begin()

    def _begin(self) -> None:
        """Once, and only where nothing is shown."""
        if self._begun or self._session.config is not None:
            return
        self._begun = True
        told = self._window.notice.text if self._window.notice.isVisible() else ""
        if told:
            once = Qt.ConnectionType.SingleShotConnection
            self._session.config_changed.connect(lambda _: self._tell_again(told), once)
        self._session.begin(self._config, train=True)

    def _tell_again(self, sentence: str) -> None:
        """A run that begins takes the message away that nobody has read yet."""
        self._window.notice.show_failure(Failed("refused", sentence))
