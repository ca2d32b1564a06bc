"""When everything that the window shows has come in: for a picture that nobody waits for."""

from rnnviz.app.main_window import MainWindow
from rnnviz.domain.studies import StudyName
from rnnviz.exchange.messages import Failed

QUIET = 10  # refreshes, a third of a second, in which the map of the whole recording gets no further column
PATIENCE = 1800  # refreshes, a minute: then what is there will do


class Filling:
    """Is asked once a refresh, from when the right update is shown."""

    def __init__(self, window: MainWindow) -> None:
        self._window, self._session = window, window.session
        self._refreshes = self._columns = self._quiet = 0
        self._ended = False  # nothing more will come out of the recording
        self._session.failed.connect(self._on_failed)

    def done(self) -> bool:
        """Whether all is there, or will not come."""
        self._refreshes += 1
        if self._refreshes > PATIENCE:
            return True
        if self._session.trace is None:
            return self._ended
        wants = self._window.score.wants | self._window.column.wants
        return self._map_is_quiet() and all(self._has(name) for name in wants)

    def _has(self, name: StudyName) -> bool:
        """Whether a study is there, of what is shown; or was told to be none."""
        session, trace = self._session, self._session.trace
        study = getattr(session.studies, name)
        recording = session.facts is not None and session.facts.recording
        if study is None:  # one update taken apart is told to be none before there is any
            return name in session.answered and (name != "anatomy" or recording or session.shown_record is None)
        return recording or trace is None or study.update in (None, trace.update)

    def _map_is_quiet(self) -> bool:
        """A recording fills its map with one update after the other, of a run it grew with the training."""
        if self._session.facts is None or not self._session.facts.recording:
            return True
        columns = len(self._session.flow_map)
        self._quiet = self._quiet + 1 if columns == self._columns else 0
        self._columns = columns
        return self._quiet >= QUIET

    def _on_failed(self, failed: Failed) -> None:
        self._ended |= failed.kind == "ended"
