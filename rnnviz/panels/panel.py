"""What a panel beside the score is."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QToolTip, QVBoxLayout, QWidget
from superqt import QElidingLabel

from rnnviz.config import RunConfig
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.phase import PHASES, Phase
from rnnviz.domain.run import RunFacts
from rnnviz.domain.studies import Studies, StudyName
from rnnviz.domain.table import Table
from rnnviz.domain.trace import Trace
from rnnviz.domain.views import Side
from rnnviz.drawing.figure import WAITING, Figure
from rnnviz.drawing.theme import Theme
from rnnviz.state.companion import Companion
from rnnviz.state.history import History


class Panel(QWidget):
    """A title with a ? beside it, a subtitle, and a body that the subclass adds to ``self.body``.

    A hidden panel is not told of anything and costs nothing; it is told everything when it is shown again.
    """

    name: str
    title: str
    how_to_read: str  # two or three sentences
    stretch = 1  # share of the column's height
    sides: frozenset[Side] = frozenset({"learning"})  # where it belongs
    phases: frozenset[Phase] = frozenset(PHASES)  # sub-steps of an update in which the panel is lit
    not_recorded = "nothing yet, or not in this recording:\nits loss must read outputs alone"
    wants: frozenset[StudyName] = frozenset()  # what is computed only while such a panel is visible

    shown = Signal()  # it became visible and wants to be told everything
    hidden = Signal()
    setting_chosen = Signal(str, object)  # the user changed a setting in the panel: name and value
    token_chosen = Signal(int)  # the user chose a token in the panel
    gain_chosen = Signal(float)  # the factor of the recurrent weights in the copy that the spectrum is of
    going_on_chosen = Signal(object)  # what is to change in how the network goes on by itself: values by name
    written_chosen = Signal(object, int)  # Sampled, and the place of a token in it that the user chose

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.setAccessibleName(self.title)
        self._subtitle = QElidingLabel()
        self._subtitle.setProperty("role", "muted")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(3)
        self.body.addLayout(self._heading())
        self._veil = QFrame(self)
        self._veil.setProperty("role", "veil")
        self._veil.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._veil.hide()
        self.without_updates = "no update yet"  # what is said in place of numbers over training

    def applies_to(self, config: RunConfig, facts: RunFacts) -> bool:
        """Whether it has anything to show in such a run; it is not there otherwise."""
        return True

    def set_theme(self, theme: Theme) -> None:
        """Take other colours."""
        self.theme = theme

    def start_run(self, facts: RunFacts) -> None:
        """Make ready for another run."""
        self.without_updates = facts.without_updates
        for figure in self.findChildren(Figure):
            figure.waiting = self.not_recorded if facts.recording else WAITING

    def show_trace(self, trace: Trace, cursor: Cursor) -> None:
        """Show what belongs to the chosen token."""

    def show_studies(self, studies: Studies, cursor: Cursor) -> None:
        """Show what it ``wants``; called again when the cursor moves."""

    def show_config(self, config: RunConfig) -> None:
        """Show settings that are in force from now on."""

    def show_phase(self, phase: Phase | None) -> None:
        """Fade a panel that has no part in this sub-step; None lights everything."""
        self._veil.setVisible(phase is not None and phase not in self.phases)
        self._veil.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the veil over everything."""
        super().resizeEvent(event)
        self._veil.setGeometry(self.rect())

    def show_history(self, history: History, companions: Sequence[Companion] = ()) -> None:
        """Show what changes over training, of the run and of what is trained beside it."""

    @property
    def always_applies(self) -> bool:
        """Whether every run has something for it to show."""
        return type(self).applies_to is Panel.applies_to

    @property
    def shows_history(self) -> bool:
        """Whether it shows what changes over training at all."""
        return type(self).show_history is not Panel.show_history

    def numbers(self) -> Table:
        """What the panel shows, unrounded; no columns where there is nothing yet."""
        return Table(self.title)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        self.shown.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        """Say that nothing is wanted any more."""
        super().hideEvent(event)
        self.hidden.emit()

    def set_subtitle(self, text: str) -> None:
        """Quantity, norm and scale in one line beside the title."""
        if text != self._subtitle.text():
            self._subtitle.setText(text)
            self._subtitle.setToolTip(text)

    def _heading(self) -> QHBoxLayout:
        title = QLabel(self.title)
        title.setProperty("role", "title")
        help_button = QToolButton()
        help_button.setText("?")
        help_button.setProperty("role", "help")
        help_button.setToolTip(f"<p>{self.how_to_read}</p>")
        help_button.setAccessibleName(f"How to read: {self.title}")
        help_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        help_button.clicked.connect(
            lambda: QToolTip.showText(help_button.mapToGlobal(help_button.rect().bottomLeft()), help_button.toolTip())
        )
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(title)
        row.addWidget(help_button)
        row.addWidget(self._subtitle, 1)
        return row
