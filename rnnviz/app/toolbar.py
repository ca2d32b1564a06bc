"""The bar at the top: train, one update, reset, tempo, clipping, and how the training stands."""

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QSizePolicy, QToolButton

from rnnviz.app.editors import AdaptiveSpinBox
from rnnviz.app.focus import Switch
from rnnviz.app.icons import icon
from rnnviz.config import RunConfig
from rnnviz.domain.run import RunFacts
from rnnviz.drawing.theme import Theme
from rnnviz.state.session import Session

NOT_IN_A_RECORDING = "A recording was trained elsewhere: nothing of it can be changed"
TEMPI = {"full speed": 0.0, "slow 5/s": 0.2, "slow 1/s": 1.0, "one in 3 s": 3.0}  # seconds from update to update


class Toolbar(QFrame):
    """Emits wishes; shows what is in force."""

    train_wished = Signal()
    update_wished = Signal()
    reset_wished = Signal()
    back_wished = Signal()
    pause_chosen = Signal(float)  # seconds between updates
    change_wished = Signal(str, object)
    theme_wished = Signal()
    help_wished = Signal()
    sub_step_wished = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "bar")
        self._config = RunConfig()
        self._clip_mode = "norm"  # what switching on returns to
        self._running = self._recorded = False
        self.view_menu, self.fork_menu, self.export_menu = QMenu(self), QMenu(self), QMenu(self)
        for menu in (self.view_menu, self.fork_menu, self.export_menu):
            menu.setToolTipsVisible(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 14, 8)
        row.setSpacing(5)
        self._build_running(row)
        self._build_clipping(row)
        self._build_status(row)
        changing = [self._clip, self._mode, self._threshold, *(self._buttons[name] for name in ("reset", "fork"))]
        self._about = {widget: widget.toolTip() for widget in changing}
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Draw the icons in other colours."""
        self._theme = theme
        for name, button in self._buttons.items():
            button.setIcon(icon(name, theme))
        self.show_running(running=self._running)

    def show_running(self, *, running: bool) -> None:
        """Say what the primary button will do."""
        self._running = running
        self._train.setText("Pause" if running else "Follow" if self._recorded else "Train")
        self._train.setIcon(icon("pause" if running else "train", self._theme, on_amber=True))

    def show_recorded(self, *, recorded: bool) -> None:
        """Of a recording there is nothing to set: what would is disabled and says why."""
        self._recorded = recorded
        for widget, about in self._about.items():
            widget.setEnabled(not recorded)
            widget.setToolTip(NOT_IN_A_RECORDING if recorded else about)
        self._train.setToolTip("Follow the recording, or pause (Space)" if recorded else "Train or pause (Space)")
        self._buttons["update"].setToolTip("The next update of the recording (U)" if recorded else "One update (U)")
        self.show_running(running=self._running)

    def show_config(self, config: RunConfig) -> None:
        """Show the clipping in force."""
        self._config = config
        on = config.clip != "off"
        if on:
            self._clip_mode = config.clip
        with QSignalBlocker(self._clip), QSignalBlocker(self._mode), QSignalBlocker(self._threshold):
            self._clip.setChecked(on)
            self._mode.setCurrentText(self._clip_mode)
            self._threshold.setValue(config.threshold)
        self._mode.setEnabled(on and not self._recorded)
        self._threshold.setEnabled(on and not self._recorded)

    def show_status(self, session: Session) -> None:
        """“update 160 · 189/s”, and under it “loss 0.051”: there is no room for longer lines in a narrow window."""
        last = session.history.last
        self._buttons["back"].setEnabled(session.can_go_back)
        if session.nothing_to_run:
            self._status.setText("no run")
        elif session.facts is None:
            self._status.setText("loading torch,\nbuilding the network …")
        elif session.fixed:
            self._status.setText(f"not trained here\n{session.facts.parameters:,} parameters")
        elif last is None:
            self._status.setText(_before_the_first_update(session.facts))
        else:
            pace = f"{session.updates_per_second:.0f}/s" if session.running else "paused"
            self._status.setText(f"update {last.update} · {pace}\nloss {last.loss:.4g}")
            self._status.setToolTip(_about_the_loss(session.facts.unit))

    def toggle_clipping(self) -> None:
        """Switch clipping on, the way it was on before, or off."""
        self._clip.toggle()

    def show_export_menu(self) -> None:
        """Open the menu of what can be taken away."""
        self._buttons["export"].showMenu()

    def next_tempo(self) -> None:
        """Go on to the next slower tempo, from the slowest to full speed."""
        self._tempo.setCurrentIndex((self._tempo.currentIndex() + 1) % self._tempo.count())

    def _on_clip_toggled(self, on: bool) -> None:  # noqa: FBT001  # connected to a signal
        self.change_wished.emit("clip", self._clip_mode if on else "off")

    def _build_running(self, row: QHBoxLayout) -> None:
        logo = QLabel("rnnviz")
        logo.setProperty("role", "logo")
        self._train = QPushButton("Train")
        self._train.setProperty("role", "primary")
        self._train.setMinimumWidth(84)
        self._train.setToolTip("Train or pause (Space)")
        self._train.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._train.clicked.connect(self.train_wished)
        self._buttons: dict[str, QToolButton] = {}
        row.addWidget(logo)
        row.addSpacing(8)
        row.addWidget(self._train)
        self._add_button(row, "update", "One update (U)", self.update_wished)
        self._add_button(row, "reset", "Begin this run anew (R)", self.reset_wished)
        self._add_button(row, "back", "Back to the run before, as it was left (Ctrl+Z)", self.back_wished)
        self._add_button(row, "sub_steps", "Sub-steps: forward, loss, backward, clip, update (.)", self.sub_step_wished)
        self._tempo = QComboBox()
        self._tempo.addItems(list(TEMPI))
        self._tempo.setToolTip("Tempo: full speed or slow motion (S)")
        self._tempo.setAccessibleName("Tempo")
        self._tempo.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._tempo.currentTextChanged.connect(lambda name: self.pause_chosen.emit(TEMPI[name]))
        row.addWidget(self._tempo)

    def _build_clipping(self, row: QHBoxLayout) -> None:
        self._clip = Switch("Clip")
        self._clip.setToolTip("Gradient clipping on or off (C)")
        self._clip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._clip.toggled.connect(self._on_clip_toggled)
        self._mode = QComboBox()
        self._mode.addItems(["norm", "value"])
        self._mode.setToolTip(f"<p>{RunConfig.model_fields['clip'].description}</p>")
        self._mode.setAccessibleName("Clip by")
        self._mode.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._mode.activated.connect(lambda _: self.change_wished.emit("clip", self._mode.currentText()))
        self._threshold = AdaptiveSpinBox(1e-12, 1e6)
        self._threshold.setPrefix("≤ ")
        self._threshold.setToolTip(f"<p>{RunConfig.model_fields['threshold'].description}</p>")
        self._threshold.setAccessibleName("Clipping threshold")
        self._threshold.setMinimumWidth(76)
        self._threshold.valueChanged.connect(lambda value: self.change_wished.emit("threshold", value))
        row.addSpacing(6)
        for widget in (self._clip, self._mode, self._threshold):
            row.addWidget(widget)
        self._add_button(row, "fork", "What would have happened otherwise: fork, compare cells, lessons (F)", None)
        self._buttons["fork"].setMenu(self.fork_menu)
        self._buttons["fork"].setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _build_status(self, row: QHBoxLayout) -> None:
        self._status = QLabel()
        self._status.setProperty("role", "muted")
        self._status.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._status.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._status.setMinimumWidth(150)
        row.addWidget(self._status, 1)
        self._add_button(row, "export", "Take it away: session, pictures, numbers, film, program (Ctrl+E)", None)
        self._buttons["export"].setMenu(self.export_menu)
        self._buttons["export"].setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._add_button(row, "view", "What is shown", None)
        self._buttons["view"].setMenu(self.view_menu)
        self._buttons["view"].setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._add_button(row, "theme", "Dark or light (D)", self.theme_wished)
        self._add_button(row, "help", "Keys, and how to read each view (?)", self.help_wished)

    def _add_button(self, row: QHBoxLayout, name: str, about: str, wish: object, text: str = "") -> None:
        button = QToolButton()
        button.setToolTip(about)
        button.setAccessibleName(about)
        button.setIconSize(QSize(17, 17))
        button.setText(text)
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if text else Qt.ToolButtonStyle.ToolButtonIconOnly
        button.setToolButtonStyle(style)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if wish is not None:
            button.clicked.connect(wish)
        self._buttons[name] = button
        row.addWidget(button)


def _about_the_loss(unit: str) -> str:
    """There is no room for the unit beside the number."""
    if not unit:  # of somebody's own loop
        return "The newest update, and how many there are a second; the loss that it differentiated"
    return f"The newest update, and how many there are a second; the mean loss of its batch before the step, in {unit}"


def _before_the_first_update(facts: RunFacts) -> str:
    """Two short lines: there is no room for long ones."""
    if facts.frozen:
        return f"{facts.parameters:,} learned\n{facts.frozen:,} frozen"
    return f"no update yet\n{facts.parameters:,} parameters"
