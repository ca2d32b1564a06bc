"""The panels beside the score. Only those that can be seen are told anything, while it trains those in sight."""

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QScrollArea, QTabBar, QVBoxLayout, QWidget

from rnnviz.app.wheel import leave_the_wheel
from rnnviz.config import RunConfig
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.phase import Phase
from rnnviz.domain.run import RunFacts
from rnnviz.domain.studies import StudyName
from rnnviz.domain.trace import Trace
from rnnviz.domain.views import SIDES, Side
from rnnviz.drawing.caption import Lines
from rnnviz.drawing.theme import Theme
from rnnviz.panels.panel import Panel
from rnnviz.state.selection import Selection
from rnnviz.state.session import Session

ALL = "all"
LAST: Side = "output"  # what the network says stands apart from what explains it
ASK_THE_EYE = "None of this side's panels is chosen; the eye above offers them."
NOTHING_TO_SHOW = "No panel of this side has anything to show of this task."
TABS: dict[str, str] = {
    **{str(name): title for name, title in SIDES.items() if name != LAST},
    ALL: "All",
    LAST: SIDES[LAST],
}


class PanelColumn(QWidget):
    """Builds each panel once and passes on what concerns it. Shows those of one side, or all."""

    setting_chosen = Signal(str, object)
    token_chosen = Signal(int)
    gain_chosen = Signal(float)
    going_on_chosen = Signal(object)  # what is to change in how the network goes on by itself, by name
    written_chosen = Signal(object, int)  # Sampled, and the place of a token in it
    wants_changed = Signal()
    side_chosen = Signal(str)

    def __init__(self, kinds: Iterable[type[Panel]], theme: Theme, session: Session, selection: Selection) -> None:
        super().__init__()
        self._session, self._selection = session, selection
        self.panels = {kind.name: kind(theme) for kind in kinds}
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(8, 8, 12, 4)
        layout.setSpacing(12)
        for panel in self.panels.values():
            panel.setting_chosen.connect(self.setting_chosen)
            panel.token_chosen.connect(self.token_chosen)
            panel.gain_chosen.connect(self.gain_chosen)
            panel.going_on_chosen.connect(self.going_on_chosen)
            panel.written_chosen.connect(self.written_chosen)
            panel.hidden.connect(self.wants_changed)
            panel.shown.connect(self._on_shown)
            layout.addWidget(panel, panel.stretch)
        self._nothing = Lines()
        self._nothing.setProperty("role", "muted")
        self._nothing.hide()
        layout.addWidget(self._nothing)
        layout.addStretch(0)
        leave_the_wheel(inside)
        self._hidden: set[str] = set()
        self._tabs = self._build_tabs()
        self._inside, self._area = inside, QScrollArea()
        area = self._area
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._tabs)
        outer.addWidget(area, 1)

    @property
    def side(self) -> str:
        """The side that is looked at: one of SIDES, or ALL."""
        return str(self._tabs.tabData(self._tabs.currentIndex()))

    def choose_side(self, side: str) -> None:
        """Look from another side."""
        self._tabs.setCurrentIndex([*TABS].index(side))

    @property
    def hidden_panels(self) -> frozenset[str]:
        """Panels that the user does not want to see on any side."""
        return frozenset(self._hidden)

    def show_panel(self, name: str, *, shown: bool) -> None:
        """Show a panel on its sides, or on none."""
        (self._hidden.discard if shown else self._hidden.add)(name)
        self._arrange()

    def _arrange(self) -> None:
        config, facts = self._session.config, self._session.facts
        here = {name: panel for name, panel in self.panels.items() if self.side in {*panel.sides, ALL}}
        chosen = here.keys() - self._hidden
        if config is None or facts is None:
            there = {name for name in chosen if self.panels[name].always_applies}
        else:
            there = {name for name in chosen if self.panels[name].applies_to(config, facts)}
        self._nothing.say(ASK_THE_EYE if not chosen else NOTHING_TO_SHOW)
        self._nothing.setVisible(not there)
        for name, panel in self.panels.items():
            panel.setVisible(name in there)

    def _build_tabs(self) -> QTabBar:
        tabs = QTabBar()
        tabs.setDrawBase(False)
        tabs.setExpanding(True)
        tabs.setUsesScrollButtons(False)
        tabs.setElideMode(Qt.TextElideMode.ElideRight)  # else they would make a narrow column wider than it is
        tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for place, (name, title) in enumerate(TABS.items()):
            tabs.addTab(title)
            tabs.setTabData(place, name)
            tabs.setTabToolTip(place, f"F{place + 2}")
        tabs.currentChanged.connect(self._on_tab)
        return tabs

    def _on_tab(self) -> None:
        self._arrange()
        self.side_chosen.emit(self.side)

    def set_theme(self, theme: Theme) -> None:
        """Give all panels other colours."""
        for panel in self.panels.values():
            panel.set_theme(theme)
            if panel.isVisible():
                self._tell_everything(panel)

    def start_run(self, facts: RunFacts) -> None:
        """Make all panels ready for another run, those that have anything to show in it."""
        self._arrange()
        for panel in self.panels.values():
            panel.start_run(facts)
        self._arrange()

    def show_config(self, config: RunConfig) -> None:
        """Tell settings."""
        for panel in self._visible():
            panel.show_config(config)

    def show_trace(self, trace: Trace, cursor: Cursor) -> None:
        """Tell a trace or a new place in it."""
        for panel in self._looked_at():
            panel.show_trace(trace, cursor)

    def show_phase(self, phase: Phase | None) -> None:
        """Fade what has no part in this sub-step of an update."""
        for panel in self.panels.values():
            panel.show_phase(phase)

    def show_studies(self) -> None:
        """Tell what was computed because panels asked for it, or a new place in it."""
        for panel in self._looked_at():
            panel.show_studies(self._session.studies, self._selection.cursor)

    @property
    def wants(self) -> frozenset[StudyName]:
        """What the visible panels ask for."""
        return frozenset().union(*(panel.wants for panel in self._visible()))

    def show_history(self) -> None:
        """Tell what has changed over training."""
        for panel in self._looked_at():
            panel.show_history(self._session.history, self._session.companions)

    def histories(self) -> list[Callable[[], None]]:
        """What tells each panel that wants to know what has changed over training, if it is visible."""
        return [partial(self._show_history, panel) for panel in self.panels.values() if panel.shows_history]

    def _show_history(self, panel: Panel) -> None:
        if panel in self._looked_at():
            panel.show_history(self._session.history, self._session.companions)

    def bring_up_to_date(self) -> None:
        """Tell what is new to all panels, also to those that are out of sight."""
        for panel in self._visible():
            self._tell_news(panel)

    def _looked_at(self) -> list[Panel]:
        """While it trains a panel that is scrolled out of sight costs nothing: when it comes back it is told soon."""
        if not self._session.running:
            return self._visible()
        sight = self._area.viewport().rect().translated(-self._inside.pos())
        return [panel for panel in self._visible() if panel.geometry().intersects(sight)]

    def _visible(self) -> list[Panel]:
        return [panel for panel in self.panels.values() if panel.isVisible()]

    def _on_shown(self) -> None:
        panel = self.sender()
        if isinstance(panel, Panel):
            self._tell_everything(panel)
            self.wants_changed.emit()

    def _tell_everything(self, panel: Panel) -> None:
        session = self._session
        if session.facts is None or session.config is None:
            return
        panel.start_run(session.facts)
        panel.show_config(session.config)
        self._tell_news(panel)

    def _tell_news(self, panel: Panel) -> None:
        session = self._session
        panel.show_history(session.history, session.companions)
        if session.trace is not None:
            panel.show_trace(session.trace, self._selection.cursor)
        panel.show_studies(session.studies, self._selection.cursor)
