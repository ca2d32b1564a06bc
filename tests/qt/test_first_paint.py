"""The window is to be seen before the worker begins, which first imports torch."""

from PySide6.QtCore import QEvent, QObject

from tests.qt.driving import threads


class Paints(QObject):
    """Which threads there were when a widget was painted for the first time."""

    def __init__(self):
        super().__init__()
        self.threads = None

    def eventFilter(self, _watched, event):
        if event.type() == QEvent.Type.Paint and self.threads is None:
            self.threads = threads()
        return False


def test_the_worker_begins_once_the_window_is_painted(start):
    driven = start(wait=False)
    paints = Paints()
    driven.window.score.viewport().installEventFilter(paints)
    worker = driven.program.runner._thread
    assert not worker.is_alive()
    driven.until(lambda: driven.session.trace is not None)
    assert paints.threads is not None
    assert worker not in paints.threads
    assert worker.is_alive()


def test_a_window_that_nobody_can_see_trains_all_the_same(start, monkeypatch):
    monkeypatch.setattr("rnnviz.app.main.UNSEEN_MS", 20)
    monkeypatch.setattr("PySide6.QtWidgets.QWidget.show", lambda _: None)
    driven = start()
    assert not driven.window.isVisible()
    driven.train(1)
    monkeypatch.undo()
    driven.window.show()  # and is painted after all
    driven.until(driven.window.isVisible)
    driven.train(1)
    assert driven.program._first_paint._timer.isActive() is False


def test_closed_before_it_was_painted_a_program_never_begins_to_work(start):
    driven = start(wait=False)
    worker = driven.program.runner._thread
    driven.close()
    assert worker.ident is None
