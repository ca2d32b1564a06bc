"""The line that says what is changed inside the pass, and the menu that offers it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QInputDialog, QLabel, QMenu, QPushButton, QWidget

from rnnviz.domain.intervention import ChangeInput, ChangeToken, ClampGate, Intervention, SetInitial, ZeroUnit
from rnnviz.drawing.items import visible_token
from rnnviz.tracks.track import Offer

DECIMALS = 4
TITLE = "Change the pass"  # short: window managers cut it off
ABOUT = "Influence, causes, output and the history are those of the pass without them."
MOST = 4  # interventions that are told one by one


class InterventionBar(QFrame):
    """Shown while something is changed."""

    reset_wished = Signal()
    changes_toggled = Signal(bool)  # show what changed, or the values

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "bar")
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._changes = QCheckBox("show the difference")
        self._changes.setChecked(True)
        self._changes.setToolTip("States and gates with − without the interventions, or their values with them (V)")
        self._changes.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._changes.toggled.connect(self.changes_toggled)
        reset = QPushButton("Undo all")
        reset.setToolTip("X")
        reset.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        reset.clicked.connect(self.reset_wished)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 4, 14, 4)
        row.addWidget(self._text, 1)
        row.addWidget(self._changes)
        row.addWidget(reset)
        self.hide()

    def show_interventions(self, interventions: Sequence[Intervention]) -> None:
        """Say what is changed; nothing hides the bar."""
        words = [in_words(intervention) for intervention in interventions]
        more = [f"and {len(words) - MOST} more"] if len(words) > MOST else []
        told = "; ".join([*words[:MOST], *more])
        self._text.setText(f"Changed inside the displayed pass, not in the training: {told}.")
        self._text.setToolTip("\n".join([*words, ABOUT]))
        self.setVisible(bool(interventions))

    def toggle_changes(self) -> None:
        """Show the difference, or the values; without interventions there is none."""
        if self.isVisible():
            self._changes.toggle()


def in_words(intervention: Intervention) -> str:
    """“forget gate held at 0 in layer 1”."""
    match intervention:
        case ClampGate(gate, value, unit, token):
            name = gate if gate == "candidate" else f"{gate} gate"
            what = f"{name} of {_of_unit(unit)} held at {value:g}{_at_token(token)}"
        case ZeroUnit(unit, token):
            what = f"unit {unit} zeroed{_at_token(token) or ' after every token'}"
        case ChangeToken(token, label):
            return f"“{visible_token(label)}” read at token {token}"
        case ChangeInput(token, _):
            return f"another input at token {token}"
        case SetInitial(value, unit):
            what = f"h₀ of {_of_unit(unit)} = {value:g}"
    back = " (backward)" if intervention.direction == "backward" else ""
    return f"{what} in layer {intervention.layer + 1}{back}"


def offer_menu(offers: Sequence[Offer], take: Callable[[Offer], None], parent: QWidget) -> QMenu:
    """Return a menu of ``offers`` that deletes itself; the chosen one is given to ``take``.

    Where there are several groups each is a menu of its own.
    """
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    groups = dict.fromkeys(sorted((offer.group for offer in offers), key=bool))  # those without a group first
    for group in groups:
        inside = menu.addMenu(f"Hold {group}") if group and len(groups) > 1 else menu
        for offer in (offer for offer in offers if offer.group == group):
            inside.addAction(offer.words).triggered.connect(lambda _=False, chosen=offer: take(chosen))
    return menu


def answered(offer: Offer, labels: Sequence[str], parent: QWidget) -> Intervention | None:
    """Ask what ``offer`` needs to know; None when the user cancels."""
    match offer.asks:
        case "a number":
            value, given = QInputDialog.getDouble(parent, TITLE, offer.words, 0.0, -1e6, 1e6, DECIMALS)
            return offer.make(value) if given else None
        case "a token":
            shown = [visible_token(label) for label in labels]
            word, given = QInputDialog.getItem(parent, TITLE, offer.words, shown, 0, editable=False)
            return offer.make(labels[shown.index(word)]) if given else None
    return offer.make(None)


def _of_unit(unit: int | None) -> str:
    return "all units" if unit is None else f"unit {unit}"


def _at_token(token: int | None) -> str:
    return "" if token is None else f" at token {token}"
