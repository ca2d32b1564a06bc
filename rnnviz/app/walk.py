"""Walks through one update: forward, loss, backward, clip, update. Connects the steps with what shows them."""

from PySide6.QtCore import QObject, Signal

from rnnviz.analysis.captions import caption
from rnnviz.app.panel_column import PanelColumn
from rnnviz.app.score import Score
from rnnviz.app.sub_step_bar import SubStepBar
from rnnviz.domain.phase import Phase
from rnnviz.exchange.messages import Failed
from rnnviz.state.session import Session
from rnnviz.state.sub_steps import SubSteps


class Walk(QObject):
    """Owns the bar with the captions. It ends when training starts or a run begins."""

    under_way = Signal(bool)

    def __init__(self, session: Session, score: Score, column: PanelColumn, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._score, self._column = session, score, column
        self.bar = SubStepBar(score.theme)
        self.steps = SubSteps(self)
        self._connect_bar()
        self._connect_session()

    def on(self) -> None:
        """Go on by one sub-step of the newest update; the training pauses. Before the first update make it."""
        if self._session.history.last is None:
            self._session.step()
        else:
            self._session.pause()
        self.steps.on()

    def _connect_bar(self) -> None:
        bar, steps = self.bar, self.steps
        bar.on_wished.connect(self.on)
        bar.back_wished.connect(steps.back)
        bar.phase_chosen.connect(steps.choose)
        bar.play_wished.connect(steps.toggle_playing)
        bar.leave_wished.connect(steps.leave)
        steps.playing_changed.connect(bar.show_playing)
        steps.phase_changed.connect(self._on_phase_changed)

    def _connect_session(self) -> None:
        session, steps = self._session, self.steps
        steps.update_wished.connect(session.step)
        session.running_changed.connect(lambda running: steps.leave() if running else None)
        session.run_started.connect(lambda _: steps.leave())
        session.trace_changed.connect(lambda _: self._tell())
        session.failed.connect(self._on_failed)

    def _on_failed(self, failed: Failed) -> None:
        """There is no next update to walk through."""
        if failed.kind in {"diverged", "crashed", "lost"}:
            self.steps.leave()

    def _on_phase_changed(self, phase: Phase | None) -> None:
        self._score.show_phase(phase)
        self._column.show_phase(phase)
        self._tell()
        self.under_way.emit(phase is not None)

    def _tell(self) -> None:
        phase, trace, record = self.steps.phase, self._session.trace, self._session.shown_record
        self.bar.show_phase(phase, caption(phase, trace, record) if phase and trace and record else "")
