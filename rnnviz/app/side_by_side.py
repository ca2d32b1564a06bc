"""What is trained beside a run: twins, other cells, and the lessons that are made of both."""

from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from rnnviz.app.fork_dialog import ForkDialog
from rnnviz.app.keys import Key
from rnnviz.app.notice import Notice
from rnnviz.app.panel_column import PanelColumn
from rnnviz.config.budget import same_budget
from rnnviz.lessons import LESSONS
from rnnviz.lessons.lesson import Lesson
from rnnviz.state.session import Session

COMPARED = ("rnn_tanh", "lstm", "gru")


class Shown(NamedTuple):
    """Where it is offered, told and looked at."""

    menu: QMenu
    notice: Notice
    column: PanelColumn


class SideBySide(QObject):
    """Fills the menu of forks."""

    def __init__(self, session: Session, shown: Shown, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self._menu, self._notice, self._column = shown
        self._lesson: Lesson | None = None  # whose run has been ordered
        self._fill_menu()
        session.companions_changed.connect(lambda companions: self.end.setEnabled(bool(companions)))

    def keys(self) -> tuple[Key, ...]:
        """All this by keyboard."""
        same = partial(self.compare_cells, same_size=True)
        return (
            Key(("F",), "F", "fork: a twin that differs in one setting", self.ask_for_fork),
            Key(("B",), "B", "three cells side by side", partial(self.compare_cells, same_size=False)),
            Key(("Shift+B",), "Shift B", "the same with equally many parameters", same),
            Key(("T",), "T", "show the next of the networks that are trained side by side", self.next_lane),
        )

    def ask_for_fork(self) -> None:
        """Open the dialog for a twin."""
        session = self._session
        if self._refused():
            return
        if session.config is not None:
            past, replaces = session.showing.update, bool(session.companions)
            dialog = ForkDialog(session.config, self._window, past=past, replaces=replaces)
            dialog.fork_wished.connect(self._fork)
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

    def compare_cells(self, *, same_size: bool) -> None:
        """Begin a run with a simple RNN, an LSTM and a GRU side by side, the present cell first."""
        config, facts = self._session.config, self._session.facts
        if config is None or facts is None or self._refused():
            return
        others = [name for name in COMPARED if name != config.cell]
        sides = facts.reads, facts.predicts
        companions = tuple(
            same_budget(config, name, *sides) if same_size else config.changed(cell=name) for name in others
        )
        self._notice.hide()
        self._session.begin(config, train=True, companions=companions)

    def open_lesson(self, lesson: Lesson) -> None:
        """Begin what the lesson shows."""
        first, *others = lesson.configs
        self._lesson = lesson
        self._session.pause()
        self._session.begin(first, train=lesson.updates > 0, companions=tuple(others))
        self._column.choose_side(lesson.side)

    def introduce(self) -> None:
        """Say what the run that has just begun is to show, if it is a lesson's."""
        if self._lesson is not None and self._lesson.configs[0] == self._session.config:
            self._notice.show_remark(f"{self._lesson.title}. {self._lesson.about}")
        self._lesson = None

    def _refused(self) -> bool:
        """Whether it is a recording that is shown; then says that it cannot be trained."""
        facts = self._session.facts
        if facts is None or not facts.recording:
            return False
        self._notice.show_remark("This is a recording: there is no network here that could be trained beside it.")
        return True

    def next_lane(self) -> None:
        """Show the next of the run and its companions."""
        if self._session.companions:
            self._session.show_lane((self._session.showing.lane + 1) % (len(self._session.companions) + 1))

    def _fork(self, changes: dict[str, object]) -> None:
        """Fork what is shown: the present, or an update of the past, which begins a run of its own."""
        self._session.branch()
        self._session.fork(**changes)

    def _fill_menu(self) -> None:
        self._add_action("Fork here …\tF", "Train a twin that differs in one setting", self.ask_for_fork)
        cells = "A new run: the same task, seed and order of data for a simple RNN, an LSTM and a GRU"
        self._add_action("Three cells side by side\tB", cells, partial(self.compare_cells, same_size=False))
        self._add_action(
            "Three cells with equally many parameters\tShift+B", cells, partial(self.compare_cells, same_size=True)
        )
        self.end = self._add_action("Train this run alone", "End the companions", self._session.end_companions)
        self._menu.addSeparator()
        for lesson in LESSONS.values():
            self._add_action(f"Lesson: {lesson.title}", lesson.about, lambda chosen=lesson: self.open_lesson(chosen))

    def _add_action(self, text: str, about: str, do: object) -> QAction:
        action = QAction(text, self)
        action.setToolTip(f"<p>{about}</p>")
        action.triggered.connect(lambda _=False: do())  # type: ignore[operator]  # any callable
        self._menu.addAction(action)
        return action
