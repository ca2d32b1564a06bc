"""Looking into a large file on a thread of its own, so that the window does not wait for it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from rnnviz.app.main_window import MainWindow

LOOK_EVERY_MS = 30
Found = TypeVar("Found")


class Looking(QObject, Generic[Found]):
    """One look; of several the newest one only is told, on the window's thread.

    ``tell`` is given what returns what was found, or raises what ``look`` raised. A window that is gone is told
    nothing: the timer goes with it.
    """

    def __init__(
        self, window: "MainWindow", look: Callable[[], Found], tell: Callable[[Callable[[], Found]], None]
    ) -> None:
        super().__init__(window)
        for other in window.findChildren(Looking):
            if other is not self:
                other.end()
        executor = ThreadPoolExecutor(1, thread_name_prefix="rnnviz-looking")
        self._found, self._tell = executor.submit(look), tell
        executor.shutdown(wait=False)  # after this one
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._ask)
        self._timer.start(LOOK_EVERY_MS)

    def end(self) -> None:
        """Tell nothing."""
        self._timer.stop()
        self.deleteLater()

    def _ask(self) -> None:
        if self._found.done():
            self.end()
            self._tell(self._found.result)
