"""One view of a run in a file, without a display."""

import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEventLoop
from tqdm import tqdm

from rnnviz.app.layout_store import WindowLayout
from rnnviz.app.main import Program, make_application
from rnnviz.app.panel_column import ALL
from rnnviz.app.screenshot import FAILURES
from rnnviz.app.views import PICTURES, shown_views, track_name, window_painting
from rnnviz.domain.studies import StudyName
from rnnviz.exchange.messages import Failed
from rnnviz.files.whole import write_whole
from rnnviz.panels import PANELS
from rnnviz.state.session import Session
from rnnviz.tracks import TRACKS

WINDOW = "window"
Wants = frozenset[StudyName]


@dataclass(frozen=True)
class Wanted:
    """What is to be rendered."""

    view: str
    file: Path
    updates: int  # to train before
    token: int | None = None
    layer: int | None = None
    unit: int | None = None


class RenderError(Exception):
    """It cannot be had, with the exit code and the reason."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def all_views() -> dict[str, str]:
    """Titles by name, of everything that can be rendered."""
    rows = {track_name(track): track.title for track in TRACKS}
    panels = {panel.name: panel.title for panel in PANELS}
    return {**rows, **panels, WINDOW: "The whole window"}


def render(begin: Callable[[Session], None], wanted: Wanted, layout: WindowLayout) -> int:
    """Let ``begin`` open a run, train it, write what is ``wanted``; return the exit code."""
    make_application()
    side, wants = _place_of(wanted.view, layout.side)
    shown = WindowLayout(width=layout.width, height=layout.height, theme=layout.theme, side=side)
    with ExitStack() as stack:
        program = stack.enter_context(Program(shown, None))
        renderer = _Renderer(program, wanted, wants, shown)
        before = signal.signal(signal.SIGINT, lambda *_: renderer.interrupt())
        stack.callback(signal.signal, signal.SIGINT, before)
        try:
            renderer.carry_out(begin)
        except RenderError as error:
            print(f"rnnviz: {error}", file=sys.stderr)  # noqa: T201  # a program's word
            return error.code
        return 0


class _Renderer:
    """Waits for one thing after the other."""

    def __init__(self, program: Program, wanted: Wanted, wants: Wants, layout: WindowLayout) -> None:
        self._program, self._wanted, self._wants, self._layout = program, wanted, wants, layout
        self._session, self._window = program.session, program.window
        self._loop = QEventLoop()
        self._failed: Failed | None = None
        self._interrupted = self._ended = False
        self._session.failed.connect(self._on_failed)

    def carry_out(self, begin: Callable[[Session], None]) -> None:
        session, window = self._session, self._window
        window.show()
        begin(session)
        self._wait(lambda: session.trace is not None)
        self._train()
        window.restore_layout(self._layout)  # a session may have had another one
        self._choose()
        self._wait_for_studies()
        window.show_latest()
        self._wait(lambda: True)
        self._write()

    def interrupt(self) -> None:
        """End as soon as possible."""
        self._interrupted = True

    def _train(self) -> None:
        if not self._wanted.updates:
            return
        session, last = self._session, self._session.shown_record
        if session.facts is not None and session.facts.recording:
            raise RenderError(2, f"--updates is {self._wanted.updates}, but a recording is not trained, expected none")
        goal = (0 if last is None else last.update) + self._wanted.updates
        with tqdm(total=self._wanted.updates, unit="update", file=sys.stderr) as bar:

            def there() -> bool:
                newest = session.history.last
                bar.update(0 if newest is None else max(newest.update - goal + self._wanted.updates - bar.n, 0))
                return session.trace is not None and (session.trace.update or 0) >= goal

            session.run_for(self._wanted.updates)
            self._wait(there)

    def _choose(self) -> None:
        trace, wanted = self._session.trace, self._wanted
        assert trace is not None  # noqa: S101  # it was waited for
        sizes = {"token": trace.tokens, "layer": len(trace.layers), "unit": trace.layers[0].hidden.shape[1]}
        for name, size in sizes.items():
            given = getattr(wanted, name)
            if given is not None and not 0 <= given < size:
                raise RenderError(2, f"--{name} is {given}, expected 0 to {size - 1}")
        self._window.selection.choose(wanted.token, wanted.layer, wanted.unit)

    def _wait_for_studies(self) -> None:
        if "anatomy" in self._wants and self._session.shown_record is None:
            raise RenderError(2, f"{self._wanted.view} shows an update and there is none, expected --updates 1 or more")
        self._wait(lambda: not self._missing() or self._cannot_be_had())
        if self._missing():
            raise RenderError(2, f"{self._wanted.view} cannot be had: what is shown does not hold what it needs")

    def _missing(self) -> Wants:
        return frozenset(name for name in self._wants if getattr(self._session.studies, name) is None)

    def _cannot_be_had(self) -> bool:
        """Whether something that is missing will not come: it was told to be none, or no view there asks for it.

        An update's anatomy comes where there is an update.
        """
        facts, missing = self._session.facts, self._missing()
        comes: Wants = frozenset() if facts is not None and facts.recording else frozenset({"anatomy"})
        asked = self._window.score.wants | self._window.column.wants
        return bool((missing - comes) & self._session.answered) or not missing <= asked

    def _write(self) -> None:
        wanted, form = self._wanted, self._wanted.file.suffix[1:].lower()
        if wanted.view == WINDOW:
            data = PICTURES[form](window_painting(self._window, self._window.score))
        else:
            found = {view.name: view for view in shown_views(self._window.score, self._window.column)}
            if wanted.view not in found:
                raise RenderError(2, f"the cell of this run has no {wanted.view}, expected one of {', '.join(found)}")
            data = found[wanted.view].written(form)
        try:
            write_whole(wanted.file, lambda file: file.write(data))
        except OSError as error:
            raise RenderError(4, f"{wanted.file}: cannot be written: {error.strerror or error}") from error

    def _wait(self, condition: Callable[[], bool]) -> None:
        def look() -> None:
            if self._interrupted or self._failed is not None or self._nothing_comes() or condition():
                self._loop.quit()

        self._session.refreshed.connect(look)
        self._loop.exec()
        self._session.refreshed.disconnect(look)
        if self._interrupted:
            raise RenderError(130, "interrupted")
        if self._failed is not None:
            raise RenderError(FAILURES[self._failed.kind], self._failed.sentence)
        if self._nothing_comes():
            raise RenderError(3, "no sequence of this recording was traced, expected one at least to render")

    def _nothing_comes(self) -> bool:
        """Whether this is a recording that has ended without a trace."""
        return self._ended and self._session.trace is None

    def _on_failed(self, failed: Failed) -> None:
        self._ended |= failed.kind == "ended"
        if failed.kind not in ("companion", "ended"):
            self._failed = failed


def _place_of(view: str, otherwise: str) -> tuple[str, Wants]:
    """A side from which ``view`` can be seen, and what has to be computed for it."""
    for track in TRACKS:
        if track_name(track) == view:
            return min(track.sides), track.wants
    for panel in PANELS:
        if panel.name == view:
            return min(panel.sides) if panel.sides else ALL, panel.wants
    return otherwise, frozenset()
